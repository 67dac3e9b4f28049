// Sums over all examples and units of a layer, in double.
// SPDX-License-Identifier: Apache-2.0
#include "probe/reduce.h"

#include <algorithm>
#include <cmath>

namespace gradkeep::probe {

double mean(std::span<const double> values) {
  double sum = 0;
  for (const double v : values) sum += v;
  return sum / static_cast<double>(values.size());
}

double deviation(std::span<const double> values) {
  const double centre = mean(values);
  double sum = 0;
  for (const double v : values) sum += (v - centre) * (v - centre);
  return std::sqrt(sum / static_cast<double>(values.size()));
}

double norm(std::span<const double> values) {
  double largest = 0;
  for (const double v : values) {
    if (!std::isfinite(v)) return std::abs(v);
    largest = std::max(largest, std::abs(v));
  }
  if (largest == 0) return 0;
  double sum = 0;
  for (const double v : values) sum += (v / largest) * (v / largest);
  return largest * std::sqrt(sum);
}

double root_mean_square(std::span<const double> values) {
  return norm(values) / std::sqrt(static_cast<double>(values.size()));
}

double share_of_zeros(std::span<const double> values) {
  const auto zeros = std::count(values.begin(), values.end(), 0.0);
  return static_cast<double>(zeros) / static_cast<double>(values.size());
}

}  // namespace gradkeep::probe
