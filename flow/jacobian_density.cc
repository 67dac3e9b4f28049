// The density of the Jacobian's spectrum. A squared singular value lambda + i0 is looked for as the
// image of a point t of the upper half plane; there is exactly one, and the density is
// -Im z / (pi lambda). With arg t in (0, pi) the arguments of z and 1 + z lie in (-pi, 0), so that
// logarithms know which of lambda's L roots is meant.
//
// From a neighbour's t Newton's method nearly always gets there. Where it does not, lambda starts on
// the negative axis, where t is real and negative and ln |lambda| rises with ln |t|, and turns about 0
// to the positive axis, through a half plane that holds no singularity.
// SPDX-License-Identifier: Apache-2.0
#include <gradkeep/jacobian.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <optional>
#include <string>

#include "flow/spectrum.h"

namespace gradkeep {
namespace flow {
namespace {

constexpr double kPi = std::numbers::pi;
constexpr double kDrawn = 6.5;  // standard deviations; 8e-11 lies beyond
// How far above the axis lambda is taken, of the width of the spectrum.
constexpr double kAbove = 1e-9;
// What rounding leaves of ln(lambda), a layer, and how much of it a spectrum must span to have a shape.
constexpr double kRounding = 1e-13, kShapeless = 1e5;
constexpr double kBelow = 1e-9;  // the share that may lie under the grid
constexpr double kReal = 1e-6;
constexpr double kLeastLog = -512;  // a slope squared is not told from 0 much below e^this
constexpr int kFewest = 200, kMost = 6400;
constexpr double kGood = 1e-5, kFair = 1e-3;

// Follows t along a path of targets for ln(lambda).
class Walk {
 public:
  Walk(const SlopeLaw& law, const SpectrumMap& map, double above)
      : law_(law), map_(map), above_(above), atoms_(log_atoms(law, map)) {}

  // Of ln(lambda), atoms apart: -Im z / pi.
  double density(double u) {
    if (!newton({u, above_}, 40) && !turn(u)) {
      throw Error("the spectrum's density could not be followed to ln(lambda) = " +
                  std::to_string(u));
    }
    Complex z = z_;
    for (const SpectrumAtom& a : atoms_) {
      if (std::isfinite(a.at)) z -= a.weight / (std::exp(Complex(u - a.at, above_)) - 1.0);
    }
    return std::max(0.0, -z.imag() / kPi);
  }
  // Whether u lies in a gap, where t is real.
  bool empty(double u) {
    density(u);
    return log_t_.imag() < kReal;
  }

 private:
  bool newton(Complex target, int most) {
    Complex log_t = log_t_;
    const double tolerance = 1e-3 * target.imag() + 1e-14 * map_.layers;
    for (int i = 0; i < most; ++i) {
      const SlopeLaw::Transform at = law_.at(std::exp(log_t));
      const Complex value = map_.layers * log_t + map_.z_power() * std::log(at.z) +
                            map_.rest_power() * std::log(at.rest);
      const Complex miss = value - target;
      if (!std::isfinite(miss.real()) || !std::isfinite(miss.imag())) return false;
      if (std::abs(miss) <= tolerance) {
        log_t_ = log_t;
        z_ = at.z;
        return true;
      }
      Complex step = -miss / map_.slope(at.z, at.ratio);
      if (std::abs(step) > 1) step /= std::abs(step);
      Complex next = log_t + step;
      if (next.imag() <= 0) next.imag(log_t.imag() / 2);
      if (next.imag() >= kPi) next.imag((log_t.imag() + kPi) / 2);
      log_t = next;
    }
    return false;
  }

  // To u from the negative axis.
  bool turn(double u) {
    double low = -1, high = 1;
    const auto at = [&](double log_size) {
      return real_point(law_, map_, -std::exp(log_size)).log_lambda;
    };
    while (at(low) > u) low *= 2;
    while (at(high) < u) high *= 2;
    for (int i = 0; i < 60; ++i) {
      const double middle = (low + high) / 2;
      (at(middle) < u ? low : high) = middle;
    }
    log_t_ = {high, kPi * (1 - 1e-6)};
    double angle = kPi, factor = 0.7;
    while (angle > above_) {
      const double next = std::max(above_, angle * factor);
      if (newton({u, next}, 12)) {
        angle = next;
        factor = std::max(0.3, factor * 0.95);
      } else {
        factor = std::sqrt(factor);
        if (factor > 1 - 1e-6) return false;
      }
    }
    return true;
  }

