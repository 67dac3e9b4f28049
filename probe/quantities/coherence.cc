// How far the entries of a layer's input x push a unit's weights in one direction: |sum of x| over
// the sum of |x|, averaged over the examples whose input is not all zero. 1 where no entry is
// negative; about 1/sqrt(n) for n entries of random sign.
// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include "probe/probe.h"
#include "probe/reduce.h"

namespace gradkeep::probe::quantity {

Probe coherence() {
  return {.name = "coherence",
          .title = "sign coherence of the layer's input: 1 where all entries have one sign",
          .when = every_sample,
          .measure = [](const Snapshot& snapshot, Sink& sink) {
            each_layer(snapshot, sink, [](const Layer& layer) -> std::optional<double> {
              if (!all_finite(layer.x)) return {};
              double total = 0;
              int examples = 0;
              for (int row = 0; row < layer.x.rows; ++row) {
                double sum = 0, size = 0;
                for (const double x : layer.x.row(row)) {
                  sum += x;
                  size += std::abs(x);
                }
                if (size == 0) continue;
                total += std::abs(sum) / size;
                ++examples;
              }
              if (examples == 0) return {};
              return total / examples;
            });
          }};
}

}  // namespace gradkeep::probe::quantity
