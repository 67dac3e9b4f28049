// The layers of a network that has more in them than weights and an activation (LayerParts): what
// each does to variance, likeness and gradient, one after the other.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gradkeep/prediction.h>

#include <vector>

namespace gradkeep::flow {

struct StackedLayer {
  LayerPrediction signal;   // chi_1: from the next layer's squared gradient norm to this one's
  double log_variance = 0;  // of that factor, from one network to the next
};

// Throws Error for whatever a number may not be.
std::vector<StackedLayer> stack(const MeanField& field, const NetworkShape& shape);

}  // namespace gradkeep::flow
