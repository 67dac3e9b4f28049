// Double-double arithmetic against long products and known digits: what the exact tier rests on.
// SPDX-License-Identifier: Apache-2.0
#include "core/double_double.h"

#include <gtest/gtest.h>

#include <cmath>

namespace gradkeep::detail {
namespace {

// |a - b| relative to b.
double distance(DD a, DD b) {
  const DD d = a - b;
  return std::abs(d.hi / b.hi);
}

TEST(DoubleDouble, KnownDigits) {
  // e^-1, e^-30 - 1 and Phi(-3) e^(9/2), each as two doubles, from mpmath at 60 digits.
  EXPECT_LT(distance(exponential(DD(-1.0)).plain, {0x1.78b56362cef38p-2, -0x1.ca8a4270fadf5p-57}),
            0x1p-98);
  EXPECT_LT(
      distance(exponential(DD(-30.0)).minus_one, {-0x1.ffffffffffcb5p-1, -0x1.1f3d53808b2afp-56}),
      0x1p-98);
  EXPECT_LT(distance(normal_tail(DD(3.0)), {0x1.f1b89c231e9b8p-4, -0x1.da9b41d833643p-58}),
            0x1p-95);
}

TEST(DoubleDouble, TheWordsAgreeWithEachOther) {
  for (double x = -0.01; x > -700; x *= 1.37) {
    const auto e = exponential(DD(x)), half = exponential(DD(x / 2));
    EXPECT_LT(distance(half.plain * half.plain, e.plain), 0x1p-96) << x;
    EXPECT_LT(distance(half.minus_one * (half.minus_one + 2.0), e.minus_one), 0x1p-98) << x;
  }
  // log1p: e^(-log(1 + v)) (1 + v) = 1.
  for (double v = 1e-9; v <= 1; v *= 1.9) {
    const DD log = log1p_ratio(DD(v)) * v;
    EXPECT_LT(distance(exponential(-log).plain * (DD(v) + 1.0), 1.0), 0x1p-97) << v;
  }
  // The tail's series and continued fraction meet, and the middle is 1/2 minus the tail.
  for (double a = 0.1; a < 1.9; a += 0.1) {
    const DD tail = normal_tail(DD(a)) * gaussian(DD(a)).plain;
    EXPECT_LT(distance(DD(0.5) - normal_center(DD(a)) * a, tail), 0x1p-94) << a;
  }
  EXPECT_LT(distance(normal_tail(DD(2.0)), normal_tail(DD(std::nextafter(2.0, 0.0)))), 0x1p-50);
}

TEST(DoubleDouble, PowersOfAnySize) {
  for (double x = 1e-3; x < 700; x *= 1.7) {
    EXPECT_LT(distance(power_of_e(DD(x)) * power_of_e(DD(-x)), 1.0), 0x1p-96) << x;
  }
  EXPECT_EQ(power_of_e(DD(709.0)).hi, 0x1.d422d2be5dc9bp+1022);  // mpmath
  EXPECT_EQ(power_of_e(DD(709.79)).hi, INFINITY);
  EXPECT_EQ(power_of_e(DD(-745.0)).hi, 0x1p-1074);
  EXPECT_EQ(power_of_e(DD(-1e300)).hi, 0.0);
  EXPECT_EQ(power_of_e(DD(0x1p-600)).hi, 1.0);
}

TEST(DoubleDouble, WhatIsLeftOfDifferences) {
  for (double x = 0.05; x <= 1; x *= 1.4) {
    for (const double u : {x, -x}) {
      const DD gap = power_of_e(DD(u)) - 1.0 - u;
      EXPECT_LT(distance(exponential_gap(DD(u)) * u * u, gap), 0x1p-86) << u;
    }
    const DD e = exponential(DD(-2 * x)).plain, tanh = (DD(1.0) - e) / (DD(1.0) + e);
    EXPECT_LT(distance(tanh_gap(DD(x) * x) * x * x * x, DD(x) - tanh), 0x1p-78) << x;
  }
}

TEST(DoubleDouble, RoundToOddKeepsTheSideOfATie) {
  const double tie = 1.0 + 0x1p-24;  // halfway between two floats
  EXPECT_EQ(static_cast<float>(round_to_odd({tie, 0x1p-90})), 1.0f + 0x1p-23f);
  EXPECT_EQ(static_cast<float>(round_to_odd({tie, -0x1p-90})), 1.0f);
  EXPECT_EQ(static_cast<float>(round_to_odd({tie, 0.0})), 1.0f);
  EXPECT_EQ(static_cast<float>(round_to_odd({-tie, -0x1p-90})), -1.0f - 0x1p-23f);
}

TEST(DoubleDouble, AnExponentialBelowEverythingStillDecidesATie) {
  const double tie = 1.0 + 0x1p-24;
  for (const double x : {-30.0, -699.0, -700.0, -980.0, -986.0, -1e300}) {
    const auto e = exponential(DD(x));
    EXPECT_EQ(static_cast<float>(round_to_odd(DD(tie) - e.plain)), 1.0f) << x;
    EXPECT_EQ(static_cast<float>(round_to_odd(DD(tie) + e.plain)), 1.0f + 0x1p-23f) << x;
    EXPECT_EQ(static_cast<float>(round_to_odd(DD(tie) * e.minus_one)), -1.0f) << x;
  }
}

TEST(DoubleDouble, SubnormalResultsAreRoundedOnce) {
  // 2^52 - 1/2 units of the least subnormal is a tie, which the low part decides.
  const DD tie(0x1.fffffffffffffp+0);
  EXPECT_EQ(rounded_at(tie, -1023), 0x1p-1022);
  EXPECT_EQ(rounded_at({tie.hi, -0x1p-60}, -1023), 0x1.ffffffffffffep-1023);
  EXPECT_EQ(rounded_at({-tie.hi, 0x1p-60}, -1023), -0x1.ffffffffffffep-1023);
  EXPECT_EQ(rounded_at({1.5, 0x1p-60}, -1074), 0x1p-1073);
  EXPECT_EQ(rounded_at({0.5, 0x1p-60}, -1074), 0x1p-1074);
  EXPECT_EQ(rounded_at({0.5, 0.0}, -1074), 0.0);
  EXPECT_EQ(rounded_at({1.0, 0x1p-60}, 5), 32.0);
  // What is small but normal is rounded to nearest, whatever lies below.
  EXPECT_EQ(unscaled(DD(0x1p-550, 0x1p-610)).hi, 0x1p-950);
}

TEST(DoubleDouble, InfinitiesDoNotBecomeNaN) {
  const DD big = 1e300;
  EXPECT_EQ((big * big).hi, INFINITY);
  EXPECT_EQ((big * big + 1.0).hi, INFINITY);
  EXPECT_EQ((DD(1.0) / (big * big)).hi, 0.0);
  EXPECT_EQ((DD(0x1p1000, -0x1p946) * DD(0x1p1000)).hi, INFINITY);
  EXPECT_EQ(exponential(DD(-INFINITY)).scaled.hi, 0.0);
}

}  // namespace
}  // namespace gradkeep::detail
