// Root mean square of the gradient of the mean loss with respect to the weights: what the
// optimiser gets to see of a layer.
// SPDX-License-Identifier: Apache-2.0
#include "probe/probe.h"
#include "probe/reduce.h"

namespace gradkeep::probe::quantity {

Probe weight_gradient_rms() {
  return {.name = "weight_gradient_rms",
          .title = "RMS of the weights' gradient",
          .when = every_sample,
          .measure = [](const Snapshot& snapshot, Sink& sink) {
            each_layer(snapshot, sink,
                       [](const Layer& layer) { return root_mean_square(layer.dw); });
          }};
}

}  // namespace gradkeep::probe::quantity
