// The one-dimensional averages, and what is looked up once about a function: its slopes at 0 and far
// out, and where it jumps.
// SPDX-License-Identifier: Apache-2.0
#include <gradkeep/moments.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

#include "flow/numbers.h"
#include "flow/pairs.h"

namespace gradkeep {
namespace {

using flow::number;
using flow::square;

// So near to 0 that every function is straight on either side, and so far that a user's is taken to be
// straight again: as far as double can square. Where a user's formula has no number, from 0/0 or inf/inf,
// the next one does.
constexpr double kNear[] = {std::numeric_limits<double>::denorm_min(), 1e-150, 1e-75, 1e-30};
constexpr double kFar[] = {1e150, 1e75, 1e37, 1e18};
// A value that changes by more across a kink jumps there.
constexpr double kRounding = 1e-12;

double finite_or_infinite(double v) { return std::isfinite(v) ? v : kInfinity; }

Moments from(const Nonlinearity& phi, double s, const flow::Sampled& samples) {
  Moments m;
  m.phi = samples.mean([&](std::size_t i) { return samples.value[i]; });
  m.phi2 = samples.mean_square([&](std::size_t i) { return samples.value[i]; });
  m.dphi = samples.mean([&](std::size_t i) { return samples.slope[i]; });
  m.dphi2 = samples.mean_square([&](std::size_t i) { return samples.slope[i]; });
  m.dphi4 = samples.mean_square([&](std::size_t i) { return square(samples.slope[i]); });
  m.z_phi_dphi = samples.mean(
      [&](std::size_t i) { return samples.z[i] * samples.value[i] * samples.slope[i]; });
  for (const Nonlinearity::Jump& jump : phi.jumps()) {
    const double z = jump.at / s;
    const double density = std::exp(-0.5 * z * z) / std::sqrt(2 * std::numbers::pi) / s;
    m.dphi += (jump.above - jump.below) * density;
    m.z_phi_dphi += 0.5 * (square(jump.above) - square(jump.below)) * z * density;
    m.dphi2 = m.dphi4 = kInfinity;
  }
  for (double* v : {&m.phi, &m.phi2, &m.dphi, &m.dphi2, &m.dphi4, &m.z_phi_dphi}) {
    *v = finite_or_infinite(*v);
  }
  return m;
}

// At q = 0, where z only chooses between the two sides of 0.
Moments at_zero(const Nonlinearity& phi) {
  const double x[] = {-phi.near_zero(), phi.near_zero()};
  double value[2], slope[2];
  phi.evaluate(x, value, slope);
  Moments m;
  m.phi = phi.at_zero();
  m.phi2 = square(phi.at_zero());
  m.dphi = (slope[0] + slope[1]) / 2;
  m.dphi2 = (square(slope[0]) + square(slope[1])) / 2;
  m.dphi4 = (square(square(slope[0])) + square(square(slope[1]))) / 2;
  for (const Nonlinearity::Jump& jump : phi.jumps()) {
    if (jump.at == 0) m.dphi = m.dphi2 = m.dphi4 = kInfinity;
  }
  return m;
}

PairMoments pair_at_zero(const Nonlinearity& phi, double c) {
  const double x[] = {-phi.near_zero(), phi.near_zero()};
  double value[2], slope[2];
  phi.evaluate(x, value, slope);
  const double both = 0.25 + std::asin(c) / (2 * std::numbers::pi);  // u and v above 0
  return {square(phi.at_zero()),
          both * (square(slope[0]) + square(slope[1])) + (1 - 2 * both) * slope[0] * slope[1]};
}

double relative_difference(const Moments& a, const Moments& b, const flow::Sampled& s) {
  const double magnitude[] = {
      s.mean([&](std::size_t i) { return std::abs(s.value[i]); }),
      b.phi2,
      s.mean([&](std::size_t i) { return std::abs(s.slope[i]); }),
      b.dphi2,
      b.dphi4,
      s.mean([&](std::size_t i) { return std::abs(s.z[i] * s.value[i] * s.slope[i]); })};
  const double difference[] = {a.phi - b.phi,     a.phi2 - b.phi2,   a.dphi - b.dphi,
                               a.dphi2 - b.dphi2, a.dphi4 - b.dphi4, a.z_phi_dphi - b.z_phi_dphi};
  double worst = 0;
  for (int i = 0; i < 6; ++i) {
    if (std::isfinite(difference[i]) && difference[i] != 0)
      worst = std::max(worst, std::abs(difference[i]) / magnitude[i]);
  }
  return worst;
}

}  // namespace

Nonlinearity::Nonlinearity(const Activation& f)
    : name_(f.text()),
      evaluate_([f](std::span<const double> x, std::span<double> value, std::span<double> slope) {
        f.value_and_slope<double>(x, value, slope);
      }),
      kinks_(f.kinks()) {
  const Interval domain = f.domain();
  if (domain.low != -kInfinity || domain.high != kInfinity) {
    throw Error(name_ + " is defined on " + domain.text() +
                " only, expected a function of every real number");
  }
  add_seam();
  look();
  const Limits limits = f.limits();
  at_infinity_ = (square(limits.minus[1]) + square(limits.plus[1])) / 2;
}

Nonlinearity::Nonlinearity(std::string name, std::function<double(double)> value,
                           std::function<double(double)> slope, std::vector<double> kinks)
    : name_(std::move(name)),
      evaluate_([value = std::move(value), slope = std::move(slope)](
                    std::span<const double> x, std::span<double> y, std::span<double> dy) {
        for (std::size_t i = 0; i < x.size(); ++i) {
          y[i] = value(x[i]);
          dy[i] = slope(x[i]);
        }
      }),
      kinks_(std::move(kinks)),
      callable_(true) {
  std::sort(kinks_.begin(), kinks_.end());
  look();
}

Nonlinearity Nonlinearity::shifted(double by) const {
  Nonlinearity out = *this;
  out.name_ = name_ + " at x + " + number(by);
  out.evaluate_ = [inner = evaluate_, by](std::span<const double> x, std::span<double> value,
                                          std::span<double> slope) {
    std::vector<double> moved(x.begin(), x.end());
    for (double& v : moved) v += by;
    inner(moved, value, slope);
  };
  for (double& kink : out.kinks_) kink -= by;
  // Functions change most around their origin: panels end where that has gone.
  out.kinks_.push_back(-by);
  std::sort(out.kinks_.begin(), out.kinks_.end());
  const double at_infinity = at_infinity_;
  out.jumps_.clear();
  out.look();
  out.at_infinity_ = at_infinity;
  return out;
}

Nonlinearity Nonlinearity::raised(double by) const {
  Nonlinearity out = *this;
  out.name_ = name_ + " + " + number(by);
  out.evaluate_ = [inner = evaluate_, by](std::span<const double> x, std::span<double> value,
                                          std::span<double> slope) {
    inner(x, value, slope);
    for (double& v : value) v += by;
  };
  const double at_infinity = at_infinity_;
  out.jumps_.clear();
  out.look();
  out.at_infinity_ = at_infinity;
  return out;
}

// Where a straight half meets a bent one formulas change, and panels have to end, kink or not (isrlu).
void Nonlinearity::add_seam() {
  if (std::find(kinks_.begin(), kinks_.end(), 0.0) != kinks_.end()) return;
  const auto straight = [&](double side) {
    const double x[] = {side * 0x1p-20, side * 0x1p-5, side * 0.5, side * 4, side * 64};
    double value[std::size(x)], slope[std::size(x)];
    evaluate_(x, value, slope);
    return std::all_of(slope, slope + std::size(x), [&](double s) { return s == slope[0]; });
  };
  if (straight(-1) == straight(1)) return;
  kinks_.push_back(0);
  std::sort(kinks_.begin(), kinks_.end());
}

void Nonlinearity::look() {
  double value[2], slope[2];
  // The mean square of the slopes at the first of the places where both sides have one.
  const auto slopes = [&](std::span<const double> places, double& place) {
    for (const double at : places) {
      const double x[] = {-at, at};
      evaluate_(x, value, slope);
      place = at;
      if (!std::isnan(slope[0] + slope[1])) break;
    }
    return (square(slope[0]) + square(slope[1])) / 2;
  };
  double far = 0;
  at_zero_ = slopes(kNear, near_);
  at_infinity_ = slopes(kFar, far);
  // A slope that differs a little nearer has no limit: an oscillation.
  const double nearer[] = {0.7 * far};
  if (double there = 0; std::abs(slopes(nearer, there) - at_infinity_) > 1e-3 * at_infinity_) {
    at_infinity_ = std::numeric_limits<double>::quiet_NaN();
  }
  const double zero[] = {0};
  evaluate(zero, std::span(value, 1), std::span(slope, 1));
  value_at_zero_ = value[0];
  if (callable_ && !std::isfinite(value_at_zero_)) {
    throw Error(name_ + "(0) is " + number(value_at_zero_) + ", expected a finite number");
  }
  for (const double kink : kinks_) {
    const double sides[] = {std::nextafter(kink, -kInfinity), std::nextafter(kink, kInfinity)};
    evaluate(sides, std::span(value, 2), std::span(slope, 2));
    const double size = std::abs(value[0]) + std::abs(value[1]);
    const double run = std::abs(kink) * (std::abs(slope[0]) + std::abs(slope[1])) + 1e-300;
    if (std::abs(value[1] - value[0]) > kRounding * (size + run)) {
      jumps_.push_back({kink, value[0], value[1]});
      if (kink == 0) at_zero_ = kInfinity;
    }
  }
}

void Nonlinearity::check(std::span<const double> x, std::span<const double> value,
                         std::span<const double> slope) const {
  for (std::size_t i = 0; i < x.size(); ++i) {
    if (std::isnan(value[i]) || std::isnan(slope[i])) {
      throw Error((std::isnan(value[i]) ? "" : "the slope of ") + name_ + " at " + number(x[i]) +
                  " is no number, expected a function of every real number");
    }
  }
}

Moments moments(const Nonlinearity& phi, double q) {
  if (!(q >= 0) || std::isinf(q)) {
    throw Error("the variance is " + number(q) + ", expected a finite number, 0 or more");
  }
  const double s = std::sqrt(q);
  if (s == 0) return at_zero(phi);
  const flow::Sampled coarse = flow::sample(phi, s);
  const Moments m = from(phi, s, coarse);
  if (!phi.callable()) return m;
  const flow::Sampled fine = flow::refined(phi, s, coarse);
  Moments better = from(phi, s, fine);
  better.error = relative_difference(m, better, fine);
  return better;
}

PairMoments pair_moments(const Nonlinearity& phi, double q, double c) {
  if (!(c >= -1 && c <= 1)) {
    throw Error("the correlation is " + number(c) + ", expected a number from -1 to 1");
  }
  if (moments(phi, q).phi2 == kInfinity) return {kInfinity, kInfinity};
  return q == 0 ? pair_at_zero(phi, c) : flow::Pairs(phi, q).at(c);
}

}  // namespace gradkeep
