// Root mean square, over units and examples, of the derivative of an example's own loss with
// respect to the pre-activations: the gradient that arrives at a layer.
// SPDX-License-Identifier: Apache-2.0
#include "probe/probe.h"
#include "probe/reduce.h"

namespace gradkeep::probe::quantity {

Probe gradient_rms() {
  return {.name = "gradient_rms",
          .title = "RMS of the gradient with respect to the pre-activations",
          .when = every_sample,
          .measure = [](const Snapshot& snapshot, Sink& sink) {
            each_layer(snapshot, sink,
                       [](const Layer& layer) { return root_mean_square(layer.dh); });
          }};
}

}  // namespace gradkeep::probe::quantity
