// sin(f x + n pi/4) for one number, however large: what DoubleDouble and Unbounded say for a sine, and
// what SIMD lanes ask where their own reduction does not reach. f x may be as large as 2^2048, and
// which half turn it lies in is then decided by digits of 1/pi far behind its point: Payne and Hanek's
// method multiplies by those digits alone that matter.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>

#include "core/double_double.h"
#include "core/unbounded.h"

namespace gradkeep::detail {

// 1/pi in words of 32 bits, the first of weight 2^-32, from mpmath: enough for 2^2060.
inline constexpr std::array<std::uint32_t, 80> kInversePi = {
    0x517cc1b7u, 0x27220a94u, 0xfe13abe8u, 0xfa9a6ee0u, 0x6db14accu, 0x9e21c820u, 0xff28b1d5u,
    0xef5de2b0u, 0xdb92371du, 0x2126e970u, 0x03249775u, 0x04e8c90eu, 0x7f0ef58eu, 0x5894d39fu,
    0x74411afau, 0x975da242u, 0x74ce3813u, 0x5a2fbf20u, 0x9cc8eb1cu, 0xc1a99cfau, 0x4e422fc5u,
    0xdefc941du, 0x8ffc4bffu, 0xef02cc07u, 0xf79788c5u, 0xad05368fu, 0xb69b3f67u, 0x93e584dbu,
    0xa7a31fb3u, 0x4f2ff516u, 0xba93dd63u, 0xf5f2f8bdu, 0x9e839cfbu, 0xc5294975u, 0x35fdafd8u,
    0x8fc6ae84u, 0x2b019823u, 0x7e3db5d5u, 0xf867de10u, 0x4d7a1b0eu, 0xd4f1c8b0u, 0xaf730d84u,
    0x32ccc2afu, 0x8a503420u, 0x46ffec40u, 0x26b99398u, 0x83030aabu, 0x6539d464u, 0xb0713de0u,
    0x4635a3e2u, 0x0ce1b3e6u, 0xee740495u, 0x41ace23bu, 0x45cb0e53u, 0x6ed7a268u, 0xab8c829fu,
    0x52ff8382u, 0x9fbf19f4u, 0x19616f27u, 0xcc193eddu, 0xe19e9377u, 0xb58f2f7cu, 0x4f9d0f9au,
    0xe5793f8eu, 0xc3f890c8u, 0x3e3e1235u, 0x7d376abbu, 0x9698219du, 0x8ae30a5au, 0xce8ce1e1u,
    0x6256a0a6u, 0x962e8006u, 0x233ec316u, 0xb8f1cd63u, 0x4d803119u, 0xbe695a4bu, 0xd3da6aaau,
    0x9bfb1f6bu, 0x8c0851feu, 0x3b26954eu};

inline DD pi_double_double() { return {0x1.921fb54442d18p+1, 0x1.1a62633145c07p-53}; }

// 32 bits of 1/pi from the bit of weight 2^-first on; there are zeros before its first.
inline std::uint32_t inverse_pi_bits(std::int64_t first) {
  const auto word = [](std::int64_t k) -> std::uint64_t {
    return k < 0 || k >= std::ssize(kInversePi) ? 0 : kInversePi[static_cast<std::size_t>(k)];
  };
  const std::int64_t at = first - 1, k = at >> 5;
  return static_cast<std::uint32_t>((word(k) << 32 | word(k + 1)) >> (32 - (at & 31)));
}

// z = r + (an even or odd number) pi - eighths pi/4, |r| <= pi/2.
struct HalfTurn {
  bool odd;
  DD r;
};

// For z = m 2^exponent, 1/2 <= m < 1, not below 1/2. m counts as an integer of 115 bits; multiplied
// by the 384 bits of 1/pi that stand between 1 and 2^-383 in the product, it gives z/pi modulo 2.
inline HalfTurn reduce_half_turns(DD m, std::int64_t exponent, int eighths) {
  constexpr int kWords = 12, kIntegerWords = 4, kIntegerBits = 115;
  auto high = static_cast<std::uint64_t>(std::ldexp(m.hi, 53));
  auto low = static_cast<std::int64_t>(std::nearbyint(std::ldexp(m.lo, kIntegerBits)));
  if (low < 0) {
    high -= 1;
    low += std::int64_t{1} << 62;
  }
  const std::uint64_t bottom = high << 62 | static_cast<std::uint64_t>(low);
  // The least word first, here and below.
  const std::array<std::uint32_t, kIntegerWords> integer = {
      static_cast<std::uint32_t>(bottom), static_cast<std::uint32_t>(bottom >> 32),
      static_cast<std::uint32_t>(high >> 2), static_cast<std::uint32_t>(high >> 34)};

  std::array<std::uint32_t, kWords> turns{};  // z/pi mod 2, one bit before the point
  for (int i = 0; i < kWords; ++i) {
    const std::uint64_t digits = inverse_pi_bits(exponent - kIntegerBits + 32 * (kWords - 1 - i));
    const auto first = static_cast<std::size_t>(i);
    std::uint64_t above = 0;
    for (int j = 0; j < kIntegerWords && i + j < kWords; ++j) {
      const auto at = static_cast<std::size_t>(j);
      above += digits * integer[at] + turns[first + at];
      turns[first + at] = static_cast<std::uint32_t>(above);
      above >>= 32;
    }
    for (int k = i + kIntegerWords; k < kWords && above; ++k) {
      above += turns[static_cast<std::size_t>(k)];
      turns[static_cast<std::size_t>(k)] = static_cast<std::uint32_t>(above);
      above >>= 32;
    }
  }
  // A quarter for each eighth of a turn, and a half so that cutting off rounds to nearest.
  std::uint32_t& first = turns.back();
  first += static_cast<std::uint32_t>(eighths) * 0x20000000u + 0x40000000u;
  const bool odd = first >> 31;
  first = (first & 0x7fffffffu) - 0x40000000u;
  const bool negative = first >> 31;
  std::uint64_t carry_in = negative ? 1 : 0;
  for (std::uint32_t& word : turns) {
    const std::uint64_t v = (negative ? ~word : word) + carry_in;
    word = static_cast<std::uint32_t>(v);
    carry_in = negative ? v >> 32 : 0;
  }
  DD fraction = 0.0;
  int last = kWords - 1;
  while (last > 0 && turns[static_cast<std::size_t>(last)] == 0) --last;
  for (int i = last < 5 ? 0 : last - 5; i <= last; ++i) {
    fraction = DD(std::ldexp(turns[static_cast<std::size_t>(i)], 32 * i - 383)) + fraction;
  }
  return {odd, (negative ? -fraction : fraction) * pi_double_double()};
}

// sin(r), |r| <= pi/2, by its series.
inline DD sine_series(DD r) {
  const DD w = r * r;
  DD sum = 1.0;
  for (int n = 34; n >= 2; n -= 2) sum = DD(1.0) - sum * w / static_cast<double>(n * (n + 1));
  return sum * r;
}

// sin(z + eighths pi/4) for z = m 2^exponent, 1/2 <= |m| < 1, 0 <= eighths <= 3.
inline DD sine_of(DD m, std::int64_t exponent, int eighths) {
  const bool left = m.hi < 0;
  DD r;
  bool odd = false;
  if (exponent < 0) {  // |z| < 1/2
    const int e = exponent < -1100 ? -1100 : static_cast<int>(exponent);
    r = DD(std::ldexp(m.hi, e), std::ldexp(m.lo, e));
    if (eighths > 0) {
      odd = eighths == 3 || (eighths == 2 && !left);
      const double quarters = eighths * 0.25 - (odd ? 1 : 0);
      r = r + pi_double_double() * DD(quarters);
    }
  } else {
    // sin(-z + e) = -sin(z - e), and z - e is z + (8 - e) less a whole turn.
    const HalfTurn t = reduce_half_turns(left ? -m : m, exponent, left ? 8 - eighths : eighths);
    odd = t.odd != left;
    r = t.r;
  }
  const DD s = sine_series(r);
  return odd ? -s : s;
}

// 2^e less the nearest number of whole turns, as two doubles: what SIMD lanes multiply the digits of a
// large argument by, so that the product is small and has the same sine.
struct PowersLessTurns {
  static constexpr double kLeast = 0x1p30,
                          kBound = 0x1p128;  // arguments, and kLow digits at a time
  static constexpr int kLow = 27, kFirst = 30 - 52, kCount = 127 - 52 + kLow - kFirst + 1;
  std::array<double, kCount> hi{}, lo{};

