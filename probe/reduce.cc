// Sums over all examples and units of a layer, in double.
// SPDX-License-Identifier: Apache-2.0
#include "probe/reduce.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <functional>
#include <limits>
#include <vector>

namespace gradkeep::probe {

double mean(std::span<const double> values) {
  double sum = 0;
  for (const double v : values) sum += v;
  return sum / static_cast<double>(values.size());
}

namespace {

// Squares around the mean, of values that have been multiplied by `scale`.
double squares_around_mean(std::span<const double> values, double scale) {
  double centre = 0, sum = 0;
  for (const double v : values) centre += v * scale;
  centre /= static_cast<double>(values.size());
  for (const double v : values) sum += (v * scale - centre) * (v * scale - centre);
  return sum;
}

// Four sums side by side: one alone waits for each addition before it starts the next.
double sum_of_squares(std::span<const double> values, double scale) {
  double sums[4] = {};
  std::size_t i = 0;
  for (; i + 4 <= values.size(); i += 4)
    for (int k = 0; k < 4; ++k) sums[k] += values[i + k] * scale * (values[i + k] * scale);
  for (; i < values.size(); ++i) sums[0] += values[i] * scale * (values[i] * scale);
  return (sums[0] + sums[1]) + (sums[2] + sums[3]);
}

// A sum of squares in which none has underflowed or overflowed.
bool sound(double squares) { return squares > 1e-280 && squares < 1e300; }

// Of the values' largest magnitude, which is finite and not 0. Scaling by a power of two rounds nothing.
int exponent_of(double largest) { return std::clamp(std::ilogb(largest), -1000, 1000); }

double size_of(const Table& table) { return static_cast<double>(table.values.size()); }

}  // namespace

double deviation(std::span<const double> values) {
  const double count = static_cast<double>(values.size());
  const double plain = squares_around_mean(values, 1);
  if (sound(plain)) return std::sqrt(plain / count);
  double largest = 0;
  for (const double v : values) {
    if (!std::isfinite(v)) return std::numeric_limits<double>::quiet_NaN();
    largest = std::max(largest, std::abs(v));
  }
  if (largest == 0) return 0;
  const int exponent = exponent_of(largest);
  const double squares = squares_around_mean(values, std::ldexp(1.0, -exponent));
  return std::ldexp(std::sqrt(squares / count), exponent);
}

double norm(std::span<const double> values) {
  const double plain = sum_of_squares(values, 1);
  if (sound(plain)) return std::sqrt(plain);
  double largest = 0;
  for (const double v : values) {
    if (!std::isfinite(v)) return std::abs(v);
    largest = std::max(largest, std::abs(v));
  }
  if (largest == 0) return 0;
  const int exponent = exponent_of(largest);
  return std::ldexp(std::sqrt(sum_of_squares(values, std::ldexp(1.0, -exponent))), exponent);
}

double distance(std::span<const double> a, std::span<const double> b) {
  double sums[4] = {};
  std::size_t i = 0;
  for (; i + 4 <= a.size(); i += 4)
    for (int k = 0; k < 4; ++k) sums[k] += (a[i + k] - b[i + k]) * (a[i + k] - b[i + k]);
  for (; i < a.size(); ++i) sums[0] += (a[i] - b[i]) * (a[i] - b[i]);
  const double plain = (sums[0] + sums[1]) + (sums[2] + sums[3]);
  if (sound(plain)) return std::sqrt(plain);
  std::vector<double> difference(a.size());
  std::transform(a.begin(), a.end(), b.begin(), difference.begin(), std::minus<>());
  return norm(difference);
}

double root_mean_square(std::span<const double> values) {
  return norm(values) / std::sqrt(static_cast<double>(values.size()));
}

double share_of_zeros(std::span<const double> values) {
  const auto zeros = std::count(values.begin(), values.end(), 0.0);
  return static_cast<double>(zeros) / static_cast<double>(values.size());
}

double quantile(std::span<const double> ascending, double share) {
  const double place = share * static_cast<double>(ascending.size() - 1);
  const auto below = static_cast<std::size_t>(place);
  if (below + 1 >= ascending.size()) return ascending.back();
  const double part = place - static_cast<double>(below);
  // Where nothing is to be added, an infinite neighbour shall not make NaN of it.
  return part == 0 ? ascending[below]
                   : ascending[below] + part * (ascending[below + 1] - ascending[below]);
}

bool all_finite(std::span<const double> values) {
  return std::all_of(values.begin(), values.end(), [](double v) { return std::isfinite(v); });
}

double mean(const Table& table) {
  return table.summary ? table.summary->sum / size_of(table) : mean(table.values);
}

double deviation(const Table& table) {
  if (!table.summary) return deviation(table.values);
  const auto& [sum, squares, zeros] = *table.summary;
  if (zeros == table.values.size()) return 0;
  const double around_mean = squares - sum * sum / size_of(table);
  // Of a mean that is much larger than the deviation, the difference is rounding.
  const bool good = sound(squares) && around_mean > 1e-3 * squares;
  return good ? std::sqrt(around_mean / size_of(table)) : deviation(table.values);
}

double norm(const Table& table) {
  if (!table.summary || !sound(table.summary->squares)) return norm(table.values);
  return std::sqrt(table.summary->squares);
}

double root_mean_square(const Table& table) { return norm(table) / std::sqrt(size_of(table)); }

double share_of_zeros(const Table& table) {
  return table.summary ? static_cast<double>(table.summary->zeros) / size_of(table)
                       : share_of_zeros(table.values);
}

bool all_finite(const Table& table) {
  return (table.summary && std::isfinite(table.summary->squares)) || all_finite(table.values);
}

std::optional<double> majority_sign(std::span<const double> values) {
  std::ptrdiff_t above = 0, below = 0;
  for (const double v : values) {
    above += v > 0;
    below += v < 0;
  }
  if (above + below == 0) return {};
  return static_cast<double>(std::max(above, below)) / static_cast<double>(above + below);
}

}  // namespace gradkeep::probe
