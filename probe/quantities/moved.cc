// How far the weights have moved: ||W - W0|| / ||W0||, Frobenius norms, W0 at the start. Layers
// that no gradient reaches stay where they were.
// SPDX-License-Identifier: Apache-2.0
#include "probe/probe.h"
#include "probe/reduce.h"

namespace gradkeep::probe::quantity {

Probe moved() {
  return {.name = "moved",
          .title = "distance of the weights from their start, relative",
          .when = every_sample,
          .measure = [](const Snapshot& snapshot, Sink& sink) {
            each_layer(snapshot, sink, [](const Layer& layer) {
              return distance(layer.w.values, layer.initial_w.values) / norm(layer.initial_w);
            });
          }};
}

}  // namespace gradkeep::probe::quantity
