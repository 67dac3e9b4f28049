// The part of the backward gain (see backward_gain) that the activation's slopes have: ||dL/dh||
// over ||dL/dy|| of the same layer. It is a root mean square of f', weighted by the gradient, and
// never exceeds max|f'|.
// SPDX-License-Identifier: Apache-2.0
#include "probe/probe.h"
#include "probe/reduce.h"

namespace gradkeep::probe::quantity {

Probe slope_gain() {
  return {.name = "slope_gain",
          .title = "the slopes' part of the backward gain",
          .when = every_sample,
          .measure = [](const Snapshot& snapshot, Sink& sink) {
            each_passage(snapshot, sink, [](const Layer& layer, const Layer&) {
              return norm(layer.dh.values) / norm(layer.dy.values);
            });
          }};
}

}  // namespace gradkeep::probe::quantity
