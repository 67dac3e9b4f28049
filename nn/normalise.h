// Normalisation of pre-activations a = x W^T + b, followed by a learned scale and centre per unit:
//   n = (a - mean) / sqrt(variance + epsilon),   h = gamma n + beta.
// batch takes mean and variance of a unit over the rows of the batch (Ioffe and Szegedy 2015), and
// in evaluation their running averages, into which training mixes a tenth of each batch's mean and
// unbiased variance; layer takes them over the units of a row (Ba, Kiros and Hinton 2016). Epsilon,
// momentum and the start gamma = 1, beta = 0 are PyTorch's.
//
// Backward, with g = gamma dL/dh and means over what forward took them over:
//   dL/da = (g - mean(g) - n mean(g n)) / sqrt(variance + epsilon),
// which takes two directions out of the gradient: a constant added to all a and a factor common to
// them would change nothing. Sums are taken in double.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "nn/matrix.h"

namespace gradkeep::nn {

enum class Normalisation { none, batch, layer };
Normalisation parse_normalisation(std::string_view text);  // Error with the known names

inline constexpr double kNormalisationEpsilon = 1e-5;
inline constexpr double kRunningMomentum = 0.1;

// a becomes n; mean, variance and inverse = 1 / sqrt(variance + epsilon) are one number a column.
template <class T>
void normalise_columns(Matrix<T> a, T* mean, T* variance, T* inverse);
// With mean and variance from elsewhere: the running averages.
template <class T>
void normalise_columns_by(Matrix<T> a, const T* mean, const T* variance);
// inverse is one number a row.
template <class T>
void normalise_rows(Matrix<T> a, T* inverse);

// h = gamma n + beta; n and h may be the same array.
template <class T>
void scale_and_centre(Matrix<const T> n, const T* gamma, const T* beta, Matrix<T> h);
// dgamma = column sums of dL/dh n, dbeta = column sums of dL/dh.
template <class T>
void scale_and_centre_backward(Matrix<const T> dh, Matrix<const T> n, T* dgamma, T* dbeta);

// In `da` dL/dh becomes dL/da.
template <class T>
void normalise_columns_backward(Matrix<T> da, Matrix<const T> n, const T* gamma, const T* inverse);
template <class T>
void normalise_rows_backward(Matrix<T> da, Matrix<const T> n, const T* gamma, const T* inverse);

}  // namespace gradkeep::nn
