// How far the weights have moved: ||W - W0|| / ||W0||, Frobenius norms, W0 at the start. Layers
// that no gradient reaches stay where they were.
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <functional>

#include "probe/probe.h"
#include "probe/reduce.h"

namespace gradkeep::probe::quantity {

Probe moved() {
  return {.name = "moved",
          .title = "distance of the weights from their start, relative",
          .when = every_sample,
          .measure = [](const Snapshot& snapshot, Sink& sink) {
            each_layer(snapshot, sink, [](const Layer& layer) {
              std::vector<double> difference(layer.w.values.size());
              std::transform(layer.w.values.begin(), layer.w.values.end(),
                             layer.initial_w.values.begin(), difference.begin(), std::minus<>());
              return norm(difference) / norm(layer.initial_w.values);
            });
          }};
}

}  // namespace gradkeep::probe::quantity
