// What the build makes of one file in functions/: the record behind a name (core/record.cc.in) and, for every
// SIMD target, its kernels (core/unit.cc.in). core/registry.cc.in lists them all.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gradkeep/core.h>

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <type_traits>
#include <utility>

namespace gradkeep::detail {

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
};

struct Kernels {
  KernelTable<float> f32;
  KernelTable<double> f64;
  // By order: float inputs to double results with an error of at most kRoughError (core/scalar.h).
  void (*rough[3])(const float* x, double* out, std::size_t n, const double* p);
  template <class T>
  const KernelTable<T>& table() const {
    if constexpr (sizeof(T) == sizeof(float)) {
      return f32;
    } else {
      return f64;
    }
  }
};

// What is asked of a definition: f, f' or f'' by order from x; by order from y; df/dp by parameter.
enum class Form { evaluate, from_output, parameter_slope };

// What parameters ask for. A kernel multiplies and divides by a parameter, at most twice, on its way
// to a result that may be of everyday size; these are the sizes with which nothing over- or underflows
// meanwhile. (Both leave room for the power of two that exponentials carry, core/vocabulary-inl.h.)
enum class Arithmetic : unsigned char { lanes, double_lanes, unbounded };
inline constexpr double kFloatReach = 0x1p14, kDoubleReach = 0x1p160;

inline Arithmetic arithmetic_for(std::span<const double> parameters) {
  Arithmetic needed = Arithmetic::lanes;
  for (const double p : parameters) {
    const double size = p < 0 ? -p : p;
    const auto within = [&](double reach) {
      return size == 0 || (size <= reach && size * reach >= 1);
    };
    needed = std::max(needed, within(kFloatReach)    ? Arithmetic::lanes
                              : within(kDoubleReach) ? Arithmetic::double_lanes
                                                     : Arithmetic::unbounded);
  }
  return needed;
}

struct DoubleDouble;
struct Cancellations;
template <class T>
struct Piecewise;

struct Definition {
  Info info;
  std::vector<Claim> claims;
  Interval (*domain)(const double* p);
  Interval (*range)(const double* p);
  Limits (*limits)(const double* p);
  // Why these parameters do not go together, "" if they do.
  std::string (*complaint)(const double* p);
  // Whether the slope is a function of the output for these parameters.
  bool (*invertible)(const double* p);
  const Kernels* kernels;  // of the target chosen when the library loaded
  // f, f' or f'' at x, in 106 bits.
  DoubleDouble (*scalar)(double x, int order, const double* p);
  Cancellations (*cancellations)(int order, const double* p);
  // One number, for parameters beyond the reach of double lanes; null for a function without any.
  double (*unbounded)(Form form, int index, double x, const double* p, bool for_float);
  // By order, once somebody asked (core/piecewise.h).
  mutable std::atomic<const Piecewise<float>*> fast_polynomials[3];
  mutable std::atomic<const Piecewise<double>*> exact_polynomials[3];
  // The results for all 65,536 numbers of float16 and of bfloat16, by order, once somebody
  // asked (core/tables.h).
  mutable std::atomic<const std::uint16_t*> tables[2][3];
  bool quick;  // the kernel is quicker than polynomials by segment
  // Lanes round each result at most once if the parameters are numbers of theirs.
  bool rounds_once;
};

// Where a function is defined: what its optional member domain(p) says, or else everywhere.
template <class Function>
inline constexpr bool kHasDomain =
    requires(typename Function::template Parameters<double> p) { Function::domain(p); };
template <class Function, class P>
Interval domain_of(const P& p) {
  if constexpr (kHasDomain<Function>) {
    return Function::domain(p);
  } else {
    return {-kInfinity, kInfinity, true, true};
  }
}

// Generated: every definition, ordered by name.
std::span<const Definition* const> definitions();

// Binds a plain array of numbers to a definition's Parameters<T>.
template <class P, class T, class Number>
P bind_parameters(const Number* p) {
  constexpr std::size_t count = std::is_empty_v<P> ? 0 : sizeof(P) / sizeof(T);
  static_assert(count <= kMaxParameters);
  return [&]<std::size_t... k>(std::index_sequence<k...>) {
    return P{T(p[k])...};
  }(std::make_index_sequence<count>());
}

// Member number k of a definition's Parameters<T>.
template <class T, class P>
T nth_parameter(const P& p, int k) {
  static_assert(sizeof(P) % sizeof(T) == 0 && sizeof(P) / sizeof(T) <= kMaxParameters);
  if constexpr (sizeof(P) == sizeof(T)) {
    const auto& [a] = p;
    return a;
  } else if constexpr (sizeof(P) == 2 * sizeof(T)) {
    const auto& [a, b] = p;
    return k == 0 ? a : b;
  } else if constexpr (sizeof(P) == 3 * sizeof(T)) {
    const auto& [a, b, c] = p;
    return k == 0 ? a : k == 1 ? b : c;
  } else {
    const auto& [a, b, c, d] = p;
    return k == 0 ? a : k == 1 ? b : k == 2 ? c : d;
  }
}

}  // namespace gradkeep::detail
