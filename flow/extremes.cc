// How steep a function can be, and how bent. The search trusts nothing about the function's shape:
// it samples every scale of double on both sides of every kink, most finely from 2^-64 to 2^64, then
// sharpens the best sample. Kinks, their one-sided neighbours and the limits in the tails compete by
// themselves.
// SPDX-License-Identifier: Apache-2.0
#include <gradkeep/flow.h>

#include <algorithm>
#include <cmath>
#include <string>

namespace gradkeep {
namespace {

constexpr int kOctaves = 64, kPerOctave = 24;
constexpr int kSmallest = -1074, kLargest = 1023, kPerFarOctave = 4;
// A sample beats a candidate by more than a rounding error only: in a tail that flattens towards
// its limit the samples round to that limit, yet never reach it.
constexpr double kRounding = 1e-14;

// Of the pieces between two kinks.
std::vector<double> middles(const std::vector<double>& kinks) {
  std::vector<double> out;
  for (std::size_t i = 0; i + 1 < kinks.size(); ++i) {
    out.push_back(kinks[i] / 2 + kinks[i + 1] / 2);
  }
  return out;
}

// Within the domain, whose ends are looked at from as near as kinks.
std::vector<double> samples(const std::vector<double>& kinks, const Interval& domain) {
  std::vector<double> centres{0};
  for (const double end : {domain.low, domain.high}) {
    if (std::isfinite(end) && end != 0) centres.push_back(end);
  }
  centres.insert(centres.end(), kinks.begin(), kinks.end());
  std::vector<double> x = centres;
  for (const double c : kinks) {
    x.push_back(std::nextafter(c, -kInfinity));
    x.push_back(std::nextafter(c, kInfinity));
  }
  for (const double middle : middles(kinks)) x.push_back(middle);
  const auto ring = [&](double step) {
    for (const double c : centres) {
      x.push_back(c - step);
      x.push_back(c + step);
    }
  };
  for (int k = -kOctaves * kPerOctave; k <= kOctaves * kPerOctave; ++k) {
    ring(std::exp2(static_cast<double>(k) / kPerOctave));
  }
  for (int k = kSmallest * kPerFarOctave; k <= kLargest * kPerFarOctave; ++k) {
    if (std::abs(k) > kOctaves * kPerFarOctave) {
      ring(std::exp2(static_cast<double>(k) / kPerFarOctave));
    }
  }
  std::erase_if(x, [&](double v) { return !(v > domain.low && v < domain.high); });
  std::sort(x.begin(), x.end());
  x.erase(std::unique(x.begin(), x.end()), x.end());
  return x;
}

// The input between low and high where the derivative `order` + 1 changes its sign, which the
// definition knows for the slope alone.
double sign_change(const Activation& f, double low, double high) {
  const bool low_positive = f(low, 2) > 0;
  while (true) {
    const double middle = low + (high - low) / 2;
    if (middle == low || middle == high) return middle;
    const double bend = f(middle, 2);
    if (bend == 0) return middle;
    ((bend > 0) == low_positive ? low : high) = middle;
  }
}

// Golden-section search for the greatest sign * f^(order) on [low, high].
double golden_section(const Activation& f, int order, double sign, double low, double high) {
  const double ratio = (std::sqrt(5.0) - 1) / 2;
  double a = high - ratio * (high - low), b = low + ratio * (high - low);
  double fa = sign * f(a, order), fb = sign * f(b, order);
  for (int i = 0; i < 100; ++i) {
    if (fa >= fb) {
      high = b;
      b = a;
      fb = fa;
      a = high - ratio * (high - low);
      fa = sign * f(a, order);
    } else {
      low = a;
      a = b;
      fa = fb;
      b = low + ratio * (high - low);
      fb = sign * f(b, order);
    }
  }
  return fa >= fb ? a : b;
}

// Which of two extremes tells more: the greater, then one that is reached, then the one nearer to
// 0.
bool better(const Extreme& a, const Extreme& b, double sign) {
  if (a.value != b.value) return sign * a.value > sign * b.value;
  if (a.attained != b.attained) return a.attained;
  if (std::abs(a.at) != std::abs(b.at)) return std::abs(a.at) < std::abs(b.at);
  return a.at > b.at;
}

std::vector<Extreme> candidates(const Activation& f, int order) {
  const Limits limits = f.limits();
  const Interval domain = f.domain();
  std::vector<Extreme> out{{limits.minus[order], domain.low, !domain.low_open},
                           {limits.plus[order], domain.high, !domain.high_open}};
  if (domain.contains(0)) out.push_back({f(0, order), 0, true});
  for (const double kink : f.kinks()) {
    out.push_back({f(kink, order), kink, true});
    for (const double side : {-1.0, 1.0}) {
      out.push_back({f(std::nextafter(kink, side * kInfinity), order), kink, false});
      // A straight piece reaches its slope everywhere; one unit away is a plain place to name.
      const double beside = kink + side;
      if (f(beside, 2) == 0) out.push_back({f(beside, order), beside, true});
    }
  }
  for (const double middle : middles(f.kinks())) {
    if (f(middle, 2) == 0) out.push_back({f(middle, order), middle, true});
  }
  return out;
}

Extreme extreme(const Activation& f, int order, double sign, const std::vector<double>& x,
                const std::vector<double>& y) {
  Extreme best{-sign * kInfinity, 0, false};
  for (const Extreme& c : candidates(f, order)) {
    if (!std::isnan(c.value) && better(c, best, sign)) best = c;
  }
  std::size_t top = 1;
  for (std::size_t i = 1; i + 1 < x.size(); ++i) {
    if (sign * y[i] > sign * y[top]) top = i;
  }
  if (std::isinf(best.value) && best.value == sign * kInfinity) return best;
  if (std::isinf(y[top])) return {y[top], x[top], true};  // too large for a double
  if (sign * (y[top] - best.value) <= kRounding * std::abs(best.value)) return best;
  double low = x[top - 1], high = x[top + 1];
  // Not across a kink, where neither search means anything.
  for (const double kink : f.kinks()) {
    if (kink > low && kink <= x[top]) low = x[top];
    if (kink < high && kink >= x[top]) high = x[top];
  }
  const bool bends = order == 1 && (f(low, 2) > 0) != (f(high, 2) > 0);
  const double at = bends ? sign_change(f, low, high) : golden_section(f, order, sign, low, high);
  return {f(at, order), at, true};
}

Extreme magnitude(const Extremes& e) {
  const Extreme low{std::abs(e.low.value), e.low.at, e.low.attained};
  const Extreme high{std::abs(e.high.value), e.high.at, e.high.attained};
  return better(low, high, 1) ? low : high;
}

}  // namespace

Extremes extremes(const Activation& f, int order) {
  if (order != 1 && order != 2) {
    throw Error("order is " + std::to_string(order) + ", expected 1 or 2");
  }
  const std::vector<double> x = samples(f.kinks(), f.domain());
  std::vector<double> y(x.size());
  f.evaluate<double>(order, x, y);  // where to look; what is found there is evaluated exactly
  return {extreme(f, order, -1, x, y), extreme(f, order, 1, x, y)};
}

Extreme slope_maximum(const Activation& f) { return magnitude(extremes(f, 1)); }
Extreme curvature_maximum(const Activation& f) { return magnitude(extremes(f, 2)); }

}  // namespace gradkeep
