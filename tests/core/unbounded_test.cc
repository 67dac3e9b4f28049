// Numbers without bounds on their exponent: as double-doubles where those reach, and beyond.
// SPDX-License-Identifier: Apache-2.0
#include "core/unbounded.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>

namespace gradkeep::detail {
namespace {

double distance(Unbounded a, DoubleDouble b) {
  return std::abs(((a - Unbounded(b, 0)) / Unbounded(b, 0)).to_double(false));
}

TEST(Unbounded, AgreesWithDoubleDouble) {
  for (const double x : {-700.0, -41.5, -3.0, -0.7, -1e-3, -1e-30}) {
    const auto e = exponential(Unbounded(x));
    const auto want = exponential(DoubleDouble(x));
    EXPECT_LT(distance(e.plain * Unbounded(std::ldexp(1.0, kDoubleDoubleShift)), want.scaled),
              0x1p-96)
        << x;
    EXPECT_LT(distance(e.minus_one, want.minus_one), 0x1p-96) << x;
  }
  for (const double x : {1e-9, 0.1, 0.9}) {
    EXPECT_LT(distance(log1p_ratio(Unbounded(x)), log1p_ratio(DoubleDouble(x))), 0x1p-100);
    EXPECT_LT(distance(arctangent(Unbounded(x)), arctangent(DoubleDouble(x))), 0x1p-100);
    EXPECT_LT(distance(logarithm(Unbounded(x / 2)), logarithm(DoubleDouble(x / 2))), 0x1p-100);
    EXPECT_LT(distance(normal_tail(Unbounded(x)), normal_tail(DoubleDouble(x))), 0x1p-100);
    EXPECT_LT(distance(gaussian(Unbounded(x)).plain, gaussian(DoubleDouble(x)).plain), 0x1p-96);
    for (const double scale : {1.0, 2.0, 8.0}) {
      EXPECT_LT(distance(sqrt(Unbounded(x * scale)), sqrt(DoubleDouble(x * scale))), 0x1p-100);
    }
  }
}

// -log2 of the relative distance.
std::int64_t bits_alike(const Unbounded& a, const Unbounded& b) {
  const Unbounded d = a - b;
  return d.is_zero() ? 256 : b.exponent - d.exponent;
}

TEST(Unbounded, KeepsTwoHundredAndFortyBits) {
  const Unbounded one(1.0), two(2.0);
  for (const double v : {1e-30, 0.1, 0.3, 0.77, 1.0}) {
    const Unbounded x = Unbounded(v) + one / Unbounded(3e50);
    EXPECT_GE(bits_alike(x / Unbounded(7.0) * Unbounded(7.0), x), 254) << v;
    EXPECT_GE(bits_alike(over(x, 7), x / Unbounded(7.0)), 254) << v;
    EXPECT_GE(bits_alike(sqrt(x) * sqrt(x), x), 253) << v;
    EXPECT_GE(bits_alike((x - one) * (x + one), x * x - one), 150) << v;
    const auto e = exponential(x), inverse = exponential(-x);
    EXPECT_GE(bits_alike(e.plain * inverse.plain, one), 240) << v;
    EXPECT_GE(bits_alike(e.minus_one * inverse.plain, -inverse.minus_one), 240) << v;
    // log(1 + (e^x - 1)) = x, where e^x - 1 <= 1.
    if (v < 0.6) {
      EXPECT_GE(bits_alike(log1p_ratio(e.minus_one) * e.minus_one, x), 240) << v;
    }
    EXPECT_GE(bits_alike(exponential(logarithm(x)).plain, x), 238) << v;
    // arctan(x) + arctan(1 / x) is a quarter of a turn: x > 0 by (1 - x) / (1 + x).
    EXPECT_GE(bits_alike(arctangent(x) + arctangent((one - x) / (one + x)), quarter_pi()), 248)
        << v;
    EXPECT_GE(bits_alike(exponential_gap(x) * x * x, e.minus_one - x), 120) << v;
    const Unbounded f = exponential(-two * x).minus_one, tanh = -f / (two + f);
    EXPECT_GE(bits_alike(tanh_gap(x * x) * x * x * x, x - tanh), v < 0.01 ? 20 : 200) << v;
  }
  // The tail by its series and by its continued fraction; both are smooth where they meet.
  const Unbounded step = one / Unbounded(0x1p200), four(4.0);
  EXPECT_GE(bits_alike(normal_tail(four - step), normal_tail(four)), 198);
  const Unbounded x(1.0), below = one - step;
  EXPECT_GE(bits_alike(error_function(below), error_function(x)), 198);
}

TEST(Unbounded, ProductsComeBackFromFarOutside) {
  const Unbounded huge(0x1p1000), tiny(0x1p-1000);
  EXPECT_EQ((huge * huge * huge * tiny * tiny * tiny).to_double(false), 1);
  EXPECT_EQ((tiny / huge / huge * huge * huge / tiny).to_double(false), 1);
  EXPECT_EQ((huge * huge).to_double(false), INFINITY);
  EXPECT_EQ((-tiny * tiny).to_double(false), 0);
  EXPECT_TRUE(std::signbit((-tiny * tiny).to_double(false)));
  // e^-2000 e^1000 e^1000, the latter as reciprocals.
  const Unbounded e = exponential(Unbounded(-1000.0)).plain;
  EXPECT_LT(distance(exponential(Unbounded(-2000.0)).plain / e / e, 1.0), 0x1p-94);
}

TEST(Unbounded, ComparesAcrossSizesAndInfinities) {
  const Unbounded huge(0x1p1000), inf(INFINITY), zero(0.0);
  EXPECT_TRUE(huge * huge > huge);
  EXPECT_TRUE(-huge * huge < huge);
  EXPECT_TRUE(huge * huge < inf);
  EXPECT_TRUE(zero < Unbounded(1.0) / (huge * huge));
  EXPECT_TRUE(huge >= huge && huge <= huge && !(huge > huge) && inf >= inf);
  EXPECT_FALSE(Unbounded(NAN) > zero || Unbounded(NAN) <= zero);
}

TEST(Unbounded, IsRoundedOnce) {
  // Ties of the subnormal numbers, with a tail far below on either side.
  const Unbounded tie = Unbounded(0x3p-540) * Unbounded(0x1p-535),
                  tail = Unbounded(0x1p-1000) * Unbounded(0x1p-1000);
  EXPECT_EQ(tie.to_double(false), 0x1p-1073);
  EXPECT_EQ((tie + tail).to_double(false), 0x1p-1073);
  EXPECT_EQ((tie - tail).to_double(false), 0x1p-1074);
  // 52 bits are left just below the least normal number.
  const Unbounded near_normal =
      Unbounded(0x1.fffffffffffffp+0) * Unbounded(0x1p-512) * Unbounded(0x1p-511);
  EXPECT_EQ(near_normal.to_double(false), 0x1p-1022);
  EXPECT_EQ((near_normal - tail).to_double(false), 0x1.ffffffffffffep-1023);
  const Unbounded float_tie(1 + 0x1p-24);
  EXPECT_EQ(static_cast<float>((float_tie + tail).to_double(true)), 1 + 0x1p-23f);
  EXPECT_EQ(static_cast<float>((float_tie - tail).to_double(true)), 1.0f);
}

}  // namespace
}  // namespace gradkeep::detail
