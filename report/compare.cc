// Means, ranges and the one rule for differences.
// SPDX-License-Identifier: Apache-2.0
#include "report/compare.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

namespace gradkeep::report {
namespace {

constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();

std::vector<double> finite(std::span<const double> values) {
  std::vector<double> result;
  std::copy_if(values.begin(), values.end(), std::back_inserter(result),
               [](double v) { return std::isfinite(v); });
  return result;
}

Spread with_middle(std::span<const double> values, double mid) {
  const auto [low, high] = std::minmax_element(values.begin(), values.end());
  return {mid, *low, *high};
}

double range(const Spread& s) { return s.high - s.low; }

}  // namespace

Spread arithmetic_spread(std::span<const double> values) {
  const auto known = finite(values);
  if (known.empty()) return {kUnknown, kUnknown, kUnknown};
  double sum = 0;
  for (const double v : known) sum += v;
  return with_middle(known, sum / static_cast<double>(known.size()));
}

double geometric_mean(std::span<const double> values) {
  double sum = 0;
  int count = 0;
  for (const double v : values) {
    if (!std::isfinite(v)) continue;
    sum += std::log(v);
    ++count;
  }
  return count == 0 ? kUnknown : std::exp(sum / count);
}

Spread geometric_spread(std::span<const double> values) {
  const auto known = finite(values);
  if (known.empty()) return {kUnknown, kUnknown, kUnknown};
  return with_middle(known, geometric_mean(known));
}

bool apart(const Spread& a, const Spread& b, int examples) {
  if (!a.known() || !b.known()) return false;
  const auto variance = [&](double p) { return p * (1 - p) / std::max(1, examples); };
  const double noise = 2 * std::sqrt(variance(a.mid) + variance(b.mid));
  return std::abs(a.mid - b.mid) > std::max(range(a) + range(b), noise);
}

bool apart(const Spread& a, const Spread& b) {
  return a.known() && b.known() && std::abs(a.mid - b.mid) > range(a) + range(b);
}

}  // namespace gradkeep::report
