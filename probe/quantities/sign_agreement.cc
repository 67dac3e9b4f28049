// For one example the gradient of a unit's weights is one number, dL/da, times the layer's input x:
// where x has no negative entry, all entries of the gradient have one sign, and the weights can
// only grow together or shrink together. This is the share of a unit's entries that have the sign
// of most of them, nonzero ones only, averaged over all examples and units that have any. 1: always
// one sign; 0.5: as many up as down. Nothing where weights are tied: their gradients are no such
// product.
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstddef>
#include <iterator>

#include "probe/probe.h"
#include "probe/reduce.h"

namespace gradkeep::probe::quantity {

Probe sign_agreement() {
  return {
      .name = "sign_agreement",
      .title = "share of the gradient's entries with the majority sign, for one example and unit",
      .when = every_sample,
      .measure = [](const Snapshot& snapshot, Sink& sink) {
        each_layer(snapshot, sink, [](const Layer& layer) -> std::optional<double> {
          if (layer.tied) return {};
          double sum = 0;
          std::ptrdiff_t count = 0;
          for (int row = 0; row < layer.x.rows; ++row) {
            const auto agreement = majority_sign(layer.x.row(row));
            const auto da = layer.da.row(row);
            if (!agreement || !all_finite(layer.x.row(row)) || !all_finite(da)) continue;
            const auto learning = std::ssize(da) - std::count(da.begin(), da.end(), 0.0);
            sum += *agreement * static_cast<double>(learning);
            count += learning;
          }
          if (count == 0) return {};
          return sum / static_cast<double>(count);
        });
      }};
}

}  // namespace gradkeep::probe::quantity
