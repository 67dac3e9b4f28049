// Scaling of inputs, fitted on the training part; see dataset.h.
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>

#include "data/dataset.h"
#include "data/words.h"

namespace gradkeep::data {
namespace {

struct Column {
  double mean, deviation, low, high;
};

// Two passes: the deviation of numbers far from 0 would drown in a sum of squares.
Column describe(const Dataset& set, std::size_t feature) {
  const auto value = [&](std::size_t r) { return set.x[r * set.features + feature]; };
  const double rows = static_cast<double>(set.rows);
  Column column{0, 0, value(0), value(0)};
  for (std::size_t r = 0; r < set.rows; ++r) {
    column.mean += value(r) / rows;
    column.low = std::min(column.low, value(r));
    column.high = std::max(column.high, value(r));
  }
  double squares = 0;
  for (std::size_t r = 0; r < set.rows; ++r) {
    squares += (value(r) - column.mean) * (value(r) - column.mean) / rows;
  }
  column.deviation = std::sqrt(squares);
  return column;
}

// Sums of inputs and their squares shall fit a float32.
constexpr double kLargestInput = 1e18;

void refuse_huge(const Dataset& part) {
  for (std::size_t i = 0; i < part.x.size(); ++i) {
    if (std::abs(part.x[i]) <= kLargestInput) continue;
    throw Error("data set '" + part.name + "': feature " + std::to_string(i % part.features + 1) +
                " reaches " + shortest(part.x[i]) + " as a network's input, expected at most " +
                shortest(kLargestInput) + " in size: scale it or leave it out");
  }
}

}  // namespace

Scale parse_scale(std::string_view text) {
  return parse_word<Scale>(
      "scale", text, {{"none", Scale::none}, {"zscore", Scale::zscore}, {"minmax", Scale::minmax}});
}

Scaler fit_scaler(Scale scale, const Dataset& train) {
  Scaler scaler{std::vector<double>(train.features, 0), std::vector<double>(train.features, 1)};
  if (scale == Scale::none) return scaler;
  if (train.rows == 0) throw Error("data set '" + train.name + "': no rows to fit a scaling on");
  for (std::size_t f = 0; f < train.features; ++f) {
    const Column column = describe(train, f);
    // low == high and not deviation == 0: rounding of the mean may leave a constant column a
    // deviation of 1e-17.
    const bool constant = column.low == column.high;
    const bool zscore = scale == Scale::zscore;
    scaler.shift[f] = zscore && !constant ? column.mean : column.low;
    const double width = zscore ? column.deviation : column.high - column.low;
    scaler.factor[f] = constant ? 1 : 1 / width;
    if (!std::isfinite(scaler.factor[f])) {
      throw Error("data set '" + train.name + "': feature " + std::to_string(f + 1) +
                  " varies too little to be scaled, only from " + shortest(column.low) + " to " +
                  shortest(column.high));
    }
  }
  return scaler;
}

void Scaler::apply(Dataset& set) const {
  for (std::size_t i = 0; i < set.x.size(); ++i) {
    const std::size_t f = i % set.features;
    set.x[i] = (set.x[i] - shift[f]) * factor[f];
  }
}

void scale_inputs(Scale scale, Split& parts) {
  const Scaler scaler = fit_scaler(scale, parts.train);
  for (Dataset* part : {&parts.train, &parts.validation, &parts.test}) {
    scaler.apply(*part);
    refuse_huge(*part);
  }
}

}  // namespace gradkeep::data
