// Mean square of the pre-activations over units and examples: what mean-field theory calls q. Of the
// first layer also for each eighth of the examples, those with the smallest mean square first
// (h_square_1 to h_square_8): inputs differ in size, and a signal's way through the layers depends on
// where it starts.
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstddef>
#include <span>
#include <string>

#include "probe/probe.h"
#include "probe/reduce.h"

namespace gradkeep::probe::quantity {

constexpr std::size_t kParts = 8;

Probe h_square() {
  return {
      .name = "h_square",
      .title = "mean square of the pre-activations",
      .when = start_and_end,
      .measure = [](const Snapshot& snapshot, Sink& sink) {
        const auto mean_square = [](std::span<const double> h) {
          const double root = root_mean_square(h);
          return root * root;
        };
        each_layer(snapshot, sink, [&](const Layer& layer) { return mean_square(layer.h.values); });
        const Layer& first = snapshot.layers.front();
        const auto examples = static_cast<std::size_t>(first.h.rows);
        if (examples < kParts || !all_finite(first.h.values)) return;
        std::vector<double> squares(examples);
        for (std::size_t r = 0; r < examples; ++r)
          squares[r] = mean_square(first.h.row(static_cast<int>(r)));
        std::sort(squares.begin(), squares.end());
        for (std::size_t part = 0; part < kParts; ++part) {
          const std::size_t from = examples * part / kParts, to = examples * (part + 1) / kParts;
          sink.add(first.number, mean(std::span(squares).subspan(from, to - from)),
                   std::to_string(part + 1));
        }
      }};
}

}  // namespace gradkeep::probe::quantity
