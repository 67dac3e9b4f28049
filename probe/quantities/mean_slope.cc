// Mean of f'(h) over units and examples.
// SPDX-License-Identifier: Apache-2.0
#include "probe/probe.h"
#include "probe/reduce.h"

namespace gradkeep::probe::quantity {

Probe mean_slope() {
  return {.name = "mean_slope",
          .title = "mean slope of the activation",
          .when = every_sample,
          .measure = [](const Snapshot& snapshot, Sink& sink) {
            each_hidden(snapshot, sink, [](const Layer& layer) { return mean(layer.slope); });
          }};
}

}  // namespace gradkeep::probe::quantity