  const SlopeLaw& law_;
  const SpectrumMap& map_;
  double above_;
  std::vector<SpectrumAtom> atoms_;
  Complex log_t_{0, kPi / 2}, z_;
};

struct Range {
  double low, high;
};

// The u under which at most kBelow of the spectrum lies, besides an atom at 0: on the negative axis
// 1 + z = E x / (x + lambda), which is at least half the share of lambda <= x.
double lower_reach(const SlopeLaw& law, const SpectrumMap& map) {
  const double at_zero = law.weight_at(0);
  const auto share = [&](double log_size) {
    return real_point(law, map, -std::exp(log_size)).rest - at_zero;
  };
  double low = -1, high = 0;
  while (share(low) > kBelow / 2 && low > kLeastLog) low *= 2;
  for (int i = 0; i < 40; ++i) {
    const double middle = (low + high) / 2;
    (share(middle) < kBelow / 2 ? low : high) = middle;
  }
  return real_point(law, map, -std::exp(low)).log_lambda;
}

// Without what lies empty between an atom at either end and the rest.
Range occupied(Walk& walk, Range range, bool atom_below, bool atom_above) {
  constexpr int kLooks = 100, kSteps = 50;
  const double step = (range.high - range.low) / kLooks;
  const auto trim = [&](double from, double by) {
    int looks = 0;
    while (looks < kLooks && walk.empty(from + (looks + 0.5) * by)) ++looks;
    double inside = from + (looks + 0.5) * by, outside = looks == 0 ? from : inside - by;
    for (int i = 0; i < kSteps; ++i) {
      const double middle = (inside + outside) / 2;
      (walk.empty(middle) ? outside : inside) = middle;
    }
    return outside;
  };
  if (atom_above) range.high = trim(range.high, -step);
  if (atom_below) range.low = trim(range.low, step);
  return range;
}

// Points at the middles of equal steps of an angle, of which u is the cosine: a square root at either
// end is a smooth function of it, and the plain sum converges as fast as for any.
JacobianDensity on_grid(Walk& walk, Range range, int points,
                        const std::vector<SpectrumAtom>& atoms) {
  JacobianDensity out;
  const double middle = (range.low + range.high) / 2, half = (range.high - range.low) / 2;
  out.atoms = atoms;
  for (const SpectrumAtom& a : atoms) {
    out.mean += a.weight * std::exp(a.at);
    out.square += a.weight * std::exp(2 * a.at);
  }
  std::vector<double> u(points), density(points);
  for (int k = points - 1; k >= 0; --k) {
    u[k] = middle - half * std::cos(kPi * (k + 0.5) / points);
    density[k] = walk.density(u[k]);
  }
  for (int k = 0; k < points; ++k) {
    const double cell = density[k] * half * std::sin(kPi * (k + 0.5) / points) * kPi / points;
    out.share.push_back(out.mass + cell / 2);
    out.mass += cell;
    out.mean += cell * std::exp(u[k]);
    out.square += cell * std::exp(2 * u[k]);
  }
  out.u = std::move(u);
  out.density = std::move(density);
  return out;
}

}  // namespace
}  // namespace flow

double JacobianDensity::quantile(double wanted) const {
  const auto continuous = [&](double at) {
    const auto i = static_cast<std::size_t>(std::upper_bound(u.begin(), u.end(), at) - u.begin());
    return i == 0 ? 0 : share[i - 1];
  };
  double in_atoms = 0;
  for (const SpectrumAtom& a : atoms) {
    const double before = continuous(a.at) + in_atoms;
    if (wanted < before) break;
    if (wanted <= before + a.weight) return a.at;
    in_atoms += a.weight;
  }
  if (u.empty()) return atoms.empty() ? 0 : atoms.back().at;
  const double rest = wanted - in_atoms;
  const auto i =
      static_cast<std::size_t>(std::lower_bound(share.begin(), share.end(), rest) - share.begin());
  if (i == 0) return u.front();
  if (i == share.size()) return u.back();
  return u[i - 1] + (u[i] - u[i - 1]) * (rest - share[i - 1]) / (share[i] - share[i - 1]);
}

JacobianDensity jacobian_density(const Nonlinearity& phi, const JacobianSetting& setting) {
  flow::check(setting);
  const flow::SlopeLaw law(phi, setting.q, flow::kDrawn);
  const flow::SpectrumMap map{static_cast<double>(setting.layers),
                              setting.weights == Weights::gaussian};
  const std::vector<SpectrumAtom> atoms = flow::log_atoms(law, map);
  double continuous = 1;
  for (const SpectrumAtom& a : atoms) continuous -= a.weight;
  const flow::End low = flow::lower_end(law, map), high = flow::upper_end(law, map);
  flow::Range range{low.log_lambda, high.log_lambda};
  if (continuous > flow::kBelow) range.low = std::max(range.low, flow::lower_reach(law, map));
  const double width = range.high - range.low, blur = flow::kRounding * map.layers;
  if (continuous <= flow::kBelow || width < flow::kShapeless * blur) {
    JacobianDensity out;
    out.atoms = continuous <= flow::kBelow ? atoms : std::vector<SpectrumAtom>{{0, 1}};
    out.mean = out.square = 1;
    return out;
  }
  flow::Walk walk(law, map, std::max(blur, flow::kAbove * std::min(1.0, width)));
  const bool gaps = map.layers > 1 || map.gaussian;  // t is lambda itself otherwise
  const bool atom_below = gaps && !atoms.empty() && atoms.front().at <= range.low;
  const bool atom_above = gaps && !atoms.empty() && atoms.back().at >= range.high;
  range = flow::occupied(walk, range, atom_below, atom_above);
  const double square = 1 + map.layers * (law.spread() + (map.gaussian ? 1 : 0));
  double before = kInfinity;
  for (int points = flow::kFewest;; points *= 2) {
    JacobianDensity out = flow::on_grid(walk, range, points, atoms);
    const double error = std::max(std::abs(out.mass - continuous), std::abs(out.mean - 1));
    const bool fair = std::max(error, std::abs(out.square / square - 1)) <= flow::kFair;
    if (fair && error <= flow::kGood) return out;
    if (points == flow::kMost || error > before / 2) {
      if (fair) return out;
      throw Error("the spectrum of " + std::to_string(setting.layers) + " layers of " + phi.name() +
                  " has more detail than a grid of " + std::to_string(points) + " points resolves");
    }
    before = error;
  }
}

}  // namespace gradkeep
