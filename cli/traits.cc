// What a table says of a function, computed from its values and slopes.
// SPDX-License-Identifier: Apache-2.0
#include "cli/traits.h"

#include <algorithm>

#include <cmath>
#include <iterator>
#include <limits>

#include "check/stopwatch.h"

namespace gradkeep::cli {
namespace {

constexpr double kSaturated = 0.01;
// A mean this much smaller than the mean size of the values is the quadrature's rounding error.
constexpr double kCentred = 1e-12;
// What does not jump differs by a rounding error on both sides of a kink.
constexpr double kJump = 1e-12;

// The input nearest to the middle from which on the slope stays small, out to side * inf.
double saturation(const Activation& f, double side, double slope_max) {
  const auto small = [&](double x) { return std::abs(f(x, 1)) < kSaturated * slope_max; };
  double inside = side * std::numeric_limits<double>::max();
  if (!small(inside)) return side * kInfinity;
  // Inwards by sixteenths of octaves around every kink (quarters far out), past 0 to the other side
  // if need be.
  std::vector<double> grid{0};
  std::vector<double> centres = f.kinks();
  centres.push_back(0);
  for (const double c : centres) {
    grid.push_back(c);
    for (double octave = -40; octave < 1024; octave += octave < 60 ? 0x1p-4 : 0x1p-2) {
      grid.push_back(c + std::exp2(octave));
      grid.push_back(c - std::exp2(octave));
    }
  }
  std::sort(grid.begin(), grid.end());
  if (side > 0) std::reverse(grid.begin(), grid.end());
  const auto left = std::find_if_not(grid.begin(), grid.end(), small);
  if (left == grid.end()) return -side * kInfinity;
  inside = left == grid.begin() ? *left : *(left - 1);
  double outside = *left;
  while (true) {
    const double middle = outside + (inside - outside) / 2;
    if (middle == inside || middle == outside) return inside;
    (small(middle) ? inside : outside) = middle;
  }
}

// Pieces between kinks on which the slope is exactly 0, near their ends as well as far out.
std::vector<Interval> dead_pieces(const Activation& f) {
  std::vector<double> ends{-kInfinity};
  for (const double kink : f.kinks()) ends.push_back(kink);
  ends.push_back(kInfinity);
  std::vector<Interval> out;
  for (std::size_t i = 0; i + 1 < ends.size(); ++i) {
    const double low = ends[i], high = ends[i + 1];
    std::vector<double> inner;
    if (std::isfinite(low)) inner.insert(inner.end(), {low + 1e-3, low + 1});
    if (std::isfinite(high)) inner.insert(inner.end(), {high - 1e-3, high - 1});
    if (inner.empty()) inner = {-1, -1e-3, 0, 1e-3, 1};
    if (std::isfinite(low) && std::isfinite(high))
      inner = {low + (high - low) / 3, (low + high) / 2};
    if (std::any_of(inner.begin(), inner.end(), [&](double x) { return f(x, 1) != 0; })) continue;
    const auto open = [&](double end) { return std::isinf(end) || f(end, 1) != 0; };
    out.push_back({low, high, open(low), open(high)});
  }
  return out;
}

double cost(const Activation& f) {
  constexpr std::size_t kElements = 8192;
  constexpr std::size_t kRepeats = 41;
  constexpr int kCalls = 8;
  constexpr double kPatience = 0.1;
  std::vector<float> x(kElements), y(kElements);
  for (std::size_t i = 0; i < kElements; ++i) {
    x[i] = 8 * (static_cast<float>(i) / kElements - 0.5f);
  }
  std::vector<double> seconds;
  // Parameters that take a wide arithmetic cost a thousandfold: fewer repeats will do there.
  const check::Stopwatch whole;
  while (seconds.empty() || (seconds.size() < kRepeats && whole.seconds() < kPatience)) {
    const check::Stopwatch watch;
    for (int call = 0; call < kCalls; ++call) f.value<float>(x, y);
    seconds.push_back(watch.seconds());
  }
  const auto median = seconds.begin() + static_cast<std::ptrdiff_t>(seconds.size() / 2);
  std::nth_element(seconds.begin(), median, seconds.end());
  return *median / (kCalls * kElements) * 1e9;
}

}  // namespace

std::vector<double> jumps(const Activation& f, int order) {
  std::vector<double> out;
  for (const double kink : f.kinks()) {
    const double left = std::nextafter(kink, -kInfinity), right = std::nextafter(kink, kInfinity);
    const double before = f(left, order), after = f(right, order);
    // A value without a jump moves on, by slope times distance.
    const double way =
        order > 0 ? 0 : (right - left) * std::max(std::abs(f(left, 1)), std::abs(f(right, 1)));
    const double rounding = kJump * std::max(std::abs(after), std::abs(before));
    if (std::abs(after - before) > way + rounding) out.push_back(kink);
  }
  return out;
}

Traits traits(const Activation& f) {
  Traits t;
  t.function = f.text();
  t.domain = f.domain();
  t.range = f.range();
  t.limits = f.limits();
  t.slope = extremes(f, 1);
  t.curvature = curvature_maximum(f);
  const double steepest = slope_maximum(f).value;
  if (std::isfinite(steepest)) {  // or else every slope is less than 1 % of it
    if (std::isfinite(t.limits.minus[0])) t.saturates_below = saturation(f, -1, steepest);
    if (std::isfinite(t.limits.plus[0])) t.saturates_above = saturation(f, 1, steepest);
  }
  const double mean = gaussian_mean(f, 0);
  const double size = gaussian_mean([&](double z) { return std::abs(f(z)); }, f.kinks());
  if (std::isfinite(size)) {
    t.zero_centred = std::abs(mean) <= kCentred * size;
    t.mean = t.zero_centred ? 0 : mean;
  }
  t.value_jumps = jumps(f, 0);
  const auto rises = [&](double kink) {
    return f(std::nextafter(kink, kInfinity)) > f(std::nextafter(kink, -kInfinity));
  };
  const auto risen = std::count_if(t.value_jumps.begin(), t.value_jumps.end(), rises);
  const bool all_rise = risen == std::ssize(t.value_jumps);
  if (t.slope.high.value <= 0 && risen == 0) t.monotone = -1;
  if (t.slope.low.value >= 0 && all_rise) t.monotone = 1;
  t.bounded_below = std::isfinite(t.range.low);
  t.bounded_above = std::isfinite(t.range.high);
  t.dead = dead_pieces(f);
  t.probability = t.monotone != 0 && t.range.low >= 0 && t.range.high <= 1;
  t.slope_jumps = jumps(f, 1);
  for (const double kink : f.kinks()) {
    const auto is = [&](const std::vector<double>& of) { return std::ranges::count(of, kink) > 0; };
    if (!is(t.value_jumps) && !is(t.slope_jumps)) t.curvature_jumps.push_back(kink);
  }
  for (const Parameter& p : f.info().parameters) {
    if (p.learned) t.learned.push_back(p.name);
  }
  t.nanoseconds = cost(f);
  return t;
}

}  // namespace gradkeep::cli
