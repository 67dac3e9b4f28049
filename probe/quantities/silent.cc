// Dead units, definition B: the share of units that never fire in an epoch, which means that their
// pre-activation is above zero on no example of a pass over the training part with the weights
// held still. For relu this is definition A; a silent leaky_relu unit still learns.
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "probe/probe.h"

namespace gradkeep::probe::quantity {

Probe silent() {
  return {.name = "silent",
          .title = "share of units that never fire in an epoch",
          .when = every_sample,
          .measure = [](const Snapshot& snapshot, Sink& sink) {
            for (std::size_t i = 0; i < snapshot.units().size(); ++i) {
              const auto& units = snapshot.units()[i];
              const auto dead = std::count_if(units.begin(), units.end(),
                                              [](const Unit& unit) { return !unit.fires; });
              sink.add(snapshot.layers[i].number,
                       static_cast<double>(dead) / static_cast<double>(units.size()));
            }
          }};
}

}  // namespace gradkeep::probe::quantity
