// What the build makes of one file in functions/: the record behind a name. Each generated
// translation unit (core/unit.cc.in) fills one Definition; core/registry.cc.in lists them all.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gradkeep/core.h>

#include <cstddef>
#include <type_traits>

namespace gradkeep::detail {

inline constexpr int kMaxParameters = 2;

// out[i] = f(x[i]) for some f; p are the parameters. x and out may be the same array.
template <class T>
using Loop = void (*)(const T* x, T* out, std::size_t n, const double* p);

// What one SIMD target offers for one function and one lane type. A null pointer: no such form.
template <class T>
struct KernelTable {
  Loop<T> evaluate[3];     // by order, from the input
  Loop<T> from_output[3];  // by order (1 and 2), from y
  Loop<T> parameter_slope[kMaxParameters];
  void (*value_and_slope)(const T* x, T* y, T* dy, std::size_t n, const double* p);
  Loop<T> exact[3];  // correctly rounded
};

struct Kernels {
  KernelTable<float> f32;
  KernelTable<double> f64;
  template <class T>
  const KernelTable<T>& table() const {
    if constexpr (sizeof(T) == sizeof(float)) {
      return f32;
    } else {
      return f64;
    }
  }
};

struct Definition {
  Info info;
  std::vector<Claim> claims;
  Interval (*range)(const double* p);
  Limits (*limits)(const double* p);
  // Why these parameters do not go together, "" if they do.
  std::string (*complaint)(const double* p);
  // Whether the slope is a function of the output for these parameters.
  bool (*invertible)(const double* p);
  const Kernels* kernels;  // of the target chosen when the library loaded
};

// Generated: every definition, ordered by name.
std::span<const Definition* const> definitions();

// Binds a plain array of numbers to a definition's Parameters<T>.
template <class P, class T, class Number>
P bind_parameters(const Number* p) {
  constexpr std::size_t count = std::is_empty_v<P> ? 0 : sizeof(P) / sizeof(T);
  static_assert(count <= kMaxParameters);
  if constexpr (count == 0) {
    return P{};
  } else if constexpr (count == 1) {
    return P{T(p[0])};
  } else {
    return P{T(p[0]), T(p[1])};
  }
}

}  // namespace gradkeep::detail
