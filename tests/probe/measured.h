// What tests of probes share: the numbers of one probe as a map from layer, and a layer written
// down by hand.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "data/dataset.h"
#include "data/random.h"
#include "probe/probe.h"

namespace gradkeep::probe {

using Rows = std::map<int, double>;

// Of the rows named `row` (the probe's own name, if empty), at the end of a run.
inline Rows measured(const std::string& probe, const Snapshot& snapshot, std::string row = "") {
  if (row.empty()) row = probe;
  Rows result;
  const std::vector<std::string> wanted{probe};
  for (const auto& value : measure(wanted, {100, 100}, snapshot))
    if (value.probe == row) result[value.layer] = value.value;
  return result;
}

inline Table table(int rows, int columns, std::vector<double> values) {
  return {rows, columns, std::move(values)};
}

// Normal inputs and targets of a regression.
inline data::Dataset noise(int rows, int features, std::uint64_t seed = 5) {
  data::Dataset set;
  set.name = "noise";
  set.rows = rows;
  set.features = features;
  data::Random random(seed);
  for (int i = 0; i < rows * features; ++i) set.x.push_back(random.normal());
  for (int i = 0; i < rows; ++i) set.target.push_back(random.normal());
  return set;
}

}  // namespace gradkeep::probe
