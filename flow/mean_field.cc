// The two maps and their fixed points, the roots of V(q)/q - 1 over log q (survey.h): round-off near a
// map that hugs the diagonal is not taken for roots.
// SPDX-License-Identifier: Apache-2.0
#include <gradkeep/mean_field.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <numbers>
#include <optional>
#include <string>

#include "flow/averages.h"
#include "flow/numbers.h"
#include "flow/pairs.h"
#include "flow/root.h"
#include "flow/survey.h"

namespace gradkeep {
namespace {

using flow::number;
using flow::square;

using flow::kHigh;
using flow::kLow;
// Further out double overflows.
constexpr double kFarthest = 600;
using flow::kRounding;

void check(const WeightScale& scale) {
  for (const auto& [v, name] :
       {std::pair(scale.weight_std, "weight_std"), std::pair(scale.bias_std, "bias_std")}) {
    if (!(v >= 0) || std::isinf(v)) {
      throw Error(std::string("the standard deviation ") + name + " is " + number(v) +
                  ", expected a finite number, 0 or more");
    }
  }
}

}  // namespace

struct MeanField::Shared : flow::Averaged {
  using flow::Averaged::Averaged;
};

std::string_view text(FixedPointStatus status) {
  switch (status) {
    case FixedPointStatus::stable:
      return "stable";
    case FixedPointStatus::unstable:
      return "unstable";
    case FixedPointStatus::zero:
      return "zero";
    case FixedPointStatus::marginal:
      return "marginal";
    case FixedPointStatus::diverging:
      return "diverging";
    case FixedPointStatus::whole_line:
      return "whole line";
  }
  return "";
}

MeanField::MeanField(Nonlinearity phi) : shared_(std::make_shared<Shared>(std::move(phi))) {}

const Nonlinearity& MeanField::phi() const { return shared_->phi(); }

MeanField::Averages MeanField::averages(double q) const { return shared_->at(q, std::log(q)); }

PairMoments MeanField::pair_averages(double q, double c) const {
  const bool kept =
      std::abs(c) <= 1 && std::abs(std::log(q)) <= kHigh && averages(q).phi2 < kInfinity;
  return kept ? shared_->pairs(q).at(c) : pair_moments(phi(), q, c);
}

double MeanField::length(double q, const WeightScale& scale) const {
  check(scale);
  return square(scale.weight_std) * averages(q).phi2 + square(scale.bias_std);
}

double MeanField::length_slope(double q, const WeightScale& scale) const {
  check(scale);
  if (q == 0) return square(scale.weight_std) * phi().mean_square_slope_at_zero();
  return square(scale.weight_std) * averages(q).z_phi_dphi / std::sqrt(q);
}

double MeanField::correlation(double q, double c, const WeightScale& scale) const {
  const double w = square(scale.weight_std), b = square(scale.bias_std);
  const double next = length(q, scale);
  return std::clamp((w * pair_averages(q, c).phi_phi + b) / next, -1.0, 1.0);
}

namespace {

// Everything about a fixed point that follows from chi_1 and V'.
void add_scales(FixedPoint& p) {
  p.xi_q = flow::depth_scale(p.length_slope);
  p.xi_c = flow::depth_scale(p.correlation_slope);
  p.xi_grad = flow::depth_scale(p.chi_1);
}

// The fixed point of the correlation map that attracts: 1 unless chi_1 > 1, and then the one below,
// where what is lost of the likeness, w q (1 - c) times the mean of E phi'(u) phi'(v) from c to 1,
// balances 1 - c.
void add_correlation(flow::Averaged& averaged, double w, FixedPoint& p) {
  p.correlation_slope = p.chi_1;
  if (!(p.chi_1 > 1 + kRounding)) return;
  if (const auto near = flow::nearly_alike(averaged.phi(), p.q, w)) {
    p.one_minus_c_star = near->one_minus_c;
    p.c_star = 1 - near->one_minus_c;
    p.correlation_slope = near->slope;
    return;
  }
  const flow::Pairs pairs = averaged.pairs(p.q);
  const auto excess = [&](double theta) { return w * pairs.mean_slope_product(theta) - 1; };
  const double right = std::numbers::pi / 2, at_right = excess(right);
  // From a jump's infinite chi_1 a finite one is as far as the search needs.
  const double at_left = std::min(p.chi_1, 1e6) - 1;
  const double theta =
      at_right >= -kRounding ? right : flow::root(excess, 0, right, at_left, at_right);
  p.one_minus_c_star = theta == right ? 1 : 2 * square(std::sin(theta / 2));
  p.c_star = theta == right ? 0 : std::cos(theta);
  p.correlation_slope = w * pairs.at(p.c_star).dphi_dphi;
}

}  // namespace

std::vector<FixedPoint> MeanField::fixed_points(const WeightScale& scale) const {
  check(scale);
  const double w = square(scale.weight_std), b = square(scale.bias_std);
  const Nonlinearity& f = phi();
  const bool through_zero = b == 0 && (w == 0 || f.at_zero() == 0);
  const double nan = std::numeric_limits<double>::quiet_NaN();

  const flow::Surveyed excess = [&](double u) {
    return flow::LengthTerms(u, shared_->at(std::exp(u), u)).excess(w, b);
  };
  // V(q) >= b: no fixed point lies below. Without biases V(q) is about w phi(0)^2 down there.
  const double at_zero = w * square(f.at_zero());
  const double from = b > 0         ? std::log(b) - 0.1
                      : at_zero > 0 ? std::min(kLow, std::log(at_zero) - 1)
                                    : kLow;
  const double far_slope = w * f.mean_square_slope_at_infinity();
  const double end = flow::highest(f);
  if (from > end) {
    throw Error("bias_std is " + number(scale.bias_std) + ", expected at most " +
                number(std::exp(end / 2)) + " for " + f.name());
  }
  // Below its grid a survey asks for every point.
  std::vector<flow::SurveyPoint> points;
  if (from < kLow) {
    points = flow::survey(excess, from, kLow);
    points.pop_back();
  }
  const auto grid = shared_->grid(from, end);
  points.reserve(points.size() + grid.size());
  for (const flow::LengthTerms& terms : grid) points.push_back(terms.excess(w, b));
  points = flow::with_turns(excess, points);
  const flow::SurveyPoint& farthest = points.back();
  // Falling like 1/q: V hardly grows any more, and the fixed point lies where nobody can look.
  if (std::isnan(far_slope) && farthest.sign() > 0 &&
      farthest.slope < -0.5 * (1 + farthest.value)) {
    throw Error("weight_std is " + number(scale.weight_std) + ", too large for " + f.name() +
                ", whose oscillation cannot be followed beyond q = " + number(std::exp(end)));
  }
  // What grows slower than q comes back to it, however late.
  while (points.back().sign() > 0 && std::isfinite(points.back().value) &&
         far_slope < 1 - kRounding && points.back().u < kFarthest) {
    const auto more = flow::survey(excess, points.back().u, points.back().u + kHigh);
    points.insert(points.end(), more.begin(), more.end());
  }

  std::vector<FixedPoint> out;
  if (through_zero) {
    const int sign = flow::first_sign(points);
    const double slope = w * f.mean_square_slope_at_zero();
    FixedPoint zero;
    zero.chi_1 = zero.length_slope = zero.correlation_slope = slope;
    if (sign == 0) {
      zero.q = nan;
      zero.status = FixedPointStatus::whole_line;
    } else if (std::abs(slope - 1) <= kRounding) {
      zero.status = FixedPointStatus::marginal;
      zero.attracting = sign < 0;
    } else {
      zero.status = slope < 1 ? FixedPointStatus::zero : FixedPointStatus::unstable;
      zero.attracting = slope < 1;
    }
    if (slope > 1 + kRounding) zero.c_star = zero.one_minus_c_star = zero.correlation_slope = nan;
    add_scales(zero);
    out.push_back(zero);
  }
  for (const flow::Crossing& crossing : flow::crossings(excess, points)) {
    FixedPoint p;
    p.q = std::exp(crossing.u);
    p.status = crossing.before == crossing.after ? FixedPointStatus::marginal
               : crossing.after < 0              ? FixedPointStatus::stable
                                                 : FixedPointStatus::unstable;
    p.attracting = p.status != FixedPointStatus::unstable;
    const Averages a = averages(p.q);
    p.chi_1 = w * a.dphi2;
    p.length_slope = w * a.z_phi_dphi / std::sqrt(p.q);
    add_correlation(*shared_, w, p);
    add_scales(p);
    out.push_back(p);
  }
  if (flow::last_sign(points) > 0) {
    FixedPoint far;
    far.q = kInfinity;
    far.status = FixedPointStatus::diverging;
    far.chi_1 = far.length_slope = far_slope;
    // Far out phi is two half lines, and one layer's correlation map has slope 1 at c = 1.
    const bool straight = std::isfinite(far.chi_1) && far.chi_1 > 0;
    far.correlation_slope = straight ? 1 : nan;
    if (!straight) far.c_star = far.one_minus_c_star = nan;
    add_scales(far);
    out.push_back(far);
  }
  return out;
}

std::vector<LayerPrediction> MeanField::propagate(int layers, const WeightScale& scale,
                                                  double input_variance,
                                                  double input_correlation) const {
  check(scale);
  if (layers < 0) throw Error("layers is " + std::to_string(layers) + ", expected 0 or more");
  const double w = square(scale.weight_std), b = square(scale.bias_std);
  if (!(input_variance >= 0) || std::isinf(input_variance)) {
    throw Error("the input's variance is " + number(input_variance) +
                ", expected a finite number, 0 or more");
  }
  if (!(input_correlation >= -1 && input_correlation <= 1)) {
    throw Error("the inputs' correlation is " + number(input_correlation) +
                ", expected a number from -1 to 1");
  }
  std::vector<LayerPrediction> out;
  double q = w * input_variance + b;
  double c = q > 0 ? (w * input_variance * input_correlation + b) / q : 1;
  std::optional<const flow::Pairs> pairs;
  double pairs_q = 0;
  for (int layer = 0; layer < layers; ++layer) {
    const bool finite = std::isfinite(q);
    out.push_back({q, c, w * (finite ? averages(q).dphi2 : phi().mean_square_slope_at_infinity())});
    if (!finite || layer + 1 == layers) continue;
    const double next = length(q, scale);
    if (c < 1 && q > 0 && next > 0 && std::isfinite(next)) {
      // Beyond the series phi is two half lines, and the likeness of its values that of any q.
      const double near_q = std::min(q, std::exp(kHigh));
      if (!pairs || std::abs(near_q - pairs_q) > kRounding * near_q) {
        pairs.emplace(shared_->pairs(pairs_q = near_q));
      }
      const double likeness = pairs->phi2() > 0 ? pairs->at(c).phi_phi / pairs->phi2() : 1;
      c = std::clamp(((next - b) * likeness + b) / next, -1.0, 1.0);
    }
    q = next;
  }
  return out;
}

}  // namespace gradkeep
