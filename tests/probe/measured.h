// What tests of probes share: the numbers of one probe as a map from layer, and a layer written
// down by hand.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

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

}  // namespace gradkeep::probe
