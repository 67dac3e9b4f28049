// How often a unit has come back to life: dead (zero slope on the whole training part) at one look and
// not at the next, counted over all looks so far; the mean over a layer's units, and as revivals_most
// the unit that did so most often. `revived` tells of the last look alone. Nothing at the first look.
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <numeric>

#include "probe/probe.h"

namespace gradkeep::probe::quantity {

Probe revivals() {
  return {.name = "revivals",
          .title = "how often a unit has come back to life so far, mean and most",
          .when = every_sample,
          .measure =
              [](const Snapshot& snapshot, Sink& sink) {
                const auto& counts = snapshot.revivals();
                for (std::size_t i = 0; i < counts.size(); ++i) {
                  const double sum = std::accumulate(counts[i].begin(), counts[i].end(), 0.0);
                  sink.add(snapshot.layers[i].number, sum / static_cast<double>(counts[i].size()));
                  sink.add(snapshot.layers[i].number,
                           *std::max_element(counts[i].begin(), counts[i].end()), "most");
                }
              },
          .whole = true};
}

}  // namespace gradkeep::probe::quantity
