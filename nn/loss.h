// What training makes small, and its gradient with respect to the network's outputs z; each is a mean
// over the rows of the batch, the last two over the outputs as well, as in PyTorch:
//   softmax  cross-entropy of softmax(z) with a class    dL/dz = (softmax(z) - onehot) / rows
//   binary   cross-entropy of sigmoid(z) with 0 or 1     dL/dz = (sigmoid(z) - t) / (rows * outputs)
//   squared  (z - t)^2                                   dL/dz = 2 (z - t) / (rows * outputs)
// Classes reach the last two as t: two classes as one output with t = 0 or 1, more as one output a
// class with t = 1 for the row's class and 0 for the others.
// softmax and binary are handed logits, to which they apply softmax or sigmoid themselves: p - y
// would lose its advantage over the squared error if a slope f'(z) were multiplied to it. softmax
// subtracts the largest logit first and binary works on |z|, so that neither overflows.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gradkeep/core.h>

#include <span>
#include <string_view>

#include "nn/matrix.h"

namespace gradkeep::nn {

enum class Loss { softmax, binary, squared };
Loss parse_loss(std::string_view text);  // Error with the known names

// Error where the loss takes logits and the output layer's activation is not the identity.
void check_output(Loss loss, const Activation& output);

// What the rows of a batch should give: labels in a classification, targets (rows x outputs) in a
// regression.
template <class T>
struct Wanted {
  std::span<const int> label;
  Matrix<const T> target;
};

// The loss in double; with gradient.data not null, the gradient too.
template <class T>
double loss_and_gradient(Loss loss, Matrix<const T> outputs, const Wanted<T>& wanted,
                         Matrix<T> gradient);

// The number of rows whose class is right: the largest output; with one output its sign (binary) or
// whether it is above 0.5 (squared).
template <class T>
int count_correct(Loss loss, Matrix<const T> outputs, std::span<const int> label);

}  // namespace gradkeep::nn
