// Share of slopes that arithmetic lost: zero in the number format or form in use (from the output,
// say), although f'(h), computed from h in double, is not zero.
// SPDX-License-Identifier: Apache-2.0
#include "probe/probe.h"
#include "probe/reduce.h"

namespace gradkeep::probe::quantity {

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
                lost += layer.slope.values[i] == 0 && truth[i] != 0;
              return lost / static_cast<double>(truth.size());
            });
          }};
}

}  // namespace gradkeep::probe::quantity
