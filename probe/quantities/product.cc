// The one affine map P x + c that the network's matrices multiply to when every activation is
// replaced by f(h) = h: product_1, product_2, ... are the columns of P by input, product_b is c,
// and the layer is the output's number, from 1. Nothing where P has more than 64 entries.
// SPDX-License-Identifier: Apache-2.0
#include <string>

#include "probe/affine.h"
#include "probe/probe.h"

namespace gradkeep::probe::quantity {

Probe product() {
  return {.name = "product",
          .title = "entries of the affine map that the weights multiply to",
          .when = at_end,
          .measure =
              [](const Snapshot& snapshot, Sink& sink) {
                const auto map = without_activations(snapshot);
                if (!map || map->p.values.size() > 64) return;
                for (int output = 0; output < map->p.rows; ++output) {
                  for (int input = 0; input < map->p.columns; ++input)
                    sink.add(output + 1, map->p.row(output)[input], std::to_string(input + 1));
                  sink.add(output + 1, map->c[output], "b");
                }
              },
          .costly = true,
          .whole = true};
}

}  // namespace gradkeep::probe::quantity
