// Dead units, definition A: the share of units whose slope is exactly zero on every example of the
// training part. No gradient passes them, so by themselves they never come back.
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "probe/probe.h"

namespace gradkeep::probe::quantity {

Probe dead() {
  return {.name = "dead",
          .title = "share of units with zero slope on the whole training part",
          .when = every_sample,
          .measure = [](const Snapshot& snapshot, Sink& sink) {
            for (std::size_t i = 0; i < snapshot.units().size(); ++i) {
              const auto& units = snapshot.units()[i];
              const auto dead = std::count_if(units.begin(), units.end(),
                                              [](const Unit& unit) { return !unit.has_slope; });
              sink.add(snapshot.layers[i].number,
                       static_cast<double>(dead) / static_cast<double>(units.size()));
            }
          }};
}

}  // namespace gradkeep::probe::quantity
