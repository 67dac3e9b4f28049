// The calibration error (see ece) of two classes seen from the second one: its probability against
// the share in which it is the right one. A different number from ece's, which folds the halves
// below and above 0.5 onto each other, where their errors may cancel.
// SPDX-License-Identifier: Apache-2.0
#include "probe/probe.h"
#include "probe/scores.h"

namespace gradkeep::probe::quantity {

Probe ece_positive() {
  return {
      .name = "ece_positive",
      .title = "expected calibration error of the second class's probability, two classes, 15 bins",
      .when = at_end,
      .measure = [](const Snapshot& snapshot, Sink& sink) {
        const auto forecasts = forecasts_of(snapshot.held());
        if (!forecasts || forecasts->classes != 2) return;
        std::vector<double> p;
        std::vector<bool> positive;
        for (int row = 0; row < forecasts->p.rows; ++row) {
          p.push_back(forecasts->p.row(row).back());
          positive.push_back(forecasts->label[row] == 1);
        }
        sink.add(0, calibration_error(p, positive));
      }};
}

}  // namespace gradkeep::probe::quantity
