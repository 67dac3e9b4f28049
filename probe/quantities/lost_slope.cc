// Share of slopes that arithmetic lost: zero in the form in use (from the output, say), although
// f'(h), computed from h in double, is not zero and float32 could hold it. A slope too small for any
// format is the function's doing.
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <cstddef>

#include "probe/probe.h"
#include "probe/reduce.h"

namespace gradkeep::probe::quantity {

constexpr double kSmallest = 0x1p-149;  // float32 can hold it

Probe lost_slope() {
  return {.name = "lost_slope",
          .title = "share of slopes lost to arithmetic",
          .when = every_sample,
          .measure = [](const Snapshot& snapshot, Sink& sink) {
            each_hidden(snapshot, sink, [](const Layer& layer) {
              if (share_of_zeros(layer.slope) == 0) return 0.0;
              std::vector<double> h(layer.h.values.size());  // where the slope in use is zero
              std::size_t zeros = 0;
              for (std::size_t i = 0; i < layer.h.values.size(); ++i) {
                h[zeros] = layer.h.values[i];
                zeros += layer.slope.values[i] == 0;
              }
              h.resize(zeros);
              std::vector<double> truth(h.size());
              layer.activation->slope<double>(h, truth);
              const auto lost = std::count_if(truth.begin(), truth.end(), [](double slope) {
                return std::abs(slope) >= kSmallest;
              });
              return static_cast<double>(lost) / static_cast<double>(layer.h.values.size());
            });
          }};
}

}  // namespace gradkeep::probe::quantity
