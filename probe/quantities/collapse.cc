// How far the network is from a single layer: the largest difference, over the batch, between its
// output layer's pre-activations and those of the same network with every activation replaced by
// f(h) = h, over the largest of both, so that it lies between 0 and 2. A stack of linear layers,
// convolutions too, gives 0 up to rounding: it is one affine map. Nothing with layer normalisation,
// which is none.
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <numeric>

#include "probe/affine.h"
#include "probe/probe.h"
#include "probe/reduce.h"

namespace gradkeep::probe::quantity {

Probe collapse() {
  return {.name = "collapse",
          .title = "distance of the network from the affine map of its weights",
          .when = every_sample,
          .measure =
              [](const Snapshot& snapshot, Sink& sink) {
                const auto map = without_activations(snapshot);
                if (!map) return;
                const Table &x = snapshot.layers.front().x, &h = snapshot.layers.back().h;
                if (!all_finite(h)) return;
                double largest = 0, difference = 0;
                for (int row = 0; row < h.rows; ++row)
                  for (int unit = 0; unit < h.columns; ++unit) {
                    const auto p = map->p.row(unit), input = x.row(row);
                    const double affine =
                        std::inner_product(p.begin(), p.end(), input.begin(), map->c[unit]);
                    largest = std::max({largest, std::abs(h.row(row)[unit]), std::abs(affine)});
                    difference = std::max(difference, std::abs(h.row(row)[unit] - affine));
                  }
                if (largest > 0) sink.add(0, difference / largest);
              },
          .whole = true};
}

}  // namespace gradkeep::probe::quantity
