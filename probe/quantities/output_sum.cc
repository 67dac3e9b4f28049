// The sum of a network's outputs, taken for probabilities of its classes, on the examples held out
// of training: output_sum is the mean, output_sum_spread the standard deviation. Softmax gives 1
// and 0; sigmoids side by side know nothing of each other and give anything. Nothing for a single
// output.
// SPDX-License-Identifier: Apache-2.0
#include <numeric>

#include "probe/probe.h"
#include "probe/reduce.h"
#include "probe/scores.h"

namespace gradkeep::probe::quantity {

Probe output_sum() {
  return {.name = "output_sum",
          .title = "mean and standard deviation of the sum of the outputs, on examples held out",
          .when = at_end,
          .measure = [](const Snapshot& snapshot, Sink& sink) {
            const auto forecasts = forecasts_of(snapshot.held());
            if (!forecasts || forecasts->p.columns == 1) return;
            std::vector<double> sums;
            for (int row = 0; row < forecasts->p.rows; ++row) {
              const auto p = forecasts->p.row(row);
              sums.push_back(std::accumulate(p.begin(), p.end(), 0.0));
            }
            sink.add(0, mean(sums));
            sink.add(0, deviation(sums), "spread");
          }};
}

}  // namespace gradkeep::probe::quantity
