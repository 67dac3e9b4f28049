// DoubleDouble: a number as the unevaluated sum of two doubles, about 106 bits. It speaks the same
// vocabulary as the SIMD lanes, so a kernel's text runs over it unchanged: it decides the few inputs
// that double lanes leave undecided in the exact tier, and evaluates theory to the last double. It
// is a scalar, slow and simple: series and continued fractions instead of fitted polynomials. The
// error of each word is a few 2^-100 relative.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>
#include <cstdint>
#include <cstring>

namespace gradkeep::detail {

struct DoubleDouble {
  using Wide = DoubleDouble;
  using Scalar = double;
  double hi = 0, lo = 0;

  DoubleDouble() = default;
  DoubleDouble(double h, double l = 0) : hi(h), lo(l) {}  // NOLINT: constants read as numbers

  static DoubleDouble at_most(double c) { return c; }
  static DoubleDouble at_least(double c) { return c; }

  friend DoubleDouble operator-(DoubleDouble a) { return {-a.hi, -a.lo}; }
};

using DD = DoubleDouble;

// Normalises a sum with |a| >= |b|. A non-finite sum keeps no low part (it would be NaN).
inline DD fast_sum(double a, double b) {
  const double s = a + b;
  return std::isfinite(s) ? DD(s, b - (s - a)) : DD(s);
}
inline DD exact_sum(double a, double b) {
  const double s = a + b;
  if (!std::isfinite(s)) return s;
  const double t = s - a;
  return {s, (a - (s - t)) + (b - t)};
}
inline DD exact_product(double a, double b) {
  const double p = a * b;
  return std::isfinite(p) ? DD(p, std::fma(a, b, -p)) : DD(p);
}

inline DD operator+(DD a, DD b) {
  const DD s = exact_sum(a.hi, b.hi), t = exact_sum(a.lo, b.lo);
  const DD u = fast_sum(s.hi, s.lo + t.hi);
  return fast_sum(u.hi, u.lo + t.lo);
}
inline DD operator-(DD a, DD b) { return a + -b; }
inline DD operator*(DD a, DD b) {
  const DD p = exact_product(a.hi, b.hi);
  if (p.hi == 0 || !std::isfinite(p.hi)) return p.hi;  // which keeps its sign
  return fast_sum(p.hi, p.lo + (a.hi * b.lo + a.lo * b.hi));
}
inline DD operator/(DD a, DD b) {
  const double q1 = a.hi / b.hi;
  if (!std::isfinite(q1) || !std::isfinite(b.hi)) return q1;
  const DD r1 = a - b * q1;
  const double q2 = r1.hi / b.hi;
  const DD r2 = r1 - b * q2;
  return fast_sum(q1, q2) + r2.hi / b.hi;
}
inline bool operator>(DD a, DD b) { return a.hi > b.hi || (a.hi == b.hi && a.lo > b.lo); }
inline bool operator<(DD a, DD b) { return b > a; }
inline bool operator>=(DD a, DD b) { return a.hi > b.hi || (a.hi == b.hi && a.lo >= b.lo); }
inline bool operator<=(DD a, DD b) { return b >= a; }

inline DD fma(DD a, DD b, DD c) { return a * b + c; }
inline DD product(DD a, DD b) { return a * b; }
inline DD rounded(DD a) { return a; }
inline DD one_plus(DD f) { return DD(1.0) + f; }
inline DD rounded_or_infinite(DD a) { return a; }
inline DD abs(DD a) { return std::signbit(a.hi) ? -a : a; }
inline DD copysign(DD size, DD sign) {
  return std::signbit(size.hi) == std::signbit(sign.hi) ? size : -size;
}
inline bool both(bool a, bool b) { return a && b; }
inline bool either(bool a, bool b) { return a || b; }
inline DD select(bool m, DD yes, DD no) { return m ? yes : no; }
inline DD sqrt(DD a) {
  if (!(a.hi > 0) || !std::isfinite(a.hi)) return std::sqrt(a.hi);
  const double r = std::sqrt(a.hi);
  return fast_sum(r, ((a - exact_product(r, r)) / DD(2 * r)).hi);
}

inline DD divided(DD a, DD by) { return a / by; }
inline DD zero_of(DD x) { return x.hi == 0 ? x : DD(); }

inline constexpr int kDoubleDoubleShift = 400;

// Rounds the sum to odd: any later rounding to fewer bits is then as good as rounding the sum.
inline double round_to_odd(DD a) {
  if (a.lo == 0 || !std::isfinite(a.hi)) return a.hi;
  std::uint64_t bits;
  std::memcpy(&bits, &a.hi, sizeof bits);
  if (bits & 1) return a.hi;
  bits += (a.lo > 0) == (a.hi > 0) ? 1 : -1;
  double r;
  std::memcpy(&r, &bits, sizeof r);
  return r;
}

inline DD scaled(DD a) {
  return {std::ldexp(a.hi, kDoubleDoubleShift), std::ldexp(a.lo, kDoubleDoubleShift)};
}

// a 2^exponent as one double, in one rounding even where that is subnormal; a is normalised.
inline double rounded_at(DD a, int exponent) {
  const double h = std::ldexp(a.hi, exponent);
  if (!(std::abs(h) < 0x1p-1021)) return h;
  // In units of the least subnormal: at most 53 bits, so what is left over is exact.
  const double units = std::ldexp(a.hi, exponent + 1074);
  double n = std::nearbyint(units);
  if (units - n == 0.5 && a.lo > 0) n += 1;
  if (units - n == -0.5 && a.lo < 0) n -= 1;
  return std::copysign(std::ldexp(n, -1074), a.hi);
}

// a 2^-shift. Where that is subnormal, the sum is rounded once and for all.
inline DD unscaled(DD a) {
  const double h = std::ldexp(a.hi, -kDoubleDoubleShift);
  if (std::abs(h) >= 0x1p-1021) return {h, std::ldexp(a.lo, -kDoubleDoubleShift)};
  return rounded_at(a, -kDoubleDoubleShift);
}

template <class Number>
struct Exponential {
  Number scaled, plain, minus_one, wide_scaled, wide;
  Exponential(Number e_scaled, Number e, Number e_minus_one)
      : scaled(e_scaled), plain(e), minus_one(e_minus_one), wide_scaled(e_scaled), wide(e) {}
};

// e^x = 2^k (1 + m) for |x| between 2^-500 and 2^15: x = k log(2) + 512 r, then e^r - 1 by its series and nine
// squarings, (1 + m)^2 - 1 = m (2 + m), which keep the relative accuracy of e^x - 1.
struct Reduced {
  int k;
  DD m;
};
inline Reduced reduce(DD x) {
  const double k = std::nearbyint(x.hi * 1.4426950408889634);
  // k times each of the first two parts is exact to 2^-106 of the whole.
  DD r = x - exact_product(k, 0x1.62e42fefa39efp-1);
  r = r - exact_product(k, 0x1.abc9e3b39803fp-56) - DD(k * 0x1.7b57a079a1934p-111);
  r = {std::ldexp(r.hi, -9), std::ldexp(r.lo, -9)};
  DD m = 0.0;
  for (int i = 11; i >= 1; --i) m = (m + 1.0) * r / static_cast<double>(i);
  for (int i = 0; i < 9; ++i) m = m * (m + 2.0);
  return {static_cast<int>(k), m};
}

// e^x, x <= 400. Where e^x itself is below everything, `plain` still tells a sum that it is not 0: on
// which side of a tie 1 - e^x lies.
inline Exponential<DD> exponential(DD x) {
  constexpr double kTrace = 0x1p-1000;
  if (std::isnan(x.hi)) return {x, x, x};
  if (x.hi < -985) return {0.0, kTrace, {-1.0, kTrace}};
  // Below it the reduced argument would be subnormal, and e^x - 1 is x to the last bit.
  if (std::abs(x.hi) < 0x1p-500) return {std::ldexp(1.0, kDoubleDoubleShift), 1.0, x};
  const auto [k, m] = reduce(x);
  const auto scale = [](DD v, int by) { return DD(std::ldexp(v.hi, by), std::ldexp(v.lo, by)); };
  const DD scaled = scale(m + 1.0, k + kDoubleDoubleShift);
  if (k < -1000) return {scaled, kTrace, {-1.0, kTrace}};
  return {scaled, unscaled(scaled), scale(m, k) + (DD(std::ldexp(1.0, k)) - 1.0)};
}

inline Exponential<DD> gaussian(DD x) {
  const DD square = x * x;
  return exponential(DD(square.hi * -0.5, square.lo * -0.5));
}

// log(1 + e) / e for -1/2 <= e <= 1: the series of 2 atanh(s) / e, s = e / (2 + e) <= 1/3.
inline DD log1p_ratio(DD e) {
  const DD inverse = DD(1.0) / (e + 2.0);
  const DD s = e * inverse, w = s * s;
  DD sum = 0.0;
  for (int i = 35; i >= 0; --i) sum = sum * w + DD(1.0) / static_cast<double>(2 * i + 1);
  return sum * inverse * 2.0;
}
inline DD log1p_shortfall(DD e) { return DD(1.0) - log1p_ratio(e); }

// log(u), 0 < u <= 1/2 or u >= 2.
inline DD logarithm(DD u) {
  int k;
  if (std::frexp(u.hi, &k) < 0.70710678) --k;
  const DD e = DD(std::ldexp(u.hi, -k), std::ldexp(u.lo, -k)) - 1.0;
  return exact_product(k, 0x1.62e42fefa39efp-1) +
         (exact_product(k, 0x1.abc9e3b39803fp-56) + e * log1p_ratio(e));
}

// arctan(u), 0 <= u <= 1: three halvings of the angle, tan(t/2) = u / (1 + sqrt(1 + u^2)), then the
// series.
inline DD arctangent(DD u) {
  if (u.hi < 0x1p-200) return u;
  for (int i = 0; i < 3; ++i) u = u / (sqrt(u * u + 1.0) + 1.0);
  const DD w = u * u;
  DD sum = 0.0;
  for (int i = 17; i >= 0; --i) sum = DD(1.0) / static_cast<double>(2 * i + 1) - sum * w;
  return sum * u * 8.0;
}

// (Phi(a) - 1/2) / a / phi(a) = sum a^(2n) / (2n+1)!!, all terms positive.
inline DD normal_series(DD a) {
  const DD square = a * a;
  DD sum = 0.0;
  for (int n = 60; n >= 1; --n) sum = (sum + 1.0) * square / static_cast<double>(2 * n + 1);
  return sum + 1.0;
}

inline DD inverse_sqrt_two_pi() { return {0x1.9884533d43651p-2, -0x1.cbc0d30ebfd15p-56}; }

// Phi(-a) e^(a^2/2), a >= 0: by the series below 2; by the continued fraction
// 1 / (a + 1 / (a + 2 / (a + ...))) above, where 400 terms give 2^-110, and 200 from 3 on.
inline DD normal_tail(DD a) {
  if (a.hi > 45) a = 45.0;
  if (a.hi < 2) return DD(0.5) / gaussian(a).plain - inverse_sqrt_two_pi() * a * normal_series(a);
  DD tail = a;
  for (int n = a.hi < 3 ? 400 : 200; n >= 1; --n) tail = a + DD(static_cast<double>(n)) / tail;
  return inverse_sqrt_two_pi() / tail;
}

inline DD normal_center(DD x) {
  return inverse_sqrt_two_pi() * gaussian(x).plain * normal_series(x);
}

// e^x for any x, infinite where it overflows.
inline DD power_of_e(DD x) {
  if (!(x.hi > 400)) return unscaled(exponential(x).scaled);
  if (x.hi > 710) return INFINITY;
  const auto [k, m] = reduce(x);
  const DD e = m + 1.0;
  return {std::ldexp(e.hi, k), std::ldexp(e.lo, k)};
}
inline DD precise_power_of_e(DD x) { return exponential(x).plain; }

// (e^u - 1 - u) / u^2, |u| <= 1, by its series.
inline DD exponential_gap(DD u) {
  DD sum = 1.0;
  for (int n = 30; n >= 3; --n) sum = sum * u / static_cast<double>(n) + 1.0;
  return sum * 0.5;
}

// (x - tanh x) / x^3, w = x^2 <= 1: the series of (x cosh x - sinh x) / x^3 over that of cosh x.
inline DD tanh_gap(DD w) {
  DD top = 1.0, bottom = 1.0;
  for (int n = 20; n >= 1; --n) {
    top = top * w / (2.0 * n * (2 * n + 3)) + 1.0;
    bottom = bottom * w / (2.0 * n * (2 * n - 1)) + 1.0;
  }
  return top / bottom / 3.0;
}

// erf(x) = 2 (Phi(sqrt(2) x) - 1/2), and outside 1 - 2 Phi(-sqrt(2) |x|).
inline DD root_of_two() { return {0x1.6a09e667f3bcdp+0, -0x1.bdd3413b26456p-54}; }
inline DD error_ratio(DD x) { return root_of_two() * normal_center(x * root_of_two()) * 2.0; }
inline DD error_function(DD x) {
  const DD root = root_of_two(), a = abs(x);
  if (a.hi < 1) return unscaled(error_ratio(x) * scaled(x));
  return copysign(DD(1.0) - exponential(-(a * a)).plain * normal_tail(a * root) * 2.0, x);
}

inline DD difference(DD x, double c) { return x - DD(c); }

}  // namespace gradkeep::detail
