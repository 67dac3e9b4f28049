// Share of slopes that are exactly zero in the number format in use. For relu that is half of its
// line; for sigmoid, whose true slope is never zero, it is arithmetic (see lost_slope).
// SPDX-License-Identifier: Apache-2.0
#include "probe/probe.h"
#include "probe/reduce.h"

namespace gradkeep::probe::quantity {

Probe zero_slope() {
  return {.name = "zero_slope",
          .title = "share of slopes that are exactly zero",
          .when = every_sample,
          .measure = [](const Snapshot& snapshot, Sink& sink) {
            each_hidden(snapshot, sink,
                        [](const Layer& layer) { return share_of_zeros(layer.slope); });
          }};
}

}  // namespace gradkeep::probe::quantity
