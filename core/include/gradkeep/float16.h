// The two 16-bit floating-point formats, as storage: a number is widened to compute with it and rounded
// once, to nearest even, to keep it. float16 (IEEE binary16) has 11 significant bits and reaches from
// 6.0e-8 to 65,504; bfloat16 has 8 and the range of float32.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <bit>
#include <cstdint>

namespace gradkeep {

// kFraction: bits of the significand that are stored; kBias: of the exponent.
template <int kFraction, int kBias>
struct Half {
  static constexpr int kFractionBits = kFraction, kExponentBias = kBias;
  static constexpr int kDropped = 52 - kFraction;  // bits of a double's fraction
  static constexpr std::uint16_t kInfinityBits = (2 * kBias + 1) << kFraction;

  std::uint16_t bits = 0;

  Half() = default;
  // The nearest number of the format, ties to even; beyond the largest, an infinity.
  explicit Half(double v) {
    const auto all = std::bit_cast<std::uint64_t>(v);
    const std::uint64_t size = all & ~(std::uint64_t{1} << 63);
    constexpr std::uint64_t kSmallestNormal = std::uint64_t{1024 - kBias} << 52;
    constexpr std::uint64_t kBeyond = std::uint64_t{1024 + kBias} << 52;
    if (size > std::uint64_t{2047} << 52) {
      bits = kInfinityBits | 1 << (kFraction - 1);
    } else if (size >= kBeyond) {
      bits = kInfinityBits;
    } else if (size < kSmallestNormal) {
      // A double whose last bit is the format's smallest number: adding it rounds.
      constexpr auto kRounder = std::uint64_t{1024 - kBias + kDropped} << 52;
      const double sum = std::bit_cast<double>(size) + std::bit_cast<double>(kRounder);
      bits = static_cast<std::uint16_t>(std::bit_cast<std::uint64_t>(sum) - kRounder);
    } else {
      constexpr std::uint64_t kHalfway = (std::uint64_t{1} << (kDropped - 1)) - 1;
      const std::uint64_t rounded = size + kHalfway + (size >> kDropped & 1);
      bits =
          static_cast<std::uint16_t>((rounded - (std::uint64_t{1023 - kBias} << 52)) >> kDropped);
    }
    bits |= static_cast<std::uint16_t>(all >> 63 << 15);
  }
  static constexpr Half of_bits(std::uint16_t b) {
    Half h;
    h.bits = b;
    return h;
  }

  // Exact.
  explicit operator float() const {
    const std::uint32_t size = bits & 0x7fff;
    std::uint32_t wide = size << (23 - kFraction);
    if (size >= kInfinityBits) {
      wide |= 0x7f800000;
    } else if constexpr (kBias != 127) {
      // Small numbers become normal by a product with a power of two, which is exact.
      wide = std::bit_cast<std::uint32_t>(std::bit_cast<float>(wide) * kUnbias);
    }
    return std::bit_cast<float>(wide | std::uint32_t{bits & 0x8000u} << 16);
  }
  explicit operator double() const { return static_cast<double>(static_cast<float>(*this)); }

 private:
  static constexpr float kUnbias =
      kBias == 127 ? 1.0f : std::bit_cast<float>(std::uint32_t{254 - kBias} << 23);
};

using Float16 = Half<10, 15>;
using BFloat16 = Half<7, 127>;

}  // namespace gradkeep
