// Weights and biases at the point where mean-field theory has signal and gradient keep their size:
// flow's recommendation for each layer's activation (with its shift), its width and the number of
// hidden layers. Normalisation, skips and dropout are not looked at; they have laws of their own
// (gradkeep/blocks.h). Inputs are taken to have mean square 1; where a recommendation is meant for
// others, the first layer's weights make up for it.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gradkeep/mean_field.h>

#include <vector>

#include "nn/network.h"

namespace gradkeep::nn {

// By layer. Takes a tenth of a second or so for each different activation.
std::vector<WeightScale> critical_scales(const NetworkSpec& spec);

}  // namespace gradkeep::nn
