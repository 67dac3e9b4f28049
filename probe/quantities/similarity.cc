// How alike a layer sees different examples: the cosine between the pre-activations h of two
// examples, averaged over all pairs. 1: it cannot tell them apart. A layer of one unit has no
// angles, and an example whose h is all zero has none.
// SPDX-License-Identifier: Apache-2.0
#include <cstddef>

#include "probe/probe.h"
#include "probe/reduce.h"

namespace gradkeep::probe::quantity {

Probe similarity() {
  return {.name = "similarity",
          .title = "mean cosine between the pre-activations of two examples",
          .when = every_sample,
          .measure = [](const Snapshot& snapshot, Sink& sink) {
            each_layer(snapshot, sink, [](const Layer& layer) -> std::optional<double> {
              if (layer.h.columns < 2 || !all_finite(layer.h)) return {};
              // Of unit vectors u the sum over pairs is (|sum u|^2 - n) / 2.
              std::vector<double> sum(layer.h.columns);
              double examples = 0;
              for (int row = 0; row < layer.h.rows; ++row) {
                const auto h = layer.h.row(row);
                const double length = norm(h);
                if (length == 0) continue;
                for (std::size_t i = 0; i < h.size(); ++i) sum[i] += h[i] / length;
                ++examples;
              }
              if (examples < 2) return {};
              const double length = norm(sum);
              return (length * length - examples) / (examples * (examples - 1));
            });
          }};
}

}  // namespace gradkeep::probe::quantity
