// The SIMD loops behind gradkeep/rows.h: passes over a contiguous piece of a row, whose results a small
// state carries from piece to piece. Pieces hold a multiple of 16 numbers, but for a row's last.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

namespace gradkeep::detail {

// Element i of a row goes to partial sum i mod 16, on every target; a float's sums are doubles, a
// double's are sums of two.
inline constexpr std::size_t kPartials = 16;
struct RowSum {
  alignas(64) double high[kPartials] = {};
  alignas(64) double low[kPartials] = {};
};

// A number as the sum of two.
template <class T>
struct Pair {
  T high = 0, low = 0;
};

// Exponentials are added up in this unit, in which none of them is subnormal.
template <class T>
inline constexpr double kRowUnit = sizeof(T) == 4 ? 0x1p-64 : 0x1p-400;

template <class T>
struct RowKernels {
  // The largest of *most and sign * x; NaN if one of them is.
  void (*most)(const T* x, std::size_t n, T sign, T* most);
  // Sums of e^(sign x - most): of elements below the largest, divided by kRowUnit, and of the largest (their
  // number). Where keep is not null it gets the exponentials, for scale().
  void (*exponentials)(const T* x, T* keep, std::size_t n, T sign, T most, RowSum* below,
                       RowSum* ties);
  // y = kept * inverse.
  void (*scale)(const T* kept, T* y, std::size_t n, Pair<T> inverse);
  // The last two in one, from x.
  void (*softmax)(const T* x, T* y, std::size_t n, T sign, T most, Pair<T> inverse);
  // y = (x - most) - log_sum.
  void (*log_softmax)(const T* x, T* y, std::size_t n, T most, Pair<T> log_sum);
  // With z = x - most: sum and number of the z > threshold.
  void (*support)(const T* x, std::size_t n, T most, Pair<double> threshold, RowSum* sum,
                  RowSum* count);
  // y = max(z - threshold, 0).
  void (*sparsemax)(const T* x, T* y, std::size_t n, T most, Pair<double> threshold);

  // Sums of y and of y (dy - shift).
  void (*dot)(const T* y, const T* dy, std::size_t n, T shift, RowSum* sum, RowSum* product);
  // dx = sign * y ((dy - shift) sum - product).
  void (*softmax_backward)(const T* y, const T* dy, T* dx, std::size_t n, T sign, T shift,
                           Pair<double> sum, Pair<double> product);
  // The sum of dy; dx = dy - e^y sum.
  void (*total)(const T* dy, std::size_t n, RowSum* sum);
  void (*log_softmax_backward)(const T* y, const T* dy, T* dx, std::size_t n, Pair<double> sum);
  // Sum and number of the dy where y > 0; dx = dy - mean there.
  void (*supported)(const T* y, const T* dy, std::size_t n, RowSum* sum, RowSum* count);
  void (*sparsemax_backward)(const T* y, const T* dy, T* dx, std::size_t n, Pair<double> mean);
};

// Of the target that was chosen when the library loaded.
template <class T>
const RowKernels<T>& row_kernels();

}  // namespace gradkeep::detail
