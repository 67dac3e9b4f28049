// Expected calibration error on the examples held out of training: how far the confidence of the
// network, the probability of the class that it names, is from the share in which that class is
// right. Examples are sorted by confidence into 15 bins (a, b] of equal width; the differences are
// weighted by the bins' counts (Naeini et al. 2015, Guo et al. 2017). It depends on the bins and is
// too large where examples are few, so read it beside the log loss or the Brier score.
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "probe/probe.h"
#include "probe/scores.h"

namespace gradkeep::probe::quantity {

Probe ece() {
  return {.name = "ece",
          .title = "expected calibration error on examples held out, top label, 15 bins",
          .when = at_end,
          .measure = [](const Snapshot& snapshot, Sink& sink) {
            const auto forecasts = forecasts_of(snapshot.held());
            if (!forecasts) return;
            std::vector<double> confidence;
            std::vector<bool> right;
            for (int row = 0; row < forecasts->p.rows; ++row) {
              const auto p = forecasts->p.row(row);
              const auto top = std::max_element(p.begin(), p.end());
              int guess = static_cast<int>(top - p.begin());
              confidence.push_back(*top);
              if (p.size() == 1) {
                guess = p[0] > 0.5;
                confidence.back() = std::max(p[0], 1 - p[0]);
              }
              right.push_back(guess == forecasts->label[row]);
            }
            sink.add(0, calibration_error(confidence, right));
          }};
}

}  // namespace gradkeep::probe::quantity