  PowersLessTurns() {
    for (int k = 0; k < kCount; ++k) {
      const int e = kFirst + k;
      DD rest = std::ldexp(1.0, e);
      if (e > 0) {
        const HalfTurn t = reduce_half_turns(0.5, e + 1, 0);
        rest = !t.odd ? t.r : t.r - pi_double_double() * DD(t.r.hi > 0 ? 1.0 : -1.0);
      }
      hi[static_cast<std::size_t>(k)] = rest.hi;
      lo[static_cast<std::size_t>(k)] = rest.lo;
    }
  }
};
inline const PowersLessTurns& powers_less_turns() {
  static const PowersLessTurns table;
  return table;
}

// sin(frequency x + eighths pi/4), to 106 bits.
inline Unbounded sinusoid(const Unbounded& x, double frequency, int eighths) {
  const Unbounded z = x * Unbounded(frequency);
  if (!std::isfinite(z.sign())) return std::numeric_limits<double>::quiet_NaN();
  if (eighths == 0 && (z.is_special() || z.exponent < -200)) return z;
  return {z.is_special() ? sine_of(0.5, -5000, eighths) : sine_of(z.leading(), z.exponent, eighths),
          0};
}
inline DD sinusoid(DD x, double frequency, int eighths) {
  const Unbounded s = sinusoid(Unbounded(x, 0), frequency, eighths);
  return s.bounded();
}

// d/df of sin(f x)^2 / f.
template <class Number>
Number frequency_slope(Number x, double f) {
  const Number s = sinusoid(x, f, 0), c = sinusoid(x, f, 2), n(f);
  return (c * x - s / n * Number(0.5)) * s / n * Number(2.0);
}

}  // namespace gradkeep::detail
