// Share of derivatives with respect to the pre-activations that are exactly zero: nothing is
// learned from these examples by these units.
// SPDX-License-Identifier: Apache-2.0
#include "probe/probe.h"
#include "probe/reduce.h"

namespace gradkeep::probe::quantity {

Probe zero_gradient() {
  return {.name = "zero_gradient",
          .title = "share of gradients that are exactly zero",
          .when = every_sample,
          .measure = [](const Snapshot& snapshot, Sink& sink) {
            each_layer(snapshot, sink, [](const Layer& layer) { return share_of_zeros(layer.dh); });
          }};
}

}  // namespace gradkeep::probe::quantity
