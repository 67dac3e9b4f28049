// The matrix product, where a deep network spends its time: C = op(A) op(B), op being nothing or
// the transpose. float goes to oneDNN and double to BLIS, chosen by measuring
// (bench/nn/products.cc) on the shapes of our networks; the three nested loops stay beside them as
// the reference.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "nn/matrix.h"

namespace gradkeep::nn {

enum class Op { plain, transposed };

// On the calling thread alone, whatever the settings of OpenMP and BLIS are, so that equal inputs
// give equal bits. C must not overlap A or B.
template <class T>
void product(Op op_a, Matrix<const T> a, Op op_b, Matrix<const T> b, Matrix<T> c);

// The reference; sums in the order of the inner index.
template <class T>
void product_naive(Op op_a, Matrix<const T> a, Op op_b, Matrix<const T> b, Matrix<T> c);

}  // namespace gradkeep::nn
