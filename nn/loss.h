// What training makes small, and its gradient with respect to the logits z; both are means over the
// rows of the batch (and over the outputs for the squared error), as in PyTorch:
//   softmax  cross-entropy of softmax(z) with a class  dL/dz = (softmax(z) - onehot) / rows
//   binary   cross-entropy of sigmoid(z) with 0 or 1   dL/dz = (sigmoid(z) - t) / rows
//   squared  (z - t)^2                                 dL/dz = 2 (z - t) / (rows * outputs)
// softmax subtracts the largest logit first and binary works on |z|, so that neither overflows.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string_view>

#include "nn/matrix.h"

namespace gradkeep::nn {

enum class Loss { softmax, binary, squared };
Loss parse_loss(std::string_view text);  // Error with the known names

// What the rows of a batch should give: labels for softmax and binary, targets (rows x outputs)
// for squared.
template <class T>
struct Wanted {
  std::span<const int> label;
  Matrix<const T> target;
};

// The loss in double; with gradient.data not null, the gradient too.
template <class T>
double loss_and_gradient(Loss loss, Matrix<const T> logits, const Wanted<T>& wanted,
                         Matrix<T> gradient);

// The number of rows whose class is right: the largest logit (softmax), the sign (binary).
template <class T>
int count_correct(Loss loss, Matrix<const T> logits, std::span<const int> label);

}  // namespace gradkeep::nn
