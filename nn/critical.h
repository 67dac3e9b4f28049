// Weights and biases at the point where mean-field theory has signal and gradient keep their size. What
// weights do to a signal, and to the gradient on its way back, depends on the activation that they
// meet, that of the layer below: q_i = w_i^2 E phi_(i-1)^2 + b_i^2. So each layer above the first has
// flow's recommendation for the activation (with its shift) and the width of the layer below, and for
// the number of hidden layers. The first layer meets inputs, taken to have mean square 1: it has its
// own activation's recommendation, times what makes up for inputs of another size where one asks for
// those.
//
// The output layer has that of the last hidden layer too, made smaller where logits would have a
// variance above 1: a softmax or sigmoid that starts out sure of itself has little slope. The gradient
// of all hidden layers becomes smaller by the same factor.
//
// Normalisation, skips and dropout are not looked at; they have laws of their own (gradkeep/blocks.h).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gradkeep/mean_field.h>

#include <vector>

#include "nn/network.h"

namespace gradkeep::nn {

// By layer. Takes a tenth of a second or so for each different activation.
std::vector<WeightScale> critical_scales(const NetworkSpec& spec);

}  // namespace gradkeep::nn
