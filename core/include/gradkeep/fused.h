// Two passes in one: a bias along the last axis and the activation after it; and on the way back the
// gradients of both. x is a matrix in one piece with a row of bias.size() numbers after the other.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gradkeep/core.h>

#include <type_traits>

namespace gradkeep {

// y = f(x + bias), the sum rounded to T as if it had been written down; y may be x. T is float, double,
// Float16 or BFloat16.
template <class T>
void bias_value(const Activation& f, std::span<const std::type_identity_t<T>> x,
                std::span<const std::type_identity_t<T>> bias, std::span<T> y);

// dx = dy f'(x + bias) and dbias = the column sums of dy f'(x + bias): in double with what rounding takes,
// row after row, rounded once. dx may be x or dy.
template <class T>
void bias_backward(const Activation& f, std::span<const std::type_identity_t<T>> x,
                   std::span<const std::type_identity_t<T>> bias,
                   std::span<const std::type_identity_t<T>> dy, std::span<T> dx,
                   std::span<std::type_identity_t<T>> dbias);

}  // namespace gradkeep
