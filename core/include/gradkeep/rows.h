// Functions of a whole row: softmax and its kin, along any axis of an array. Every other axis counts
// rows. Values are within 2 ULP however long the row; sums have one fixed shape, so a row's bits
// depend neither on where it lies nor on the number of threads.
//
// As PyTorch has it, a row that holds NaN or +inf, or nothing but -inf, is NaN throughout; -inf among
// finite numbers gives 0 (log_softmax: -inf). Ties share in softmax and sparsemax alike.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gradkeep/strided.h>

namespace gradkeep {

// softmax:     e^x / sum e^x
// log_softmax: x - log(sum e^x)
// softmin:     softmax of -x
// hardmax:     1 at the first of the largest, 0 elsewhere; NaN counts as largest, as in argmax
// sparsemax:   max(x - t, 0), with t such that the row sums to 1 (Martins & Astudillo 2016)
enum class RowFunction { softmax, log_softmax, softmin, hardmax, sparsemax };

// "log_softmax" or a framework's spelling of it, in any case. Error for an unknown name.
RowFunction row_function(std::string_view name);
std::string_view row_function_name(RowFunction f);
std::vector<std::string> row_function_names();

// y may be the view x. A negative axis counts from the last. T is float, double, Float16 or BFloat16.
template <class T>
void rowwise(RowFunction f, Strided<const std::type_identity_t<T>> x, Strided<T> y, int axis = -1);

// The vector-Jacobian product from y = f(x): dx_j = sum_i dy_i dy_i/dx_j; dx may be the view y or dy.
//   softmax     y_j sum_i y_i (dy_j - dy_i): over differences, so that a gradient survives where y has
//               rounded to 1; within 6 ULP of the sum of the |y_j y_i (dy_j - dy_i)|
//   log_softmax dy_j - e^y_j sum_i dy_i
//   hardmax     0
//   sparsemax   dy_j - mean of dy where y > 0, elsewhere 0
template <class T>
void rowwise_backward(RowFunction f, Strided<const std::type_identity_t<T>> y,
                      Strided<const std::type_identity_t<T>> dy, Strided<T> dx, int axis = -1);

}  // namespace gradkeep
