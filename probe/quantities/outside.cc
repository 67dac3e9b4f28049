// Outputs that are taken for probabilities and are none, on the examples held out of training:
// outside is the share of outputs below 0 or above 1, outside_count their number, outside_size
// their mean distance from [0, 1] (nothing where there are none). The ends count as inside, since a
// sigmoid reaches them by rounding.
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "probe/probe.h"
#include "probe/scores.h"

namespace gradkeep::probe::quantity {

Probe outside() {
  return {.name = "outside",
          .title = "share, count and size of outputs outside [0, 1] on examples held out",
          .when = at_end,
          .measure = [](const Snapshot& snapshot, Sink& sink) {
            const auto forecasts = forecasts_of(snapshot.held());
            if (!forecasts) return;
            double count = 0, distance = 0;
            for (const double p : forecasts->p.values) {
              const double beyond = std::max(-p, p - 1);
              if (beyond <= 0) continue;
              ++count;
              distance += beyond;
            }
            sink.add(0, count / static_cast<double>(forecasts->p.values.size()));
            sink.add(0, count, "count");
            if (count > 0) sink.add(0, distance / count, "size");
          }};
}

}  // namespace gradkeep::probe::quantity
