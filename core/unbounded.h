// Unbounded: a DoubleDouble whose exponent has no bounds. It speaks the kernels' vocabulary and is
// what answers for parameters so large or small that a product with them leaves the range of double,
// as alpha e^x does for alpha = 1e300 on its way to a result of everyday size. Slow and rarely asked.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "core/double_double.h"

namespace gradkeep::detail {

struct Unbounded {
  using Wide = Unbounded;
  using Fine = Unbounded;
  using Scalar = double;
  // The number is m 2^exponent with 1/2 <= |m| < 1, or m is 0, infinite or NaN and the exponent 0.
  DoubleDouble m;
  std::int64_t exponent = 0;

  Unbounded() = default;
  Unbounded(double high, double low = 0)  // NOLINT: constants read as numbers
      : Unbounded(DoubleDouble(high, low), 0) {}
  Unbounded(DoubleDouble v, std::int64_t e) : m(v) {
    if (special()) return;
    const int shift = std::ilogb(m.hi) + 1;
    m = {std::ldexp(m.hi, -shift), std::ldexp(m.lo, -shift)};
    exponent = e + shift;
  }
  static Unbounded at_most(double c) { return c; }
  static Unbounded at_least(double c) { return c; }

  bool special() const { return m.hi == 0 || !std::isfinite(m.hi); }
  // As a DoubleDouble, for words whose argument is of everyday size; tiny numbers become 0.
  DoubleDouble bounded() const {
    const int e = static_cast<int>(std::clamp<std::int64_t>(exponent, -5000, 5000));
    return {std::ldexp(m.hi, e), std::ldexp(m.lo, e)};
  }
  // As a double in one rounding; for a float, to odd, so that narrowing it is the only rounding.
  double to_double(bool for_float) const {
    const int e = static_cast<int>(std::clamp<std::int64_t>(exponent, -5000, 5000));
    return for_float && e > -1000 ? std::ldexp(round_to_odd(m), e) : rounded_at(m, e);
  }

  friend Unbounded operator-(Unbounded a) {
    a.m = -a.m;
    return a;
  }
  friend Unbounded operator*(Unbounded a, Unbounded b) {
    if (a.special() || b.special()) return a.m.hi * b.m.hi;
    return {a.m * b.m, a.exponent + b.exponent};
  }
  friend Unbounded operator/(Unbounded a, Unbounded b) {
    if (a.special() || b.special()) return a.m.hi / b.m.hi;
    return {a.m / b.m, a.exponent - b.exponent};
  }
  friend Unbounded operator+(Unbounded a, Unbounded b) {
    if (a.special() && b.special()) return a.m.hi + b.m.hi;
    if (a.special()) return a.m.hi == 0 ? b : a;
    if (b.special()) return b.m.hi == 0 ? a : b;
    if (a.exponent < b.exponent) std::swap(a, b);
    // However small the second, its sign still tells which way to round.
    const int gap = static_cast<int>(std::min<std::int64_t>(a.exponent - b.exponent, 900));
    const DoubleDouble small{std::ldexp(b.m.hi, -gap), std::ldexp(b.m.lo, -gap)};
    return {a.m + small, a.exponent};
  }
  friend Unbounded operator-(Unbounded a, Unbounded b) { return a + -b; }
  friend bool operator>(Unbounded a, Unbounded b) {
    if (a.special() && b.special()) return a.m.hi > b.m.hi;
    return (a - b).m.hi > 0;
  }
  friend bool operator<(Unbounded a, Unbounded b) { return b > a; }
  friend bool operator>=(Unbounded a, Unbounded b) {
    if (a.special() && b.special()) return a.m.hi >= b.m.hi;
    return (a - b).m.hi >= 0;
  }
  friend bool operator<=(Unbounded a, Unbounded b) { return b >= a; }
};

inline Unbounded fma(Unbounded a, Unbounded b, Unbounded c) { return a * b + c; }
inline Unbounded product(Unbounded a, Unbounded b) { return a * b; }
inline Unbounded rounded(Unbounded a) { return a; }
inline Unbounded one_plus(Unbounded f) { return Unbounded(1.0) + f; }
inline Unbounded rounded_or_infinite(Unbounded a) { return a; }
inline Unbounded scaled(Unbounded a) { return a; }
inline Unbounded unscaled(Unbounded a) { return a; }
inline Unbounded divided(Unbounded a, Unbounded by) { return a / by; }
inline Unbounded zero_of(Unbounded x) { return x.m.hi == 0 ? x : Unbounded(); }
inline Unbounded abs(Unbounded a) { return std::signbit(a.m.hi) ? -a : a; }
inline Unbounded copysign(Unbounded size, Unbounded sign) {
  return std::signbit(size.m.hi) == std::signbit(sign.m.hi) ? size : -size;
}
inline Unbounded select(bool yes_wanted, Unbounded yes, Unbounded no) {
  return yes_wanted ? yes : no;
}
inline Unbounded sqrt(Unbounded a) {
  if (a.special() || a.m.hi < 0) return std::sqrt(a.m.hi);
  const std::int64_t half = a.exponent >> 1;
  const bool odd = a.exponent & 1;
  return {sqrt(odd ? a.m * DoubleDouble(2) : a.m), half};
}

// e^x, x <= 0. Beyond -2^15 no parameter can bring it back, and any number so small stands for it.
inline Exponential<Unbounded> exponential(Unbounded x) {
  if (std::isnan(x.m.hi)) return {x, x, x};
  if (std::isinf(x.m.hi) || x.exponent > 15) {
    const Unbounded trace(DoubleDouble(1), -45000);
    return {trace, trace, trace - Unbounded(1.0)};
  }
  if (x.special() || x.exponent < -200) return {Unbounded(1.0) + x, Unbounded(1.0) + x, x};
  const auto [k, m] = reduce(x.bounded());
  const Unbounded e(m + DoubleDouble(1), k), part(m, k);
  return {e, e, part + (Unbounded(DoubleDouble(1), k) - Unbounded(1.0))};
}
inline Exponential<Unbounded> gaussian(Unbounded x) { return exponential(x * x * Unbounded(-0.5)); }
inline Unbounded log1p_ratio(Unbounded e) { return {log1p_ratio(e.bounded()), 0}; }
inline Unbounded log1p_shortfall(Unbounded e) { return {log1p_shortfall(e.bounded()), 0}; }
inline Unbounded arctangent(Unbounded u) {
  return u.exponent < -200 ? u : Unbounded(arctangent(u.bounded()), 0);
}
inline Unbounded normal_tail(Unbounded a) { return {normal_tail(a.bounded()), 0}; }
inline Unbounded precise_power_of_e(Unbounded x) { return exponential(x).plain; }
inline Unbounded exponential_gap(Unbounded u) { return {exponential_gap(u.bounded()), 0}; }
inline Unbounded tanh_gap(Unbounded w) { return {tanh_gap(w.bounded()), 0}; }
inline Unbounded error_ratio(Unbounded x) { return {error_ratio(x.bounded()), 0}; }
inline Unbounded difference(Unbounded x, double c) { return x - Unbounded(c); }
inline Unbounded error_function(Unbounded x) {
  if (x.special() || x.exponent >= -200) return {error_function(x.bounded()), 0};
  return x * Unbounded(0x1.20dd750429b6dp+0, 0x1.1ae3a914fed80p-56);
}

}  // namespace gradkeep::detail
