// Standard deviation of the pre-activations h over units and examples: the length that the weights
// give the signal. It shrinks or grows from layer to layer where the initialisation does not fit.
// SPDX-License-Identifier: Apache-2.0
#include "probe/probe.h"
#include "probe/reduce.h"

namespace gradkeep::probe::quantity {

Probe h_std() {
  return {.name = "h_std",
          .title = "standard deviation of the pre-activations",
          .when = every_sample,
          .measure = [](const Snapshot& snapshot, Sink& sink) {
            each_layer(snapshot, sink, [](const Layer& layer) { return deviation(layer.h); });
          }};
}

}  // namespace gradkeep::probe::quantity
