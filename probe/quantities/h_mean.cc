// Mean of the pre-activations h over units and examples: how far a layer sits from the middle of
// its activation.
// SPDX-License-Identifier: Apache-2.0
#include "probe/probe.h"
#include "probe/reduce.h"

namespace gradkeep::probe::quantity {

Probe h_mean() {
  return {.name = "h_mean",
          .title = "mean of the pre-activations",
          .when = every_sample,
          .measure = [](const Snapshot& snapshot, Sink& sink) {
            each_layer(snapshot, sink, [](const Layer& layer) { return mean(layer.h); });
          }};
}

}  // namespace gradkeep::probe::quantity
