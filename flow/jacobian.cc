// Mean, variance, ends and atoms of the Jacobian's spectrum, and what is known at finite width.
// SPDX-License-Identifier: Apache-2.0
#include <gradkeep/jacobian.h>

#include <algorithm>
#include <cmath>
#include <string>

#include "flow/numbers.h"
#include "flow/spectrum.h"

namespace gradkeep {
namespace flow {
namespace {

// How near to the slopes' end an edge is looked for.
constexpr double kNearest = 1e-14;
constexpr double kLeastAtom = 1e-12;

// Where the slope of lambda is 0, between an s where it is negative and one where it is positive.
template <class F>
double zero_of(const F& slope, double negative, double positive) {
  for (int i = 0; i < 60; ++i) {
    const double middle = (negative + positive) / 2;
    (slope(middle) < 0 ? negative : positive) = middle;
  }
  return positive;
}

// The share of products of L slopes whose factors all are an atom of weight p.
double power_weight(double p, double layers) { return 1 - layers * (1 - p); }

End at_slopes_end(const SlopeLaw& law, const SpectrumMap& map, double d, double beside) {
  const double p = law.weight_at(d);
  if (!map.gaussian && power_weight(p, map.layers) > kLeastAtom) {
    return {map.layers * std::log(d), SpectrumEdge::atom};
  }
  if (map.layers == 1 && !map.gaussian) return {std::log(d), SpectrumEdge::slopes};
  return {real_point(law, map, beside).log_lambda, SpectrumEdge::slopes};
}

}  // namespace

RealPoint real_point(const SlopeLaw& law, const SpectrumMap& map, double t) {
  const SlopeLaw::Transform at = law.at(t);
  const double z = at.z.real(), rest = at.rest.real();
  double out = map.layers * std::log(std::abs(t)) + map.z_power() * std::log(std::abs(z / rest));
  if (map.gaussian) out += map.layers * std::log(std::abs(rest));
  return {out, map.slope(z, at.ratio.real()), rest};
}

namespace {

// The end that belongs to t from next to a slope d outwards, t = d (1 + e^s)^side.
End end_beyond(const SlopeLaw& law, const SpectrumMap& map, double d, double side) {
  const auto t = [&](double s) { return d * std::pow(1 + std::exp(s), side); };
  const auto slope = [&](double s) { return real_point(law, map, t(s)).slope; };
  const double nearest = std::log(kNearest);
  if (slope(nearest) >= 0) return at_slopes_end(law, map, d, t(nearest));
  double far = 0;
  while (slope(far) < 0) far += 2;
  return {real_point(law, map, t(zero_of(slope, nearest, far))).log_lambda, SpectrumEdge::root};
}

}  // namespace

End upper_end(const SlopeLaw& law, const SpectrumMap& map) {
  if (std::isinf(law.high())) return {kInfinity, SpectrumEdge::unbounded};
  return end_beyond(law, map, law.high(), 1);
}

End lower_end(const SlopeLaw& law, const SpectrumMap& map) {
  if (map.gaussian || law.low() == 0) {
    return {-kInfinity, law.weight_at(0) > 0 ? SpectrumEdge::atom : SpectrumEdge::zero};
  }
  return end_beyond(law, map, law.low(), -1);
}

std::vector<SpectrumAtom> log_atoms(const SlopeLaw& law, const SpectrumMap& map) {
  std::vector<SpectrumAtom> out;
  for (const SlopeLaw::Atom& a : law.atoms()) {
    if (a.at == 0) {
      out.push_back({-kInfinity, a.weight});
    } else if (!map.gaussian && power_weight(a.weight, map.layers) > kLeastAtom) {
      out.push_back({map.layers * std::log(a.at), power_weight(a.weight, map.layers)});
    }
  }
  return out;
}

void check(const JacobianSetting& setting) {
  if (!(setting.weight_std > 0) || std::isinf(setting.weight_std)) {
    throw Error("the weights' standard deviation is " + number(setting.weight_std) +
                ", expected a finite number above 0");
  }
  if (setting.layers < 1) {
    throw Error("layers is " + std::to_string(setting.layers) + ", expected 1 or more");
  }
}

namespace {

// Both one-sided halves straight and meeting at 0: relu, leaky_relu, the identity.
bool homogeneous(const Nonlinearity& phi) {
  const double x[] = {-0x1p100, -0x1p10, -1, -0x1p-10, -0x1p-100,
                      0x1p-100, 0x1p-10, 1,  0x1p10,   0x1p100};
  double value[10], slope[10];
  phi.evaluate(x, value, slope);
  for (int i = 0; i < 10; ++i) {
    if (value[i] != slope[i] * x[i] || slope[i] != slope[i < 5 ? 0 : 9]) return false;
  }
  return phi.at_zero() == 0 &&
         std::all_of(phi.kinks().begin(), phi.kinks().end(), [](double kink) { return kink == 0; });
}

}  // namespace
}  // namespace flow

const char* word(SpectrumEdge edge) {
  switch (edge) {
    case SpectrumEdge::root:
      return "root";
    case SpectrumEdge::atom:
      return "atom";
    case SpectrumEdge::slopes:
      return "slopes";
    case SpectrumEdge::zero:
      return "zero";
    case SpectrumEdge::unbounded:
      return "unbounded";
  }
  return "";
}

double critical_weight_std(const Nonlinearity& phi, double q) {
  return 1 / std::sqrt(flow::SlopeLaw(phi, q).unit());
}

JacobianSpectrum jacobian_spectrum(const Nonlinearity& phi, const JacobianSetting& setting) {
  flow::check(setting);
  const flow::SlopeLaw law(phi, setting.q);
  const flow::SpectrumMap map{static_cast<double>(setting.layers),
                              setting.weights == Weights::gaussian};
  JacobianSpectrum out;
  out.chi_1 = setting.weight_std * setting.weight_std * law.unit();
  out.mean = std::pow(out.chi_1, map.layers);
  const double of_weights = map.gaussian ? 1 : 0;
  out.variance = map.layers * (law.spread() + of_weights) * out.mean * out.mean;
  const double log_mean = map.layers * std::log(out.chi_1);
  const auto value = [&](double log_lambda) {
    const double beside = std::exp(log_lambda) * out.mean;  // more exact, but for its range
    return std::isnormal(beside) ? beside : std::exp(log_lambda + log_mean);
  };
  const flow::End low = flow::lower_end(law, map), high = flow::upper_end(law, map);
  out.lambda_min = value(low.log_lambda);
  out.lambda_max = value(high.log_lambda);
  out.low = low.edge;
  out.high = high.edge;
  for (const SpectrumAtom& a : flow::log_atoms(law, map)) {
    out.atoms.push_back({value(a.at), a.weight});
  }
  return out;
}

LogNormal jacobian_log_norm(const Nonlinearity& phi, const JacobianSetting& setting,
                            std::span<const double> widths) {
  flow::check(setting);
  if (widths.size() != 1 && static_cast<std::int64_t>(widths.size()) != setting.layers) {
    throw Error("there are " + std::to_string(widths.size()) +
                " widths, expected one, or one for " + "each of " + std::to_string(setting.layers) +
                " layers");
  }
  const flow::SlopeLaw law(phi, setting.q);
  double beta = 0, log_ratio = 0;
  for (const double n : widths) {
    if (!(n >= 1)) throw Error("a width is " + std::to_string(n) + ", expected 1 or more");
    const double one = setting.weights == Weights::gaussian ? (3 * law.spread() + 2) / n
                                                            : 3 * law.spread() / (n + 2);
    const double times = widths.size() == 1 ? static_cast<double>(setting.layers) : 1;
    beta += times * one;
    log_ratio += times * std::log1p(one);
  }
  const double chi_1 = setting.weight_std * setting.weight_std * law.unit();
  LogNormal out;
  out.mean = -beta / 2 + static_cast<double>(setting.layers) * std::log(chi_1);
  out.variance = beta;
  out.moment_ratio = std::exp(log_ratio);
  out.homogeneous = flow::homogeneous(phi);
  return out;
}

double jacobian_worst_case(const Nonlinearity& phi, const JacobianSetting& setting) {
  flow::check(setting);
  const flow::SlopeLaw law(phi, setting.q);
  const double norm = (setting.weights == Weights::gaussian ? 2 : 1) * setting.weight_std;
  return std::pow(norm * std::sqrt(law.unit() * law.high()), static_cast<double>(setting.layers));
}

}  // namespace gradkeep
