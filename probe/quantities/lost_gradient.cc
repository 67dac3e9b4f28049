// Share of gradients that underflowed: neither the gradient behind the activation nor the slope is
// zero, and yet their product is. Nothing where a skip adds to that product.
// SPDX-License-Identifier: Apache-2.0
#include "probe/probe.h"
#include "probe/reduce.h"

namespace gradkeep::probe::quantity {

Probe lost_gradient() {
  return {.name = "lost_gradient",
          .title = "share of gradients lost to underflow",
          .when = every_sample,
          .measure = [](const Snapshot& snapshot, Sink& sink) {
            each_hidden(snapshot, sink, [](const Layer& layer) -> std::optional<double> {
              if (layer.skipped) return {};
              if (share_of_zeros(layer.dh) == 0) return 0;
              // All three are looked at each time: what is zero follows no pattern to be guessed.
              int lost = 0;
              for (std::size_t i = 0; i < layer.dh.values.size(); ++i)
                lost += static_cast<int>(layer.dh.values[i] == 0) &
                        static_cast<int>(layer.dy.values[i] != 0) &
                        static_cast<int>(layer.slope.values[i] != 0);
              return lost / static_cast<double>(layer.dh.values.size());
            });
          }};
}

}  // namespace gradkeep::probe::quantity
