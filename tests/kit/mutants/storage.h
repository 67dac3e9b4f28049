// float16 and bfloat16 as 16 bits: read exactly, written by rounding to nearest even.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>

namespace mutants {

struct Storage {
  int fraction_bits;   // of the 15 below the sign
  int least_exponent;  // of normal numbers

  float read(std::uint16_t bits) const {
    const int fraction = bits & ((1 << fraction_bits) - 1);
    const int biased = (bits & 0x7fff) >> fraction_bits;
    float size;
    if (biased == (0x7fff >> fraction_bits)) {
      size = fraction == 0 ? std::numeric_limits<float>::infinity()
                           : std::numeric_limits<float>::quiet_NaN();
    } else {
      const int whole = fraction + (biased > 0 ? 1 << fraction_bits : 0);
      size = std::ldexp(static_cast<float>(whole),
                        std::max(biased, 1) - 1 + least_exponent - fraction_bits);
    }
    return (bits & 0x8000) != 0 ? -size : size;
  }

  std::uint16_t write(float v) const {
    const int sign = std::signbit(v) ? 0x8000 : 0,
              infinity = 0x7fff >> fraction_bits << fraction_bits;
    if (std::isnan(v)) return static_cast<std::uint16_t>(sign | 0x7fff);
    if (std::isinf(v)) return static_cast<std::uint16_t>(sign | infinity);
    // The size in units of its last place. Where it rounds up to the next power of two, the sum of
    // exponent and fraction below carries.
    const int exponent = v == 0 ? least_exponent : std::max(std::ilogb(v), least_exponent);
    const int whole =
        static_cast<int>(std::nearbyint(std::ldexp(std::abs(v), fraction_bits - exponent)));
    const int bits = ((exponent - least_exponent) << fraction_bits) + whole;
    return static_cast<std::uint16_t>(sign | std::min(bits, infinity));
  }

  float rounded(float v) const { return read(write(v)); }
};

inline constexpr Storage kFloat16{10, -14}, kBFloat16{7, -126};

}  // namespace mutants
