// Unbounded: a number of 256 bits whose exponent has no bounds. It speaks the kernels' vocabulary and
// has the last word where a DoubleDouble is not enough: where a result in double lies so close to the
// middle between two neighbours that 106 bits do not tell which is nearer, and for parameters so large
// or small that a product with them leaves the range of double, as alpha e^x does for alpha = 1e300 on
// its way to a result of everyday size. The error of each word is a few 2^-240 relative, but of those
// that say so. Slow, written to be read, and rarely asked.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <utility>

#include "core/double_double.h"

namespace gradkeep::detail {

struct Unbounded {
  using Wide = Unbounded;
  using Scalar = double;
  static constexpr std::size_t kWords = 8;
  template <std::size_t n>
  using Words = std::array<std::uint32_t, n>;

  // The number is 0.words 2^exponent, the first word the highest and its first bit set. Without any bit
  // it is `special`: a zero, an infinity or NaN.
  Words<kWords> words{};
  std::int64_t exponent = 0;
  bool negative = false;
  double special = 0;

  Unbounded() = default;
  Unbounded(double high, double low = 0)  // NOLINT: constants read as numbers
      : Unbounded(DoubleDouble(high, low), 0) {}
  Unbounded(DoubleDouble v, std::int64_t e) {
    *this = of_double(v.hi);
    if (v.lo != 0) *this = *this + of_double(v.lo);
    if (!is_special()) exponent += e;
  }
  static Unbounded at_most(double c) { return c; }
  static Unbounded at_least(double c) { return c; }

  bool is_special() const { return words[0] == 0; }
  bool is_zero() const { return is_special() && special == 0; }
  // Some number of the same sign: 0, infinite or NaN if it is that.
  double sign() const { return is_special() ? special : negative ? -1.0 : 1.0; }

  // As a double in one rounding; for a float, to odd, so that narrowing it is the only rounding.
  double to_double(bool for_float) const {
    if (is_special()) return special;
    const auto e = static_cast<int>(std::clamp<std::int64_t>(exponent, -5000, 5000));
    std::uint64_t top = std::uint64_t{words[0]} << 32 | words[1];
    // What lies below decides ties, and only those.
    if (std::any_of(words.begin() + 2, words.end(), [](auto w) { return w != 0; })) top |= 1;
    int dropped = 11;
    const bool to_odd = for_float && e > -1000;
    if (!to_odd) dropped = std::clamp(-1010 - e, 11, 65);
    std::uint64_t kept = dropped < 64 ? top >> dropped : 0;
    if (dropped <= 64) {
      const std::uint64_t half = std::uint64_t{1} << (dropped - 1), rest = top & (2 * half - 1);
      if (to_odd) {
        kept |= rest != 0 ? 1 : 0;
      } else {
        kept += rest > half || (rest == half && (kept & 1)) ? 1 : 0;
      }
    }
    const double size = std::ldexp(static_cast<double>(kept), e - 64 + dropped);
    return negative ? -size : size;
  }
  // The nearest double and what it leaves, rounded.
  DoubleDouble rounded_twice() const {
    const double high = to_double(false);
    if (!std::isfinite(high)) return high;
    return {high, (*this - of_double(high)).to_double(false)};
  }
  // The mantissa, likewise.
  DoubleDouble leading() const {
    if (is_special()) return special;
    Unbounded m = *this;
    m.exponent = 0;
    return m.rounded_twice();
  }
  // As a DoubleDouble; tiny numbers become 0.
  DoubleDouble bounded() const {
    const auto e = static_cast<int>(std::clamp<std::int64_t>(exponent, -5000, 5000));
    const DoubleDouble m = leading();
    const double high = std::ldexp(m.hi, e);
    return std::isfinite(high) ? DoubleDouble(high, std::ldexp(m.lo, e)) : high;
  }

  friend Unbounded operator-(Unbounded a) {
    a.negative = !a.negative;
    a.special = -a.special;
    return a;
  }

  friend Unbounded operator*(const Unbounded& a, const Unbounded& b) {
    if (a.is_special() || b.is_special()) return of_double(a.sign() * b.sign());
    Words<2 * kWords> all{};
    for (std::size_t i = kWords; i-- > 0;) {
      std::uint64_t above = 0;
      for (std::size_t j = kWords; j-- > 0;) {
        above += std::uint64_t{a.words[i]} * b.words[j] + all[i + j + 1];
        all[i + j + 1] = static_cast<std::uint32_t>(above);
        above >>= 32;
      }
      all[i] = static_cast<std::uint32_t>(above);
    }
    return normalised(all, a.exponent + b.exponent, a.negative != b.negative);
  }

