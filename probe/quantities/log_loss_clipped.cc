// The log loss (see log_loss) after every output has been clipped to [1e-7, 1 - 1e-7], as some
// libraries do silently. Finite always, and for values that are no probabilities an arbitrary
// number.
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <cstddef>

#include "probe/probe.h"
#include "probe/scores.h"

namespace gradkeep::probe::quantity {

Probe log_loss_clipped() {
  return {.name = "log_loss_clipped",
          .title = "log loss on examples held out, outputs clipped to [1e-7, 1 - 1e-7]",
          .when = at_end,
          .measure = [](const Snapshot& snapshot, Sink& sink) {
            const auto forecasts = forecasts_of(snapshot.held());
            if (!forecasts) return;
            double sum = 0;
            for (int row = 0; row < forecasts->p.rows; ++row) {
              std::vector<double> p(forecasts->p.columns);
              for (std::size_t k = 0; k < p.size(); ++k)
                p[k] = std::clamp(forecasts->p.row(row)[k], 1e-7, 1 - 1e-7);
              sum -= std::log(right_share(p, forecasts->label[row]));
            }
            sink.add(0, sum / forecasts->p.rows);
          }};
}

}  // namespace gradkeep::probe::quantity
