// Mean of the outputs y: a mean far from zero (sigmoid) is what the next layer must work against.
// SPDX-License-Identifier: Apache-2.0
#include "probe/probe.h"
#include "probe/reduce.h"

namespace gradkeep::probe::quantity {

Probe y_mean() {
  return {.name = "y_mean",
          .title = "mean of the outputs",
          .when = every_sample,
          .measure = [](const Snapshot& snapshot, Sink& sink) {
            each_hidden(snapshot, sink, [](const Layer& layer) { return mean(layer.y); });
          }};
}

}  // namespace gradkeep::probe::quantity
