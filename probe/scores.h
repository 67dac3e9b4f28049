// What the scores on held-out examples share: the outputs read as probabilities. The loss says how:
// the softmax of the logits, the sigmoid of each under the binary loss, and under the squared loss
// the outputs themselves, which may then lie anywhere.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "probe/snapshot.h"

namespace gradkeep::probe {

struct Forecasts {
  int classes = 0;
  Table p;                       // examples x classes; one column: of the second class of two
  std::vector<double> log_loss;  // by example; see quantities/log_loss.cc
  std::vector<int> label;
};

// Nothing where no example is held out, in a regression, and for outputs that are not finite.
std::optional<Forecasts> forecasts_of(const Held& held);

// The share of the probabilities that the right class has: p or 1 - p of a single one, else p over
// the sum of all.
double right_share(std::span<const double> p, int label);

// The mean over all of |share of true ones - mean p| in the bin of each, for 15 bins (a, b] of
// equal width; p of 0 and below belongs to the first bin, above 1 to the last.
double calibration_error(std::span<const double> p, const std::vector<bool>& happened);

}  // namespace gradkeep::probe
