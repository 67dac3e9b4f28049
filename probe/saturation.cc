// The edges are found by walking inwards from far outside on a geometric grid until the slope
// reaches 1 % of its maximum, then by bisection; an edge at a kink is put exactly on it.
// SPDX-License-Identifier: Apache-2.0
#include "probe/saturation.h"

#include <gradkeep/flow.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <string>
#include <vector>

namespace gradkeep::probe {
namespace {

constexpr double kShare = 0.01;
constexpr double kFar = 1e6;  // scaled functions (softplus with a small beta) end far out

// The inner end of the half line on the side of `sign`; +-kInfinity if there is none.
double edge(const Activation& f, double sign, double low_slope) {
  const auto flat = [&](double x) { return std::abs(f(x, 1)) < low_slope; };
  std::vector<double> grid{0.0};
  for (double x = 1e-3; x <= kFar; x *= 1.05) grid.insert(grid.end(), {x, -x});
  for (const double kink : f.kinks()) grid.push_back(kink);
  std::sort(grid.begin(), grid.end(), [&](double a, double b) { return sign * a > sign * b; });
  const auto end = std::find_if_not(grid.begin(), grid.end(), flat);
  if (end == grid.begin() || end == grid.end()) return sign * kInfinity;
  double outside = *(end - 1), inside = *end;
  for (int i = 0; i < 80; ++i) {
    const double middle = 0.5 * (outside + inside);
    (flat(middle) ? outside : inside) = middle;
  }
  for (const double kink : f.kinks())
    if (std::abs(outside - kink) < 1e-12 * (1 + std::abs(kink))) return kink;
  return outside;
}

Saturation find(const Activation& f, bool left, bool right) {
  Saturation result;
  const double low_slope = kShare * slope_maximum(f).value;
  if (std::isinf(low_slope)) return result;  // every slope is less
  if (left) {
    result.left = edge(f, -1, low_slope);
    result.left_closed = std::isfinite(result.left) && std::abs(f(result.left, 1)) < low_slope;
  }
  if (right) {
    result.right = edge(f, 1, low_slope);
    result.right_closed = std::isfinite(result.right) && std::abs(f(result.right, 1)) < low_slope;
  }
  return result;
}

}  // namespace

Saturation saturation(const Activation& f) {
  const auto limits = f.limits();
  const bool left = std::isfinite(limits.minus[0]), right = std::isfinite(limits.plus[0]);
  if (!left && !right) return {};
  // The search takes milliseconds and a study asks for the same few functions thousands of times.
  thread_local std::map<std::string, Saturation> known;
  if (known.size() > 1000) known.clear();
  const auto [place, added] = known.try_emplace(f.text());
  if (added) place->second = find(f, left, right);
  return place->second;
}

}  // namespace gradkeep::probe
