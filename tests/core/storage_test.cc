// The 16-bit types: conversions against a definition of "nearest" that shares nothing with them, the
// vector loops against the scalar ones, and the exact tier's rounding test.
// SPDX-License-Identifier: Apache-2.0
#include "core/storage.h"

#include <gradkeep/core.h>
#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

namespace gradkeep {
namespace {

template <class H>
class HalfTest : public testing::Test {
 public:
  // The format's number number k of its positive ones; the one after the largest as if it existed.
  static double number(int k) {
    constexpr int kFraction = H::kFractionBits;
    const int exponent = k >> kFraction, fraction = k & ((1 << kFraction) - 1);
    return exponent == 0
               ? std::ldexp(fraction, 1 - H::kExponentBias - kFraction)
               : std::ldexp((1 << kFraction) + fraction, exponent - H::kExponentBias - kFraction);
  }
};
using Halves = testing::Types<Float16, BFloat16>;
TYPED_TEST_SUITE(HalfTest, Halves);

TYPED_TEST(HalfTest, EveryPatternIsTheNumberItSpells) {
  for (int k = 0; k < TypeParam::kInfinityBits; ++k) {
    const auto bits = static_cast<std::uint16_t>(k);
    EXPECT_EQ(static_cast<double>(TypeParam::of_bits(bits)), this->number(k));
    const auto negative = static_cast<double>(TypeParam::of_bits(bits | 0x8000));
    EXPECT_EQ(negative, -this->number(k));
    EXPECT_TRUE(std::signbit(negative));
  }
  EXPECT_EQ(static_cast<double>(TypeParam::of_bits(TypeParam::kInfinityBits)), kInfinity);
  EXPECT_TRUE(std::isnan(static_cast<double>(TypeParam::of_bits(TypeParam::kInfinityBits + 1))));
}

// Between two neighbours only the midpoint decides: below it the lower, above it the higher, on it the
// even one.
TYPED_TEST(HalfTest, DoublesGoToTheNearestTiesToEven) {
  for (int k = 0; k < TypeParam::kInfinityBits; ++k) {
    const double low = this->number(k), high = this->number(k + 1);
    const double middle = low + (high - low) / 2;
    const auto bits = [](double v) { return int{TypeParam(v).bits}; };
    ASSERT_EQ(bits(low), k);
    ASSERT_EQ(bits(std::nextafter(low, kInfinity)), k);
    ASSERT_EQ(bits(std::nextafter(middle, 0.0)), k);
    ASSERT_EQ(bits(middle), k + (k & 1));
    ASSERT_EQ(bits(std::nextafter(middle, kInfinity)), k + 1);
    ASSERT_EQ(bits(-middle), 0x8000 | (k + (k & 1)));
  }
  EXPECT_EQ(TypeParam(1e300).bits, TypeParam::kInfinityBits);
  EXPECT_EQ(TypeParam(-kInfinity).bits, TypeParam::kInfinityBits | 0x8000);
  EXPECT_TRUE(std::isnan(static_cast<float>(TypeParam(std::nan("")))));
}

TYPED_TEST(HalfTest, VectorsConvertAsNumbersDo) {
  std::vector<TypeParam> all(65536);
  for (std::size_t k = 0; k < all.size(); ++k) {
    all[k] = TypeParam::of_bits(static_cast<std::uint16_t>(k));
  }
  std::vector<float> wide(all.size());
  detail::widen(all.data(), wide.data(), all.size());
  for (std::size_t k = 0; k < all.size(); ++k) {
    const auto want = static_cast<float>(all[k]);
    if (std::isnan(want)) {
      ASSERT_TRUE(std::isnan(wide[k])) << k;
    } else {
      ASSERT_EQ(std::bit_cast<std::uint32_t>(wide[k]), std::bit_cast<std::uint32_t>(want)) << k;
    }
  }
  // Every upper half of a float with lower halves around each place where rounding may turn.
  std::vector<float> x;
  for (std::uint32_t upper = 0; upper < 65536; ++upper) {
    for (std::uint32_t lower : {0x0000, 0x0001, 0x0fff, 0x1000, 0x1001, 0x1fff, 0x2000, 0x3000,
                                0x3001, 0x7fff, 0x8000, 0x8001, 0xf000, 0xffff}) {
      x.push_back(std::bit_cast<float>(upper << 16 | lower));
    }
  }
  std::vector<TypeParam> out(x.size());
  detail::narrow(x.data(), out.data(), x.size());
  for (std::size_t k = 0; k < x.size(); ++k) {
    const TypeParam want(x[k]);
    if (std::isnan(x[k])) {
      ASSERT_TRUE(std::isnan(static_cast<float>(out[k]))) << x[k];
    } else {
      ASSERT_EQ(out[k].bits, want.bits) << x[k];
    }
  }
}

// All numbers of the type by as many others, in an array whose end fills no vector.
TYPED_TEST(HalfTest, PackedProductsAreThoseOfNumbers) {
  constexpr std::size_t kSize = 65535;
  std::vector<TypeParam> a(kSize), b(kSize), product(kSize), packed(kSize), back(kSize);
  std::vector<float> wide(kSize), factor(kSize);
  for (const std::size_t step : {1u, 7919u, 40503u}) {
    for (std::size_t k = 0; k < kSize; ++k) {
      a[k] = TypeParam::of_bits(static_cast<std::uint16_t>(k));
      b[k] = TypeParam::of_bits(static_cast<std::uint16_t>(step * k + 12345));
    }
    detail::unpack(a.data(), wide.data(), kSize);
    detail::unpack(b.data(), factor.data(), kSize);
    detail::pack(wide.data(), back.data(), kSize);
    detail::pack_product(a.data(), factor.data(), product.data(), kSize);
    for (std::size_t k = 0; k < kSize; ++k) wide[k] *= factor[k];
    detail::pack(wide.data(), packed.data(), kSize);
    for (std::size_t k = 0; k < kSize; ++k) {
      const float want = static_cast<float>(a[k]) * static_cast<float>(b[k]);
      if (std::isnan(want)) {
        ASSERT_TRUE(std::isnan(static_cast<float>(product[k]))) << k;
        ASSERT_TRUE(std::isnan(static_cast<float>(packed[k]))) << k;
      } else {
        ASSERT_EQ(product[k].bits, TypeParam(want).bits) << k;
        ASSERT_EQ(packed[k].bits, TypeParam(want).bits) << k;
      }
      if (!std::isnan(static_cast<float>(a[k]))) {
        ASSERT_EQ(back[k].bits, a[k].bits);
      }
    }
  }
}

TYPED_TEST(HalfTest, DerivativesOutliveARoundedOutput) {
  const Activation sigmoid("sigmoid");
  const std::vector<TypeParam> x{TypeParam(6.25), TypeParam(-6.25)};
  std::vector<TypeParam> dy(2);
  sigmoid.slope<TypeParam>(x, dy);
  for (const TypeParam d : dy) EXPECT_NEAR(static_cast<float>(d), 1.9267e-3, 1e-5);
  const std::vector<TypeParam> gradient{TypeParam(2.0), TypeParam(-1.0)};
  std::vector<TypeParam> dx(2);
  sigmoid.backward<TypeParam>(x, gradient, dx);
  EXPECT_NEAR(static_cast<float>(dx[0]), 3.853e-3, 1e-5);
  EXPECT_NEAR(static_cast<float>(dx[1]), -1.9267e-3, 1e-5);
}

// A result next to a tie is left to the scalar; one that is not, never reaches it.
TEST(RoundExactly, AsksOnlyWhereTheErrorCouldRoundBothWays) {
  const detail::Definition& identity = Activation("identity").definition();
  const detail::Decider decide{identity, 0, nullptr};
  const double tie = 1 + 0x1p-24;  // between 1 and the next float
  std::vector<double> y(37, 3.0);
  std::vector<float> x(37, 7.0f), out(37);  // what the scalar would answer: 7
  y[5] = tie;
  y[20] = tie * (1 + detail::kRoughError / 2);
  y[21] = tie * (1 + detail::kRoughError * 2);
  y[22] = tie * (1 - detail::kRoughError * 2);
  y[36] = tie;
  detail::round_exactly(x.data(), y.data(), out.data(), out.size(), decide);
  for (std::size_t i = 0; i < out.size(); ++i) {
    const float want = i == 5 || i == 20 || i == 36 ? 7.0f
                       : i == 21                    ? 1 + 0x1p-23f
                       : i == 22                    ? 1.0f
                                                    : 3.0f;
    EXPECT_EQ(out[i], want) << i;
  }
}

}  // namespace
}  // namespace gradkeep
