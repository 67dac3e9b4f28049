// The share of units that were dead when the probes looked before (see dead) and are not any more.
// A dead unit has no gradient of its own: what revives it is that the layers before it have moved,
// or that momentum has carried its weights on.
// SPDX-License-Identifier: Apache-2.0
#include <cstddef>

#include "probe/probe.h"

namespace gradkeep::probe::quantity {

Probe revived() {
  return {.name = "revived",
          .title = "share of units that were dead at the look before and are not now",
          .when = every_sample,
          .measure =
              [](const Snapshot& snapshot, Sink& sink) {
                const auto& before = snapshot.previous_units;
                const auto& now = snapshot.units();
                for (std::size_t i = 0; i < before.size(); ++i) {
                  int revived = 0;
                  for (std::size_t unit = 0; unit < now[i].size(); ++unit)
                    revived += now[i][unit].has_slope && !before[i][unit].has_slope;
                  sink.add(snapshot.layers[i].number, revived / static_cast<double>(now[i].size()));
                }
              },
          .whole = true};
}

}  // namespace gradkeep::probe::quantity
