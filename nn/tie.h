// Weights that are one number in several places: a convolution written as a matrix. A tie gives every
// weight of a layer (units x inputs) the number of its group, or -1 where the weight is always zero.
// The gradient of a shared number is the sum over its places; written back to all of them it keeps
// them equal bit for bit under every optimiser, which treats all weights alike. Norms over the
// matrix (clipping, path lengths) count every place.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <vector>

#include "nn/matrix.h"

namespace gradkeep::nn {

// A 3 x 3 convolution with one channel in and out on images of side x side, zero outside: output
// (r, c) is the sum of k(i, j) input(r + i - 1, c + j - 1), k(i, j) being group 3 i + j. Biases are
// not tied.
std::vector<int> tie_convolution(int side);

// The number of groups: one more than the largest.
int groups(std::span<const int> tie);

// The most weights that are not always zero in a row (fan-in) and in a column (fan-out).
struct Fans {
  int in, out;
};
Fans fans(Matrix<const int> tie);

// Replaces each gradient by the sum over its group; `sums` has room for groups(tie) numbers.
template <class T>
void add_within_groups(std::span<T> dw, std::span<const int> tie, std::span<double> sums);

}  // namespace gradkeep::nn
