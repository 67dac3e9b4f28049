// The oracle's own traps: ties that look decided and are not, precision without end, conventions at
// zero, infinity and NaN, formats narrower than float, and the unit in which errors are counted.
// SPDX-License-Identifier: Apache-2.0

#include "check/truth.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <string>
#include <tuple>
#include <vector>

namespace gradkeep::check {
namespace {

const float kInf32 = std::numeric_limits<float>::infinity();

TEST(Truth, KnowsEveryRegisteredFunction) {
  std::vector<std::string> known;
  for (const NamedUnit& unit : truth_units()) known.push_back(unit.name);
  EXPECT_EQ(known, names());
}

TEST(Truth, SiluOfTheLeastSubnormalIsNotZero) {
  const Truth silu(Activation("silu"));
  EXPECT_EQ(silu.rounded(Ask::value, 0x1p-149f), 0x1p-149f);
  EXPECT_TRUE(same_bits(silu.rounded(Ask::value, -0x1p-149f), -0.0f));
  EXPECT_EQ(silu.rounded(Ask::value, 0x1p-1074), 0x1p-1074);
  const Truth gelu(Activation("gelu"));
  EXPECT_EQ(gelu.rounded(Ask::value, 0x1p-149f), 0x1p-149f);
  // At 128 bits the ball still holds the tie: undecided there, not wrong.
  const ArbBall narrow = silu.in_arb(Ask::value, 0x1p-149, 128);
  EXPECT_TRUE(arb_contains(narrow.get(), ArbBall(0x1p-150).get()));
}

TEST(Truth, ATieWhoseTailNoPrecisionReachesIsDecidedByItsSign) {
  // 0.1 x is a tie in double and the sigmoid's exp(-2^64.6) lies above it.
  const Truth f(Activation("improved_sigmoid"));
  const double x = -0x1.8p63, product = x * 0.1;
  const double residual = std::fma(x, 0.1, -product);
  ASSERT_EQ(std::abs(residual), ulp(product, kBinary64) / 2);
  EXPECT_EQ(f.rounded(Ask::value, x), std::max(product, std::nextafter(product, 0.0)));
  // Right of 0 the sigmoid is 1 - exp(-12288): the tie 1 + 0.05 x is missed from below.
  const Truth g("improved_sigmoid", std::array{4.0, 0.05});
  EXPECT_EQ(g.rounded(Ask::value, 0x1.8p10), 0x1.3733333333333p+6);  // odd: no tie
}

TEST(Truth, ATieBesideARootIsDecidedThroughTheRoot) {
  // sqrt(x + e^-x)'' = -x^-1.5 / 4 but for e^-x: -2^-134, half of bfloat16's least number.
  const Truth f(Activation("sqrtsoftplus"));
  EXPECT_TRUE(same_bits(f.at(Ask::curvature, 0x1p88, kBfloat16).rounded, -0.0));
}

TEST(Truth, TheCurvatureOfAnOddFunctionAtATinyTieTakesThreeThousandBits) {
  const Truth sigmoid(Activation("sigmoid"));
  const double x = -0x1.fffffffffffffp-1020;
  // sigmoid'' = -x/8 + x^3/48: just below the tie in size.
  EXPECT_EQ(sigmoid.rounded(Ask::curvature, x), 0x1.ffffffffffffep-1023);
}

TEST(Truth, TheSignOfADerivativeThatIsNextToNothingIsFoundOnlyWhereItIsAsked) {
  const Truth truth(Activation("gelu"));
  for (const Ask ask : {Ask::slope, Ask::curvature}) {
    const Reference right = truth.at(ask, -40, kBinary32);
    EXPECT_FALSE(right.any_zero);
    EXPECT_TRUE(same_bits(right.rounded, -0.0));
    Work work;
    EXPECT_TRUE(truth.at(ask, -40, kBinary32, &work, Truth::Zero::any).any_zero);
    EXPECT_EQ(work.escalations, 0);
    EXPECT_FALSE(truth.at(ask, -40, kBinary64, nullptr, Truth::Zero::any).any_zero);
    EXPECT_FALSE(truth.at(ask, -14, kBinary32, &work, Truth::Zero::any).any_zero);
  }
  EXPECT_FALSE(truth.at(Ask::value, -40, kBinary32, nullptr, Truth::Zero::any).any_zero);
}

TEST(Truth, KnownRoundings) {
  EXPECT_EQ(Truth(Activation("gelu")).rounded(Ask::value, -5.5f), -0x1.c093d8p-24f);
  const Truth sigmoid(Activation("sigmoid"));
  EXPECT_EQ(sigmoid.rounded(Ask::slope, 16.64f), 0x1.fdb7c8p-25f);
  EXPECT_EQ(sigmoid.rounded(Ask::value, 17.33f), 1.0f);
  EXPECT_EQ(sigmoid.rounded(Ask::value, 17.3f), 0x1.fffffep-1f);
  EXPECT_EQ(sigmoid.rounded(Ask::value, -104.0f), 0.0f);
  EXPECT_NE(sigmoid.rounded(Ask::value, -103.9f), 0.0f);
  EXPECT_EQ(Truth(Activation("softplus")).rounded(Ask::value, 0.0f), 0x1.62e43p-1f);
}

// exp(log(2 + x)) is 2 exactly at 0, and no precision can tell which side of 2 it is on, nor that
// it is on none.
struct Undecidable {
  template <class T>
  struct Parameters {};
  static Info info() {
    Info info;
    info.name = "undecidable";
    return info;
  }
  static Limits limits(const Parameters<double>&) { return {}; }
  template <class T>
  static T truth(const T& x, const Parameters<T>&) {
    return exp(log(2.0 + 0x1p-24 + x));
  }
};

TEST(Truth, ReachingThePrecisionCapIsAnErrorThatNamesTheInput) {
  const NamedUnit unit{"undecidable", &MakeUnit<Undecidable>::kUnit};
  const Truth truth(unit, {});
  EXPECT_EQ(truth.rounded(Ask::value, 0x1p-8f), 2.00390625f);
  try {
    truth.rounded(Ask::value, 0x1p-24f);  // 2 + 2^-23: a tie in float
    FAIL() << "decided";
  } catch (const Error& error) {
    const std::string what = error.what();
    EXPECT_NE(what.find("undecidable"), std::string::npos) << what;
    EXPECT_NE(what.find("value at 0x1p-24"), std::string::npos) << what;
  }
}

TEST(Truth, Conventions) {
  const Truth elu(Activation("elu")), sigmoid(Activation("sigmoid"));
  EXPECT_TRUE(std::isnan(elu.rounded(Ask::value, std::nanf(""))));
  EXPECT_TRUE(same_bits(elu.rounded(Ask::value, -0.0f), -0.0f));
  EXPECT_TRUE(same_bits(elu.rounded(Ask::value, 0.0f), 0.0f));
  EXPECT_TRUE(same_bits(sigmoid.rounded(Ask::value, -0.0f), 0.5f));
  EXPECT_TRUE(same_bits(Truth(Activation("relu")).rounded(Ask::value, -1.0f), 0.0f));
  EXPECT_EQ(elu.rounded(Ask::value, -kInf32), -1.0f);
  EXPECT_EQ(elu.rounded(Ask::value, kInf32), kInf32);
  EXPECT_EQ(sigmoid.rounded(Ask::slope, kInf32), 0.0f);
}

TEST(Truth, ParameterSlopes) {
  const Truth elu(Activation("elu(alpha=0.5)"));
  EXPECT_EQ(elu.rounded(Ask::parameter_0, -1.0), std::expm1(-1.0));
  EXPECT_EQ(elu.rounded(Ask::parameter_0, 3.0), 0);
  const Truth clip(Activation("hard_tanh"));
  EXPECT_EQ(clip.rounded(Ask::parameter_0, -7.0), 1);
  EXPECT_EQ(clip.rounded(Ask::parameter_1, -7.0), 0);
  EXPECT_EQ(clip.rounded(Ask::parameter_1, 7.0), 1);
  EXPECT_THROW(elu.rounded(Ask::parameter_1, 1.0), Error);
}

TEST(Truth, WrongNamesAndCountsAreErrors) {
  EXPECT_THROW(Truth("gleu", {}), Error);
  EXPECT_THROW(Truth("elu", {}), Error);
}

TEST(Format, RoundsToEvenInEveryFormat) {
  EXPECT_EQ(round_to(1.00390625, kBfloat16), 1.0);       // tie, even below
  EXPECT_EQ(round_to(1.01171875, kBfloat16), 1.015625);  // tie, even above
  EXPECT_EQ(round_to(65519.9, kBinary16), 65504.0);
  EXPECT_EQ(round_to(65520.0, kBinary16), HUGE_VAL);
  EXPECT_EQ(round_to(0x1p-25, kBinary16), 0.0);  // tie with zero
  EXPECT_EQ(round_to(0x1.8p-25, kBinary16), 0x1p-24);
  EXPECT_TRUE(std::signbit(round_to(-0x1p-30, kBinary16)));
  EXPECT_EQ(round_to(3e38, kBfloat16), round_to(static_cast<float>(3e38), kBfloat16));
}

TEST(Format, TruthRoundsOnceToNarrowFormats) {
  const Truth silu(Activation("silu"));
  EXPECT_EQ(silu.at(Ask::value, 0x1p-24, kBinary16).rounded, 0x1p-24);  // x/2 + x^2/4, above a tie
  EXPECT_EQ(silu.at(Ask::value, -0x1p-24, kBinary16).rounded, 0.0);
  const Truth sigmoid(Activation("sigmoid"));
  EXPECT_EQ(sigmoid.at(Ask::slope, 6.25, kBfloat16).rounded, 0x1.f8p-10);
}

// Far out bent_identity is 3/2 x less something that no double shows, a tie for every other float; rrelu's
// 11/48 x is one for multiples of 3, but for the rounding of 1/3.
TEST(Truth, TiesBrokenByWhatCannotBeSeenNeedNoMoreBits) {
  for (const auto& [name, x, want] : {std::tuple{"bent_identity", 0x1.000002p100f, 0x1.800002p100f},
                                      std::tuple{"bent_identity", 0x1.00000ap80f, 0x1.80000ep80f},
                                      std::tuple{"rrelu", -0x1.80000cp23f, -0x1.60000ap21f}}) {
    const Truth truth{Activation(name)};
    Work work;
    EXPECT_EQ(truth.at(Ask::value, x, kBinary32, &work).rounded, want) << name;
    EXPECT_EQ(work.escalations, 0) << name;
  }
}

TEST(Format, OrdinalsAreInOrder) {
  EXPECT_EQ(ordinal(0.0f), 0);
  EXPECT_EQ(ordinal(-0.0f), -1);
  EXPECT_EQ(ordinal(0x1p-149f), 1);
  EXPECT_EQ(ordinal(1.0f) - 1, ordinal(std::nextafter(1.0f, 0.0f)));
  EXPECT_LT(ordinal(-2.0), ordinal(-1.0));
  for (double v : {-3.5, -0.0, 0.0, 1e300}) EXPECT_TRUE(same_bits(from_ordinal(ordinal(v)), v));
  EXPECT_TRUE(same_bits(std::nanf("1"), -std::nanf("2")));
  EXPECT_FALSE(same_bits(0.0f, -0.0f));
}

TEST(Ulp, FollowsTheDefinition) {
  EXPECT_EQ(ulp(1.0, kBinary32), 0x1p-23);
  EXPECT_EQ(ulp(0x1.fffffep0, kBinary32), 0x1p-23);
  EXPECT_EQ(ulp(0x1p-140, kBinary32), 0x1p-149);
  EXPECT_EQ(ulp(0.0, kBinary64), 0x1p-1074);
  const Truth identity(Activation("identity"));
  const Reference one = identity.at(Ask::value, 1.0, kBinary32);
  EXPECT_EQ(error_in_ulps(one, 1.0), 0);
  EXPECT_EQ(error_in_ulps(one, 1.0 + 0x1p-22), 2);
  EXPECT_EQ(error_in_ulps(one, 1.0 + 0x1p-22, ulp(8.0, kBinary32)), 0.25);
  EXPECT_EQ(error_in_ulps(one, std::nan("")), HUGE_VAL);
  const Reference half = Truth(Activation("silu")).at(Ask::value, 0x1p-149, kBinary32);
  EXPECT_NEAR(error_in_ulps(half, 0), 0.5, 1e-12);
  EXPECT_NEAR(error_in_ulps(half, 0x1p-149), 0.5, 1e-12);
  const Truth steep(Activation("leaky_relu(3)", Bounds::any));
  const Reference overflow = steep.at(Ask::value, -0x1p127, kBinary32);
  EXPECT_EQ(error_in_ulps(overflow, -HUGE_VAL), 0);
  EXPECT_EQ(error_in_ulps(overflow, 1), HUGE_VAL);
}

}  // namespace
}  // namespace gradkeep::check
