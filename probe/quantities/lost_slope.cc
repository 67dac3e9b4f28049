// Share of slopes that arithmetic lost: zero in the form in use (from the output, say), although
// f'(h), computed from h in double, is not zero and float32 could hold it. A slope too small for any
// format is the function's doing.
// SPDX-License-Identifier: Apache-2.0
#include <cmath>

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
              std::vector<double> truth(layer.h.values.size());
              layer.activation->slope<double>(layer.h.values, truth);
              int lost = 0;
              for (std::size_t i = 0; i < truth.size(); ++i)
                lost += layer.slope.values[i] == 0 && std::abs(truth[i]) >= kSmallest;
              return lost / static_cast<double>(truth.size());
            });
          }};
}

}  // namespace gradkeep::probe::quantity
