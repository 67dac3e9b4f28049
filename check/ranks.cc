// SPDX-License-Identifier: Apache-2.0
#include "check/ranks.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

namespace gradkeep::check {

double rank_test(std::span<const double> a, std::span<const double> b) {
  if (a.empty() || b.empty()) return 1;
  std::vector<double> all(a.begin(), a.end());
  all.insert(all.end(), b.begin(), b.end());
  std::sort(all.begin(), all.end());
  // Twice the number of pairs in which a is the larger; a tie counts once.
  double twice_above = 0;
  for (const double v : a) {
    for (const double w : b) twice_above += v > w ? 2 : v == w ? 1 : 0;
  }
  const auto size = static_cast<double>(all.size());
  double ties = 0;
  for (auto first = all.begin(); first != all.end();) {
    const auto last = std::upper_bound(first, all.end(), *first);
    const auto t = static_cast<double>(last - first);
    ties += t * t * t - t;
    first = last;
  }
  const double pairs = static_cast<double>(a.size()) * static_cast<double>(b.size());
  const double variance = pairs / 12 * (size + 1 - ties / (size * (size - 1)));
  const double distance = std::abs(twice_above - pairs) / 2 - 0.5;
  if (variance <= 0 || distance <= 0) return 1;
  return std::erfc(distance / std::sqrt(2 * variance));
}

double median(std::span<const double> numbers) {
  if (numbers.empty()) return std::numeric_limits<double>::quiet_NaN();
  std::vector<double> sorted(numbers.begin(), numbers.end());
  std::sort(sorted.begin(), sorted.end());
  const std::size_t middle = sorted.size() / 2;
  return sorted.size() % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

}  // namespace gradkeep::check
