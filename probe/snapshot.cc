// What is computed when the first probe asks for it.
// SPDX-License-Identifier: Apache-2.0
#include "probe/snapshot.h"

namespace gradkeep::probe {

const std::vector<std::vector<Unit>>& Snapshot::units() const {
  if (!units_cache.empty()) return units_cache;
  units_cache = compute_units();
  if (revivals_cache.empty())
    for (const auto& before : previous_units) revivals_cache.emplace_back(before.size());
  for (std::size_t i = 0; i < previous_units.size(); ++i)
    for (std::size_t unit = 0; unit < previous_units[i].size(); ++unit)
      revivals_cache[i][unit] +=
          units_cache[i][unit].has_slope && !previous_units[i][unit].has_slope;
  return units_cache;
}

const std::vector<std::vector<int>>& Snapshot::revivals() const {
  units();
  return revivals_cache;
}

const Held& Snapshot::held() const {
  if (!held_cache) held_cache = compute_held ? compute_held() : Held{};
  return *held_cache;
}

}  // namespace gradkeep::probe
