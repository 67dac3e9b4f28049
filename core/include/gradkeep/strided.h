// Arrays of several axes that need not lie in one piece: a Strided is a pointer, the extents and the
// steps between neighbours, as NumPy and PyTorch have them, and owns nothing. The elementwise calls of
// an Activation take them here; an element's bits do not depend on where it lies.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gradkeep/core.h>

#include <cstddef>
#include <initializer_list>
#include <type_traits>

namespace gradkeep {

inline constexpr int kMaxRank = 8;

template <class T>
struct Strided {
  T* data = nullptr;
  int rank = 0;
  std::array<std::size_t, kMaxRank> shape = {};
  // In elements. Negative ones run backwards; 0 repeats an element, for arrays that are only read.
  std::array<std::ptrdiff_t, kMaxRank> strides = {};

  Strided() = default;
  // In one piece, the last axis innermost. Throws Error for more than kMaxRank axes.
  Strided(T* first, std::span<const std::size_t> extents);
  Strided(T* first, std::initializer_list<std::size_t> extents)
      : Strided(first, std::span(extents.begin(), extents.size())) {}
  Strided(T* first, std::span<const std::size_t> extents, std::span<const std::ptrdiff_t> steps);
  Strided(T* first, std::initializer_list<std::size_t> extents,
          std::initializer_list<std::ptrdiff_t> steps)
      : Strided(first, std::span(extents.begin(), extents.size()),
                std::span(steps.begin(), steps.size())) {}
  // A span, vector or plain array is one axis.
  template <class S>
    requires std::is_convertible_v<S&, std::span<T>>
  Strided(S&& s)  // NOLINT: stands for what it is made of
      : Strided(std::span<T>(s).data(), {std::span<T>(s).size()}) {}

  operator Strided<const T>() const  // NOLINT: what may be written may be read
    requires(!std::is_const_v<T>)
  {
    Strided<const T> view;
    view.data = data;
    view.rank = rank;
    view.shape = shape;
    view.strides = strides;
    return view;
  }

  std::size_t size() const;  // the product of the extents
};

// The calls of Activation over arrays of equal shape. An output may be the very view that an input is
// (same data, extents and strides). Error where it shares memory with an input in any other way, or
// with itself. T is float, double, Float16 or BFloat16.
template <class T>
void evaluate(const Activation& f, int order, Strided<const std::type_identity_t<T>> x,
              Strided<T> out, Tier tier = Tier::fast);
template <class T>
void value_and_slope(const Activation& f, Strided<const std::type_identity_t<T>> x, Strided<T> y,
                     Strided<T> dy);
// Order 1 or 2, where f.has_output_form().
template <class T>
void from_output(const Activation& f, int order, Strided<const std::type_identity_t<T>> y,
                 Strided<T> out);
// dx = dy * f'(x); dx may be dy or x.
template <class T>
void backward(const Activation& f, Strided<const std::type_identity_t<T>> x,
              Strided<const std::type_identity_t<T>> dy, Strided<T> dx);
// The same from y = f(x), where f.has_output_form(); dx may be dy or y.
template <class T>
void backward_from_output(const Activation& f, Strided<const std::type_identity_t<T>> y,
                          Strided<const std::type_identity_t<T>> dy, Strided<T> dx);
// df/dp for parameter number k.
template <class T>
void parameter_slope(const Activation& f, int k, Strided<const std::type_identity_t<T>> x,
                     Strided<T> out);

}  // namespace gradkeep
