// The part of the backward gain (see backward_gain) that the activation's slopes have: ||dL/dy f'||
// over ||dL/dy||. It is a root mean square of f', weighted by the gradient, and never exceeds
// max|f'|. dL/dy f' is dL/dh, unless a skip carries a part past the activation.
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <functional>

#include "probe/probe.h"
#include "probe/reduce.h"

namespace gradkeep::probe::quantity {

Probe slope_gain() {
  return {.name = "slope_gain",
          .title = "the slopes' part of the backward gain",
          .when = every_sample,
          .measure = [](const Snapshot& snapshot, Sink& sink) {
            each_passage(snapshot, sink, [](const Layer& layer, const Layer&) {
              if (!layer.skipped) return norm(layer.dh) / norm(layer.dy);
              std::vector<double> through(layer.dy.values.size());
              std::transform(layer.dy.values.begin(), layer.dy.values.end(),
                             layer.slope.values.begin(), through.begin(), std::multiplies<>());
              return norm(through) / norm(layer.dy);
            });
          }};
}

}  // namespace gradkeep::probe::quantity
