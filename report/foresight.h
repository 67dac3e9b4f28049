// What theory foresaw of a network before its first step (lab/theory.h), over the seeds: rows that
// stand beside the measured ones, and in which layers which number format loses the gradient.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <limits>
#include <string>
#include <vector>

#include "lab/store.h"
#include "lab/theory.h"
#include "report/compare.h"

namespace gradkeep::report {

struct Foresight {
  // By hidden layer. The spread is that over the seeds, whose first and last layers theory starts
  // from; the gradient's is the range that holds 95 % of all networks.
  std::vector<Spread> square, similarity, gradient, saturated;
  std::vector<Spread> gain;  // of the gradient from the next hidden layer: one fewer
  double layer_gain = std::numeric_limits<double>::quiet_NaN();
  WeightScale scale;
  std::vector<FormatLoss> formats;  // none where the last layer's gradient is not known
  bool plain = true;                // nothing but dense layers of weights and an activation
  std::string none;                 // why there is no prediction; "" where there is one
};

// `runs`: the seeds of one network, with their measures; never empty.
Foresight foresee(const std::vector<lab::Run>& runs, lab::Theory& theory);

// "1–12 zero, 13–15 subnormal", "18–20 subnormal", "all kept"; "no prediction" where the first layer
// has none.
std::string loss_text(const FormatLoss& loss);

}  // namespace gradkeep::report