  friend Unbounded operator/(const Unbounded& a, const Unbounded& b) {
    if (a.is_special() || b.is_special()) return of_double(a.sign() / b.sign());
    // Bit by bit, as on paper; the first word is for what does not fit into the others.
    Words<kWords + 1> rest = longer(a.words, 0), by = longer(b.words, 0);
    std::rotate(rest.begin(), rest.end() - 1, rest.end());
    std::rotate(by.begin(), by.end() - 1, by.end());
    Words<kWords + 1> quotient{};
    for (std::size_t bit = 31; bit < 32 * (kWords + 1); ++bit) {
      if (rest >= by) {
        subtract(rest, by);
        quotient[bit / 32] |= 0x80000000u >> (bit % 32);
      }
      shift_left(rest, 1);
    }
    return normalised(quotient, a.exponent - b.exponent + 32, a.negative != b.negative);
  }
  // A small whole number divides faster.
  friend Unbounded over(const Unbounded& a, int n) {
    if (a.is_special()) return a;
    const auto by = static_cast<std::uint32_t>(n);
    Words<kWords + 1> quotient{};
    std::uint64_t rest = 0;
    for (std::size_t i = 0; i <= kWords; ++i) {
      rest = rest << 32 | (i < kWords ? a.words[i] : 0);
      quotient[i] = static_cast<std::uint32_t>(rest / by);
      rest %= by;
    }
    return normalised(quotient, a.exponent, a.negative);
  }

  friend Unbounded operator+(const Unbounded& a, const Unbounded& b) {
    if (a.is_special() && b.is_special()) return of_double(a.special + b.special);
    if (a.is_special()) return a.special == 0 ? b : a;
    if (b.is_special()) return b.special == 0 ? a : b;
    if (a.exponent < b.exponent) return b + a;
    // However small the second, its sign still tells which way to round.
    const auto gap = std::min<std::int64_t>(a.exponent - b.exponent, 32 * kWords - 5);
    Words<kWords + 1> sum = longer(a.words, 0), small = longer(b.words, static_cast<int>(gap));
    bool left = a.negative;
    if (a.negative == b.negative) {
      std::uint64_t above = 0;
      for (std::size_t i = sum.size(); i-- > 0;) {
        above += std::uint64_t{sum[i]} + small[i];
        sum[i] = static_cast<std::uint32_t>(above);
        above >>= 32;
      }
      if (above != 0) {
        sum = shifted_right(sum, 1);
        sum[0] |= 0x80000000u;
        return normalised(sum, a.exponent + 1, left);
      }
    } else {
      if (sum < small) {
        std::swap(sum, small);
        left = !left;
      }
      subtract(sum, small);
    }
    return normalised(sum, a.exponent, left);
  }
  friend Unbounded operator-(const Unbounded& a, const Unbounded& b) { return a + -b; }

  friend bool operator>(const Unbounded& a, const Unbounded& b) {
    if (a.is_special() && b.is_special()) return a.special > b.special;
    return (a - b).sign() > 0;
  }
  friend bool operator<(const Unbounded& a, const Unbounded& b) { return b > a; }
  friend bool operator>=(const Unbounded& a, const Unbounded& b) {
    if (a.is_special() && b.is_special()) return a.special >= b.special;
    return (a - b).sign() >= 0;
  }
  friend bool operator<=(const Unbounded& a, const Unbounded& b) { return b >= a; }

 private:
  static Unbounded of_double(double v) {
    Unbounded n;
    if (v == 0 || !std::isfinite(v)) {
      n.special = v;
      return n;
    }
    int e = 0;
    const auto bits = static_cast<std::uint64_t>(std::ldexp(std::frexp(std::abs(v), &e), 64));
    n.words[0] = static_cast<std::uint32_t>(bits >> 32);
    n.words[1] = static_cast<std::uint32_t>(bits);
    n.exponent = e;
    n.negative = v < 0;
    return n;
  }

