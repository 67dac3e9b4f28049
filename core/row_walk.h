// What the functions of rows share on the way there and back: sums, the walk over the rows of an array,
// and panels of rows that do not lie in one piece.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gradkeep/rows.h>

#include <utility>

#include "core/arithmetic.h"
#include "core/double_double.h"
#include "core/row_kernels.h"
#include "core/storage.h"
#include "core/views.h"

namespace gradkeep::detail {

// The partial sums added up two by two, always in the same order.
inline DoubleDouble total(const RowSum& s) {
  DoubleDouble v[kPartials];
  for (std::size_t i = 0; i < kPartials; ++i) v[i] = exact_sum(s.high[i], s.low[i]);
  for (std::size_t half = kPartials / 2; half > 0; half /= 2) {
    for (std::size_t i = 0; i < half; ++i) v[i] = v[i] + v[i + half];
  }
  return v[0];
}
inline double plain_total(const RowSum& s) {
  double v[kPartials];
  std::copy(s.high, s.high + kPartials, v);
  for (std::size_t half = kPartials / 2; half > 0; half /= 2) {
    for (std::size_t i = 0; i < half; ++i) v[i] += v[i + half];
  }
  return v[0];
}
template <class T>
DoubleDouble sum_of(const RowSum& s) {
  return sizeof(T) == sizeof(float) ? DoubleDouble(plain_total(s)) : total(s);
}
inline Pair<double> pair(DoubleDouble v) { return {v.hi, v.lo}; }

// A double-double in two numbers of T.
template <class T>
Pair<T> split(DoubleDouble v) {
  if constexpr (sizeof(T) == sizeof(double)) {
    return {v.hi, v.lo};
  } else {
    const auto high = static_cast<float>(v.hi);
    return {high, static_cast<float>((v.hi - static_cast<double>(high)) + v.lo)};
  }
}

// A kernel's counters are sums of ones in its own type: no piece is longer than they can count.
inline constexpr std::size_t kPiece = std::size_t{1} << 20;

template <class Call>
void in_pieces(std::size_t n, const Call& call) {
  for (std::size_t i = 0; i < n; i += kPiece) call(i, std::min(kPiece, n - i));
}

// Rows that lie next to each other, a cache line's worth.
template <class T>
inline constexpr std::size_t kPanel = 64 / sizeof(T);

// The rows of several arrays of one shape: an axis, and the walk over all others.
template <std::size_t kArrays>
struct Rows {
  std::size_t length = 0;
  std::array<std::ptrdiff_t, kArrays> step = {};
  Walk<kArrays> others;

  template <class T>
  Rows(int axis, const std::array<Strided<T>, kArrays>& views) {
    axis = checked_axis(axis, views[0].rank);
    for (int a = 0; a < views[0].rank; ++a) {
      std::array<std::ptrdiff_t, kArrays> steps;
      for (std::size_t k = 0; k < kArrays; ++k) steps[k] = views[k].strides[a];
      if (a == axis) {
        length = views[0].shape[a];
        step = steps;
      } else {
        others.add_axis(views[0].shape[a], steps);
      }
    }
    others.simplify();
  }
  bool contiguous() const {
    return length == 1 ||
           std::all_of(step.begin(), step.end(), [](std::ptrdiff_t s) { return s == 1; });
  }
};

// Up to kPanel rows, copied piece by piece to and from blocks of one row each, and 16-bit numbers widened
// and narrowed on the way.
template <class T, std::size_t kArrays>
struct Panel {
  using C = Computed<T>;
  const Rows<kArrays>& rows;
  const std::array<T*, kArrays>& data;
  std::size_t count = 0;
  std::array<std::array<std::ptrdiff_t, kPanel<C>>, kArrays> offset;

  Panel(const Rows<kArrays>& r, const std::array<T*, kArrays>& d, Place<kArrays>* place,
        std::size_t n)
      : rows(r), data(d), count(n) {
    for (std::size_t i = 0; i < count; ++i) {
      for (std::size_t k = 0; k < kArrays; ++k) offset[k][i] = place->offset(k);
      place->advance(1);
    }
  }
  void gather(std::size_t k, std::size_t at, std::size_t n, C (*block)[kBlock]) const {
    if constexpr (std::is_same_v<T, C>) {
      copy_in(k, at, n, block);
    } else {
      alignas(64) T narrow_block[kPanel<C>][kBlock];
      copy_in(k, at, n, narrow_block);
      for (std::size_t i = 0; i < count; ++i) widen(narrow_block[i], block[i], n);
    }
  }
  void scatter(std::size_t k, std::size_t at, std::size_t n, const C (*block)[kBlock]) const {
    if constexpr (std::is_same_v<T, C>) {
      copy_out(k, at, n, block);
    } else {
      alignas(64) T narrow_block[kPanel<C>][kBlock];
      for (std::size_t i = 0; i < count; ++i) narrow(block[i], narrow_block[i], n);
      copy_out(k, at, n, narrow_block);
    }
  }

 private:
  void copy_in(std::size_t k, std::size_t at, std::size_t n, T (*block)[kBlock]) const {
    const T* start = data[k] + static_cast<std::ptrdiff_t>(at) * rows.step[k];
    if (rows.step[k] == 1) {
      for (std::size_t i = 0; i < count; ++i) {
        std::copy(start + offset[k][i], start + offset[k][i] + n, block[i]);
      }
      return;
    }
    for (std::size_t j = 0; j < n; ++j) {
      const T* from = start + static_cast<std::ptrdiff_t>(j) * rows.step[k];
      for (std::size_t i = 0; i < count; ++i) block[i][j] = from[offset[k][i]];
    }
  }
  void copy_out(std::size_t k, std::size_t at, std::size_t n, const T (*block)[kBlock]) const {
    T* start = data[k] + static_cast<std::ptrdiff_t>(at) * rows.step[k];
    if (rows.step[k] == 1) {
      for (std::size_t i = 0; i < count; ++i) {
        std::copy(block[i], block[i] + n, start + offset[k][i]);
      }
      return;
    }
    for (std::size_t j = 0; j < n; ++j) {
      T* to = start + static_cast<std::ptrdiff_t>(j) * rows.step[k];
      for (std::size_t i = 0; i < count; ++i) to[offset[k][i]] = block[i][j];
    }
  }
};

// One state a row of a panel.
template <class Row, class C>
std::array<Row, kPanel<C>> panel_of(const RowKernels<C>& kernels, RowFunction f) {
  return [&]<std::size_t... i>(std::index_sequence<i...>) {
    return std::array<Row, kPanel<C>>{(static_cast<void>(i), Row(kernels, f))...};
  }(std::make_index_sequence<kPanel<C>>());
}

}  // namespace gradkeep::detail
