// Arithmetic in any of the element types; the 16-bit ones are computed as floats and rounded once.
// Simple loops, which compilers turn into SIMD code. (Products: core/passes.h.)
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gradkeep/core.h>

#include <cstddef>
#include <type_traits>

namespace gradkeep::detail {

// What a type is computed in.
template <class T>
using Computed = std::conditional_t<sizeof(T) == 2, float, T>;

template <class T>
Computed<T> computed(T v) {
  return static_cast<Computed<T>>(v);
}

template <class T>
void add_blocks(const T* a, const T* b, T* out, std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) out[i] = T(computed(a[i]) + computed(b[i]));
}

// A sum of doubles that keeps what rounding takes from it (Neumaier): its error does not grow with the
// number of addends, and depends on their order alone.
class Sum {
 public:
  void add(double v) {
    const double s = sum_ + v;
    const double t = s - sum_;
    rest_ += (sum_ - (s - t)) + (v - t);
    sum_ = s;
  }
  double value() const { return sum_ - sum_ == 0 ? sum_ + rest_ : sum_; }

 private:
  double sum_ = 0, rest_ = 0;
};

}  // namespace gradkeep::detail
