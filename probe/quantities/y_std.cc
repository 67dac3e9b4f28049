// Standard deviation of the outputs y over units and examples: what is left of the signal behind
// the activation.
// SPDX-License-Identifier: Apache-2.0
#include "probe/probe.h"
#include "probe/reduce.h"

namespace gradkeep::probe::quantity {

Probe y_std() {
  return {.name = "y_std",
          .title = "standard deviation of the outputs",
          .when = every_sample,
          .measure = [](const Snapshot& snapshot, Sink& sink) {
            each_hidden(snapshot, sink, [](const Layer& layer) { return deviation(layer.y); });
          }};
}

}  // namespace gradkeep::probe::quantity
