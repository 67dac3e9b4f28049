// The chain bound, the depth at which each number format loses it, and the walk through the layers.
// SPDX-License-Identifier: Apache-2.0
#include <gradkeep/flow.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace gradkeep {
namespace {

TEST(Chain, SigmoidsBoundIsAPowerOfAQuarter) {
  const Activation sigmoid("sigmoid");
  EXPECT_EQ(chain_bound(sigmoid, 0), 1);
  EXPECT_EQ(chain_bound(sigmoid, 3), 0.015625);
  EXPECT_EQ(chain_bound(sigmoid, 20), 9.094947017729282e-13);
  EXPECT_THROW(chain_bound(sigmoid, -1), Error);
}

TEST(Chain, SigmoidVanishesInEachFormat) {
  const struct {
    Format format;
    int subnormal, lost;
  } cases[] = {{kFloat32, 64, 75}, {kBfloat16, 64, 67}, {kFloat16, 8, 13}};
  for (const auto& c : cases) {
    const Vanishing v = vanishing(0.25, c.format);
    EXPECT_EQ(v.subnormal_at, c.subnormal) << c.format.name;
    EXPECT_EQ(v.lost_at, c.lost) << c.format.name;
  }
}

TEST(Chain, ABoundThatDoesNotShrinkNeverVanishes) {
  for (const double slope : {1.0, 1.75810}) {
    const Vanishing v = vanishing(slope, kFloat16);
    EXPECT_FALSE(v.subnormal_at);
    EXPECT_FALSE(v.lost_at);
  }
}

TEST(Chain, ABoundMayJumpOverTheSubnormalNumbers) {
  const Vanishing v = vanishing(1e-20, kFloat16);
  EXPECT_FALSE(v.subnormal_at);
  EXPECT_EQ(v.lost_at, 1);
  EXPECT_EQ(vanishing(0, kFloat32).lost_at, 1);
}

// Ties: half a step under the smallest normal number rounds up to it, half the smallest subnormal
// number rounds to 0.
TEST(Chain, TiesGoToEven) {
  const double tie = std::ldexp(1.0, -14) - std::ldexp(1.0, -25);
  EXPECT_NE(vanishing(tie, kFloat16).subnormal_at, 1);
  EXPECT_EQ(vanishing(std::nextafter(tie, 0), kFloat16).subnormal_at, 1);
  EXPECT_EQ(vanishing(std::ldexp(1.0, -25), kFloat16).lost_at, 1);
  EXPECT_EQ(vanishing(std::nextafter(std::ldexp(1.0, -25), 1), kFloat16).subnormal_at, 1);
}

// Against float arithmetic itself: powers in long double are far more precise than float.
TEST(Chain, DepthsAgreeWithRoundedPowers) {
  for (const double slope : {0.1, 0.35, 0.6, 0.6000000000000001, 0.95, 0.999}) {
    long double power = 1;
    int depth = 0, subnormal = 0;
    while (static_cast<float>(power) != 0) {
      power *= slope;
      ++depth;
      const auto rounded = static_cast<float>(power);
      if (!subnormal && rounded < std::numeric_limits<float>::min()) subnormal = depth;
    }
    const Vanishing v = vanishing(slope, kFloat32);
    EXPECT_EQ(v.subnormal_at, subnormal) << slope;
    EXPECT_EQ(v.lost_at, depth) << slope;
  }
}

TEST(Chain, ASlopeJustUnderOneTakesManyLayers) {
  const double slope = 1 - 0x1p-53;
  const Vanishing v = vanishing(slope, kFloat32);
  ASSERT_TRUE(v.lost_at);
  EXPECT_NEAR(static_cast<double>(*v.lost_at), 150 * std::log(2.0) * 0x1p53, 1e3);
}

TEST(Chain, WalkMultipliesSlopesAndWeights) {
  const Activation sigmoid("sigmoid");
  const std::vector<double> w{2, -0.5, 1}, b{0.1, 0, -1};
  const auto steps = chain_walk(sigmoid, 0.3, w, b);
  ASSERT_EQ(steps.size(), 3u);
  double f = 0.3, product = 1;
  for (std::size_t i = 0; i < 3; ++i) {
    const double a = w[i] * f + b[i];
    f = 1 / (1 + std::exp(-a));
    product *= w[i] * f * (1 - f);
    EXPECT_EQ(steps[i].weight, w[i]);
    EXPECT_NEAR(steps[i].a, a, 1e-15);
    EXPECT_NEAR(steps[i].f, f, 1e-15);
    EXPECT_NEAR(steps[i].slope, f * (1 - f), 1e-15);
    EXPECT_NEAR(steps[i].product, product, 1e-15);
  }
  EXPECT_THROW(chain_walk(sigmoid, 0, w, {}), Error);
}

TEST(Chain, WalkIsTheDerivativeOfTheNet) {
  const Activation gelu("gelu");
  const std::vector<double> w{1.5, -0.7, 0.9, 1.1}, b{0.2, 0.3, -0.1, 0};
  const double x = 0.4, h = 1e-6;
  const double plus = chain_walk(gelu, x + h, w, b).back().f;
  const double minus = chain_walk(gelu, x - h, w, b).back().f;
  EXPECT_NEAR(chain_walk(gelu, x, w, b).back().product, (plus - minus) / (2 * h), 1e-9);
}

}  // namespace
}  // namespace gradkeep
