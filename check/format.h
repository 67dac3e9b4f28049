// Number formats and rounding to them: which numbers a format holds, the unit in the last place of
// a real number, and rounding to nearest even. All formats here fit in a double, so a rounded value
// is returned as one.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>

namespace gradkeep::check {

// Binary numbers of `precision` bits; 2^min_exponent is the smallest normal one, numbers are below
// 2^(max_exponent + 1).
struct Format {
  int precision, min_exponent, max_exponent;
  friend bool operator==(const Format&, const Format&) = default;
  // Exponent of the spacing of the subnormal numbers.
  int least_exponent() const { return min_exponent - precision + 1; }
  // Exponent of the last place of a number t with 2^e <= |t| < 2^(e+1).
  int ulp_exponent(long e) const {
    return static_cast<int>(std::max<long>(e, min_exponent)) - precision + 1;
  }
};

inline constexpr Format kBinary64{53, -1022, 1023};
inline constexpr Format kBinary32{24, -126, 127};
inline constexpr Format kBfloat16{8, -126, 127};
inline constexpr Format kBinary16{11, -14, 15};

template <class T>
inline constexpr Format kFormatOf = sizeof(T) == 4 ? kBinary32 : kBinary64;

// The exponent e of v: 2^e <= |v| < 2^(e+1). v is finite and not 0.
inline int exponent_of(double v) {
  int e;
  std::frexp(v, &e);
  return e - 1;
}

inline double ulp(double v, const Format& format) {
  return std::ldexp(1.0, v == 0 ? format.least_exponent() : format.ulp_exponent(exponent_of(v)));
}

// v rounded to nearest even.
inline double round_to(double v, const Format& format) {
  if (format == kBinary64) return v;
  if (format == kBinary32) return static_cast<float>(v);
  if (v == 0 || !std::isfinite(v)) return v;
  const double unit = ulp(v, format);
  const double rounded = std::nearbyint(v / unit) * unit;
  return exponent_of(rounded == 0 ? 1 : rounded) > format.max_exponent ? std::copysign(HUGE_VAL, v)
                                                                       : std::copysign(rounded, v);
}

// Integers in the order of the numbers: neighbours differ by 1, -0 and +0 are -1 and 0.
inline std::int32_t ordinal(float v) {
  const auto bits = std::bit_cast<std::int32_t>(v);
  return bits < 0 ? bits ^ INT32_MAX : bits;
}
inline std::int64_t ordinal(double v) {
  const auto bits = std::bit_cast<std::int64_t>(v);
  return bits < 0 ? bits ^ INT64_MAX : bits;
}
inline float from_ordinal(std::int32_t n) {
  return std::bit_cast<float>(n < 0 ? n ^ INT32_MAX : n);
}
inline double from_ordinal(std::int64_t n) {
  return std::bit_cast<double>(n < 0 ? n ^ INT64_MAX : n);
}

// The bits of v, every NaN mapped to one pattern.
inline std::uint32_t comparable_bits(float v) {
  return std::isnan(v) ? 0x7fc00000u : std::bit_cast<std::uint32_t>(v);
}
inline std::uint64_t comparable_bits(double v) {
  return std::isnan(v) ? 0x7ff8000000000000u : std::bit_cast<std::uint64_t>(v);
}
template <class T>
bool same_bits(T a, T b) {
  return comparable_bits(a) == comparable_bits(b);
}

}  // namespace gradkeep::check
