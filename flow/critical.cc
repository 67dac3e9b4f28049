// The critical line is found by its parameter q: chi_1 = 1 asks for weight_std^2 = 1 / E phi'^2, and a
// fixed point there for bias_std^2 = q - weight_std^2 E phi^2, which may be met never, once or often.
// SPDX-License-Identifier: Apache-2.0
#include <gradkeep/critical.h>

#include <cmath>
#include <limits>

#include "flow/numbers.h"
#include "flow/survey.h"

namespace gradkeep {
namespace {

using flow::number;
using flow::square;

constexpr double kDifference = 1e-4;

// Where f is not finite it has no sign: averages have overflowed there, or all but vanished.
flow::Surveyed with_slope(const std::function<double(double)>& f) {
  return [f](double u) -> flow::SurveyPoint {
    const double value = f(u);
    const double slope = (f(u + kDifference) - f(u - kDifference)) / (2 * kDifference);
    return std::isfinite(value) && std::isfinite(slope) ? flow::SurveyPoint{u, value, slope}
                                                        : flow::SurveyPoint{u, 0, 0};
  };
}

// Slopes that are 0 but for a share of 1e-30 of the inputs make no critical line: no network has so many
// units, and so far out in the tail rounding decides on which side of 1 a ratio lies.
constexpr double kLeastSlope = 1e-30;
constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

bool usable(const MeanField::Averages& a) {
  return a.dphi2 > kLeastSlope && std::isfinite(a.dphi2);
}

// bias_std^2 / q on the critical line.
double bias_square(const MeanField::Averages& a, double q) {
  return usable(a) ? 1 - a.phi2 / (a.dphi2 * q) : kNone;
}
double length_slope(const MeanField::Averages& a, double q) {
  return usable(a) ? a.z_phi_dphi / (std::sqrt(q) * a.dphi2) : kNone;
}

}  // namespace

std::string_view text(CriticalLine line) {
  switch (line) {
    case CriticalLine::unique:
      return "unique";
    case CriticalLine::none:
      return "none";
    case CriticalLine::degenerate:
      return "degenerate";
    case CriticalLine::several:
      return "several";
  }
  return "";
}

Criticality critical(const MeanField& field, double bias_std) {
  if (!(bias_std >= 0) || std::isinf(bias_std)) {
    throw Error("bias_std is " + number(bias_std) + ", expected a finite number, 0 or more");
  }
  const Nonlinearity& phi = field.phi();
  const flow::Surveyed excess = with_slope([&](double u) {
    const double q = std::exp(u);
    return bias_square(field.averages(q), q) - square(bias_std) / q;
  });
  const auto points = flow::survey(excess, flow::kLow, flow::highest(phi));

  Criticality out;
  const double at_zero = phi.mean_square_slope_at_zero();
  if (bias_std == 0 && phi.at_zero() == 0 && at_zero > 0 && std::isfinite(at_zero)) {
    const WeightScale scale{1 / std::sqrt(at_zero), 0};
    if (flow::first_sign(points) == 0) {
      out.line = CriticalLine::degenerate;
      out.points = {{scale.weight_std, std::numeric_limits<double>::quiet_NaN(), false, 1}};
      return out;
    }
    out.points.push_back({scale.weight_std, 0, field.fixed_points(scale).front().attracting, 1});
  }
  for (const flow::Crossing& crossing : flow::crossings(excess, points)) {
    const double q = std::exp(crossing.u);
    const MeanField::Averages a = field.averages(q);
    const double slope = length_slope(a, q);
    out.points.push_back({1 / std::sqrt(a.dphi2), q, slope < 1 - flow::kRounding, slope});
  }
  if (!out.points.empty()) {
    out.line = out.points.size() == 1 ? CriticalLine::unique : CriticalLine::several;
  }
  return out;
}

std::vector<HalfStablePoint> half_stable(const MeanField& field) {
  const flow::Surveyed excess = with_slope([&](double u) {
    const double q = std::exp(u);
    return length_slope(field.averages(q), q) - 1;
  });
  std::vector<HalfStablePoint> out;
  for (const flow::Crossing& crossing :
       flow::crossings(excess, flow::survey(excess, flow::kLow, flow::highest(field.phi())))) {
    const double q = std::exp(crossing.u);
    const MeanField::Averages a = field.averages(q);
    const double bias = q * bias_square(a, q);
    if (bias >= 0) out.push_back({1 / std::sqrt(a.dphi2), std::sqrt(bias), q});
  }
  return out;
}

namespace {

// Of averages that have phi, phi2 and dphi2.
template <class Averages>
Gains gains_of(const Averages& a, double q) {
  const double variance = a.phi2 - square(a.phi);
  const double centred = std::isinf(a.phi2)                      ? 0
                         : variance > flow::kNoVariance * a.phi2 ? std::sqrt(q / variance)
                                                                 : kInfinity;
  return {std::sqrt(q / a.phi2), 1 / std::sqrt(a.dphi2), centred};
}

void check_variance(double q) {
  if (!(q > 0)) throw Error("the variance is " + number(q) + ", expected a positive number");
}

}  // namespace

Gains gains(const Nonlinearity& phi, double q) {
  check_variance(q);
  return gains_of(moments(phi, q), q);
}

Gains gains(const MeanField& field, double q) {
  check_variance(q);
  return gains_of(field.averages(q), q);
}

}  // namespace gradkeep
