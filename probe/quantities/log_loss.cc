// Mean of -ln p over the examples held out of training, p the probability that the network gave to
// the right class. Several outputs that need not sum to one (sigmoids) are divided by their sum
// first. An output outside [0, 1] is no probability, and no price covers it: infinite, as is p = 0.
// SPDX-License-Identifier: Apache-2.0
#include "probe/probe.h"
#include "probe/reduce.h"
#include "probe/scores.h"

namespace gradkeep::probe::quantity {

Probe log_loss() {
  return {.name = "log_loss",
          .title = "log loss on examples held out",
          .when = at_end,
          .measure = [](const Snapshot& snapshot, Sink& sink) {
            if (const auto forecasts = forecasts_of(snapshot.held()))
              sink.add(0, mean(forecasts->log_loss));
          }};
}

}  // namespace gradkeep::probe::quantity
