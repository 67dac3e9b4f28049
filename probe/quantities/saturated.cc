// Share of pre-activations where the unit is saturated: on a half line that ends in a limit and on
// which |f'| stays under 1 % of its maximum. For relu that is h <= 0; leaky_relu has no limit, so
// it never saturates.
// SPDX-License-Identifier: Apache-2.0
#include "probe/probe.h"
#include "probe/reduce.h"
#include "probe/saturation.h"

namespace gradkeep::probe::quantity {

Probe saturated() {
  return {.name = "saturated",
          .title = "share of saturated units",
          .when = every_sample,
          .measure = [](const Snapshot& snapshot, Sink& sink) {
            each_hidden(snapshot, sink, [](const Layer& layer) {
              const auto region = saturation(*layer.activation);
              const double left = region.below(), right = region.above();
              int inside = 0;
              for (const double h : layer.h.values)
                inside += static_cast<int>(h < left) | static_cast<int>(h > right);
              return inside / static_cast<double>(layer.h.values.size());
            });
          }};
}

}  // namespace gradkeep::probe::quantity
