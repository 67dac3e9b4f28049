// The Brier score on the examples held out of training. With two classes the mean of (p - y)^2, p
// the probability of the second class and y 0 or 1: 0 to 1. With more classes the sum over the
// classes of (p_k - y_k)^2, averaged: 0 to 2.
// SPDX-License-Identifier: Apache-2.0
#include "probe/probe.h"
#include "probe/scores.h"

namespace gradkeep::probe::quantity {

static double square(double v) { return v * v; }

Probe brier() {
  return {
      .name = "brier",
      .title =
          "Brier score on examples held out (two classes: mean (p-y)^2, more: sum over classes)",
      .when = at_end,
      .measure = [](const Snapshot& snapshot, Sink& sink) {
        const auto forecasts = forecasts_of(snapshot.held());
        if (!forecasts) return;
        double sum = 0;
        for (int row = 0; row < forecasts->p.rows; ++row) {
          const auto p = forecasts->p.row(row);
          const int label = forecasts->label[row];
          if (forecasts->classes == 2) {
            sum += square(p.back() - label);
            continue;
          }
          for (int k = 0; k < forecasts->classes; ++k) sum += square(p[k] - (k == label));
        }
        sink.add(0, sum / forecasts->p.rows);
      }};
}

}  // namespace gradkeep::probe::quantity
