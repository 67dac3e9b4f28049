// The backward gain of a layer is ||dL/dh|| here over ||dL/dh|| one layer further on. It is the
// product of two parts: the weights carry the gradient back to this layer's output (dL/dy over the
// next dL/dh), the slopes carry it on to its input (dL/dh over dL/dy). Norms run over all units
// and examples. Under 1 the gradient shrinks on its way to the data, over 1 it grows. Where a skip
// leads past the activation the gradient has two ways, and the gain is no product.
// SPDX-License-Identifier: Apache-2.0
#include "probe/probe.h"
#include "probe/reduce.h"

namespace gradkeep::probe::quantity {

Probe backward_gain() {
  return {.name = "backward_gain",
          .title = "backward gain: norm of the gradient here over the next layer's",
          .when = every_sample,
          .measure = [](const Snapshot& snapshot, Sink& sink) {
            each_passage(snapshot, sink, [](const Layer& layer, const Layer& next) {
              return norm(layer.dh) / norm(next.dh);
            });
          }};
}

}  // namespace gradkeep::probe::quantity
