// How many numbers of a layer are infinite: pre-activations, outputs, gradients, weights.
// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <cstddef>

#include "probe/probe.h"
#include "probe/reduce.h"

namespace gradkeep::probe::quantity {

Probe inf_count() {
  return {.name = "inf_count",
          .title = "number of infinities in pre-activations, outputs, gradients and weights",
          .when = every_sample,
          .measure = [](const Snapshot& snapshot, Sink& sink) {
            each_layer(snapshot, sink, [](const Layer& layer) {
              std::ptrdiff_t count = 0;
              for (const Table* table : {&layer.h, &layer.y, &layer.dh, &layer.w, &layer.dw}) {
                if (all_finite(*table)) continue;
                for (const double v : table->values) count += std::isinf(v);
              }
              return static_cast<double>(count);
            });
          }};
}

}  // namespace gradkeep::probe::quantity