  template <std::size_t n>
  static void shift_left(Words<n>& v, int by) {  // by < 32
    if (by == 0) return;
    for (std::size_t i = 0; i < n; ++i) {
      v[i] = v[i] << by | (i + 1 < n ? v[i + 1] >> (32 - by) : 0);
    }
  }
  template <std::size_t n>
  static Words<n> shifted_right(const Words<n>& v, int by) {
    Words<n> out{};
    const auto whole = static_cast<std::size_t>(by / 32);
    const int bits = by % 32;
    for (std::size_t i = whole; i < n; ++i) {
      const std::size_t from = i - whole;
      const std::uint64_t two = (from > 0 ? std::uint64_t{v[from - 1]} << 32 : 0) | v[from];
      out[i] = static_cast<std::uint32_t>(two >> bits);
    }
    return out;
  }
  static Words<kWords + 1> longer(const Words<kWords>& v, int shift) {
    Words<kWords + 1> out{};
    std::copy(v.begin(), v.end(), out.begin());
    return shifted_right(out, shift);
  }
  static void subtract(Words<kWords + 1>& from, const Words<kWords + 1>& v) {
    std::int64_t below = 0;
    for (std::size_t i = from.size(); i-- > 0;) {
      below += std::int64_t{from[i]} - v[i];
      from[i] = static_cast<std::uint32_t>(below);
      below >>= 32;
    }
  }
  // Moves the first bit that is set to the front, and cuts off what is then too long.
  template <std::size_t n>
  static Unbounded normalised(Words<n> v, std::int64_t power, bool left) {
    const auto first = std::find_if(v.begin(), v.end(), [](auto w) { return w != 0; });
    Unbounded out;
    if (first == v.end()) return out;
    const auto ahead = first - v.begin();
    std::rotate(v.begin(), first, v.end());
    int bits = 0;
    while (!(v[0] << bits & 0x80000000u)) ++bits;
    shift_left(v, bits);
    std::copy_n(v.begin(), kWords, out.words.begin());
    out.exponent = power - 32 * ahead - bits;
    out.negative = left;
    return out;
  }
};

inline Unbounded fma(const Unbounded& a, const Unbounded& b, const Unbounded& c) {
  return a * b + c;
}
inline Unbounded product(const Unbounded& a, const Unbounded& b) { return a * b; }
inline Unbounded rounded(const Unbounded& a) { return a; }
inline Unbounded one_plus(const Unbounded& f) { return Unbounded(1.0) + f; }
inline Unbounded rounded_or_infinite(const Unbounded& a) { return a; }
inline Unbounded scaled(const Unbounded& a) { return a; }
inline Unbounded unscaled(const Unbounded& a) { return a; }
inline Unbounded divided(const Unbounded& a, const Unbounded& by) { return a / by; }
inline Unbounded zero_of(const Unbounded& x) { return x.is_zero() ? x : Unbounded(); }
inline Unbounded abs(const Unbounded& a) { return std::signbit(a.sign()) ? -a : a; }
inline Unbounded copysign(const Unbounded& size, const Unbounded& sign) {
  return std::signbit(size.sign()) == std::signbit(sign.sign()) ? size : -size;
}
inline Unbounded select(bool yes_wanted, const Unbounded& yes, const Unbounded& no) {
  return yes_wanted ? yes : no;
}
inline Unbounded doubled(Unbounded a, int times) {
  if (!a.is_special()) a.exponent += times;
  return a;
}
inline Unbounded sqrt(const Unbounded& a) {
  if (a.is_special() || a.negative) return std::sqrt(a.sign());
  Unbounded m = a;
  m.exponent = a.exponent & 1;
  Unbounded root = std::sqrt(m.to_double(false));
  for (int i = 0; i < 3; ++i) root = doubled(root + m / root, -1);  // each doubles the digits
  return doubled(root, static_cast<int>((a.exponent - m.exponent) / 2));
}

// log(2) and pi/4, from mpmath.
inline Unbounded log_of_two() {
  Unbounded n;
  n.words = {0xb17217f7u, 0xd1cf79abu, 0xc9e3b398u, 0x03f2f6afu,
             0x40f34326u, 0x7298b62du, 0x8a0d175bu, 0x8baafa2bu};
  return n;
}
inline Unbounded quarter_pi() {
  Unbounded n;
  n.words = {0xc90fdaa2u, 0x2168c234u, 0xc4c6628bu, 0x80dc1cd1u,
             0x29024e08u, 0x8a67cc74u, 0x020bbea6u, 0x3b139b22u};
  return n;
}

// e^x - 1 = 2^k (1 + m) - 1, |x| < 2^40: the series of e^(r / 2^16) - 1, squared 16 times.
inline Exponential<Unbounded> exponential_within(const Unbounded& x) {
  const double k = std::nearbyint(x.to_double(false) * 1.4426950408889634);
  const Unbounded r = doubled(x - Unbounded(k) * log_of_two(), -16), one(1.0);
  Unbounded m;
  for (int n = 15; n >= 1; --n) m = over((m + one) * r, n);
  for (int i = 0; i < 16; ++i) m = m * (m + Unbounded(2.0));
  const int power = static_cast<int>(k);
  const Unbounded e = doubled(m + one, power);
  return {e, e, power == 0 ? m : e - one};
}
// e^x. Beyond -2^15 no parameter can bring it back, and any number so small stands for it.
inline Exponential<Unbounded> exponential(const Unbounded& x) {
  if (std::isnan(x.sign())) return {x, x, x};
  if (std::isinf(x.sign()) || (x.exponent > 15 && !x.is_special())) {
    const Unbounded trace(DoubleDouble(1), -45000),
        far = x.sign() > 0 ? Unbounded(INFINITY) : trace;
    return {far, far, far - Unbounded(1.0)};
  }
  // Next to 0 the first terms of the series stand for all of it, and the second tells its side of x.
  if (x.is_special() || x.exponent < -250) {
    const Unbounded e = Unbounded(1.0) + x;
    return {e, e, x + doubled(x * x, -1)};
  }
  return exponential_within(x);
}
inline Unbounded power_of_e(const Unbounded& x) { return exponential(x).plain; }
inline Unbounded precise_power_of_e(const Unbounded& x) { return exponential(x).plain; }
inline Exponential<Unbounded> gaussian(const Unbounded& x) {
  return exponential(-doubled(x * x, -1));
}

// The words' series as in core/double_double.h, with more terms.
inline Unbounded log1p_ratio(const Unbounded& e) {
  const Unbounded inverse = Unbounded(1.0) / (e + Unbounded(2.0));
  const Unbounded s = e * inverse, w = s * s, one(1.0);
  Unbounded sum;
  for (int i = 80; i >= 0; --i) sum = sum * w + over(one, 2 * i + 1);
  return doubled(sum * inverse, 1);
}
inline Unbounded log1p_shortfall(const Unbounded& e) { return Unbounded(1.0) - log1p_ratio(e); }

inline Unbounded logarithm(const Unbounded& u) {
  Unbounded m = u;
  m.exponent = u < doubled(Unbounded(0.70710678), static_cast<int>(u.exponent)) ? 1 : 0;
  const Unbounded e = m - Unbounded(1.0);
  return Unbounded(static_cast<double>(u.exponent - m.exponent)) * log_of_two() +
         e * log1p_ratio(e);
}

inline Unbounded arctangent(Unbounded u) {
  if (u.is_special()) return u;
  const Unbounded one(1.0);
  for (int i = 0; i < 3; ++i) u = u / (sqrt(u * u + one) + one);
  const Unbounded w = u * u;
  Unbounded sum;
  for (int i = 40; i >= 0; --i) sum = over(one, 2 * i + 1) - sum * w;
  return doubled(sum * u, 3);
}

inline Unbounded normal_series(const Unbounded& a) {
  const Unbounded square = a * a, one(1.0);
  Unbounded sum;
  for (int n = 140; n >= 1; --n) sum = over((sum + one) * square, 2 * n + 1);
  return sum + one;
}
inline Unbounded inverse_root_of_two_pi() {
  return Unbounded(1.0) / sqrt(doubled(quarter_pi(), 3));
}
inline Unbounded normal_center(const Unbounded& x) {
  return inverse_root_of_two_pi() * gaussian(x).plain * normal_series(x);
}
inline Unbounded normal_tail(const Unbounded& a) {
  if (a > Unbounded(45.0)) return normal_tail(Unbounded(45.0));
  if (a < Unbounded(4.0)) {
    const Unbounded half(0.5);
    return half / gaussian(a).plain - inverse_root_of_two_pi() * a * normal_series(a);
  }
  // The further out, the fewer terms: with these it is wrong by less than 2^-240.
  const double size = a.to_double(false);
  Unbounded tail = a;
  for (int n = 60 + static_cast<int>(7200 / (size * size)); n >= 1; --n)
    tail = a + Unbounded(n) / tail;
  return inverse_root_of_two_pi() / tail;
}

inline Unbounded exponential_gap(const Unbounded& u) {
  const Unbounded one(1.0);
  Unbounded sum = one;
  for (int n = 60; n >= 3; --n) sum = over(sum * u, n) + one;
  return doubled(sum, -1);
}
inline Unbounded tanh_gap(const Unbounded& w) {
  const Unbounded one(1.0);
  Unbounded top = one, bottom = one;
  for (int n = 32; n >= 1; --n) {
    top = over(top * w, 2 * n * (2 * n + 3)) + one;
    bottom = over(bottom * w, 2 * n * (2 * n - 1)) + one;
  }
  return over(top / bottom, 3);
}

inline Unbounded error_ratio(const Unbounded& x) {
  const Unbounded root = sqrt(Unbounded(2.0));
  return doubled(root * normal_center(x * root), 1);
}
inline Unbounded error_function(const Unbounded& x) {
  const Unbounded a = abs(x), one(1.0);
  if (a < one) return error_ratio(x) * x;
  const Unbounded root = sqrt(Unbounded(2.0));
  return copysign(one - doubled(exponential(-(a * a)).plain * normal_tail(a * root), 1), x);
}
inline Unbounded difference(const Unbounded& x, double c) { return x - Unbounded(c); }

}  // namespace gradkeep::detail
