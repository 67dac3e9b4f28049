// The steepest and the most bent point of each function, against closed forms and mpmath.
// SPDX-License-Identifier: Apache-2.0
#include <gradkeep/flow.h>
#include <gtest/gtest.h>

#include <cmath>
#include <string>

namespace gradkeep {
namespace {

struct Case {
  const char* name;
  double value, at;
  bool attained;
};

// gelu: Phi(sqrt 2) + sqrt 2 phi(sqrt 2); the other inexact ones by mpmath, 30 digits.
TEST(Extremes, SlopeMaximum) {
  const Case cases[] = {
      {"identity", 1, 0, true},
      {"sigmoid", 0.25, 0, true},
      {"tanh", 1, 0, true},
      {"relu", 1, 1, true},
      {"leaky_relu", 1, 1, true},
      {"prelu(a=-3)", 3, 0, true},
      {"elu", 1, 0, true},
      {"elu(alpha=0.5)", 1, 1, true},
      {"elu(alpha=2)", 2, 0, true},
      {"selu", 1.7580993408473768, 0, true},
      {"softplus", 1, kInfinity, false},
      {"softsign", 1, 0, true},
      {"silu", 1.099839320128867, 2.3993572805154675, true},
      {"gelu", 1.1289041451851547, 1.4142135623730951, true},
      {"mish", 1.088498161251728, 1.4905711794854284, true},
      {"hard_tanh", 1, 0, true},
      {"hard_tanh(min=2, max=5)", 1, 3, true},
      {"improved_sigmoid", 0.6, 0, true},
  };
  for (const Case& c : cases) {
    const Extreme e = slope_maximum(Activation(c.name, Bounds::any));
    EXPECT_NEAR(e.value, c.value, 1e-15 * c.value) << c.name;
    if (std::isinf(c.at)) {
      EXPECT_EQ(e.at, c.at) << c.name;
    } else {
      EXPECT_NEAR(e.at, c.at, 1e-13 * (1 + std::abs(c.at))) << c.name;
    }
    EXPECT_EQ(e.attained, c.attained) << c.name;
  }
}

TEST(Extremes, ExactWhereTheNumberIs) {
  EXPECT_EQ(slope_maximum(Activation("sigmoid")).value, 0.25);
  EXPECT_EQ(slope_maximum(Activation("tanh")).value, 1);
  EXPECT_EQ(slope_maximum(Activation("identity")).value, 1);
}

TEST(Extremes, ScaleDoesNotMatter) {
  for (const double beta : {1e-6, 1e6}) {
    const double parameters[] = {beta};
    const Activation f("softplus", parameters, Bounds::any);
    EXPECT_EQ(slope_maximum(f).value, 1);
    EXPECT_FALSE(slope_maximum(f).attained);
    EXPECT_NEAR(curvature_maximum(f).value, beta / 4, 1e-15 * beta);
  }
}

// A function as steep or as flat as double can express, and a piece narrower than any step.
TEST(Extremes, EveryScaleIsLookedAt) {
  const auto steepest = [](const char* text) {
    return slope_maximum(Activation(text, Bounds::any));
  };
  EXPECT_NEAR(steepest("improved_sigmoid(alpha=1e308,beta=1e307)").value / 3.5e307, 1, 1e-14);
  EXPECT_NEAR(steepest("improved_sigmoid(alpha=1e-300,beta=0)").value / 2.5e-301, 1, 1e-14);
  EXPECT_EQ(steepest("elu(alpha=1e308)").value, 1e308);
  const Extreme narrow = steepest("hard_tanh(min=1,max=1.0000001)");
  EXPECT_EQ(narrow.value, 1);
  EXPECT_TRUE(narrow.attained);
  EXPECT_GT(narrow.at, 1);
  EXPECT_LT(narrow.at, 1.0000001);

  const auto most_bent = [](const char* text) {
    return curvature_maximum(Activation(text, Bounds::any)).value;
  };
  EXPECT_NEAR(most_bent("softplus(beta=1e308)") / 2.5e307, 1, 1e-14);
  // alpha^2 / (6 sqrt 3), at inputs of the size of 1 / alpha
  for (const char* alpha : {"1e-100", "1e-30", "1e30", "1e100"}) {
    const double a = std::stod(alpha);
    const std::string text = "improved_sigmoid(beta=0,alpha=" + std::string(alpha) + ")";
    EXPECT_NEAR(most_bent(text.c_str()) / (a * a / (6 * std::sqrt(3))), 1, 1e-9) << alpha;
  }
}

TEST(Extremes, TooLargeForADouble) {
  const Activation f("improved_sigmoid(alpha=1e308,beta=0)", Bounds::any);
  EXPECT_EQ(curvature_maximum(f).value, kInfinity);
}

TEST(Extremes, SlopeRange) {
  const Extremes gelu = extremes(Activation("gelu"), 1);
  EXPECT_NEAR(gelu.low.value, 1 - 1.1289041451851547, 1e-15);
  EXPECT_NEAR(gelu.low.at, -std::sqrt(2), 1e-13);
  const Extremes sigmoid = extremes(Activation("sigmoid"), 1);
  EXPECT_EQ(sigmoid.low.value, 0);
  EXPECT_FALSE(sigmoid.low.attained);
  const Extremes relu = extremes(Activation("relu"), 1);
  EXPECT_EQ(relu.low.value, 0);
  EXPECT_TRUE(relu.low.attained);
  EXPECT_EQ(relu.low.at, 0);
  EXPECT_THROW(extremes(Activation("relu"), 0), Error);
}

// softsign'' jumps from 2 to -2 at 0; the convention there can reach one of them at most.
TEST(Extremes, ASideThatIsNotTakenIsOnlyApproached) {
  const Extremes e = extremes(Activation("softsign"), 2);
  EXPECT_EQ(e.low.value, -2);
  EXPECT_EQ(e.high.value, 2);
  EXPECT_EQ(e.low.at, 0);
  EXPECT_EQ(e.high.at, 0);
  EXPECT_FALSE(e.low.attained && e.high.attained);
}

TEST(Extremes, CurvatureMaximum) {
  // tanh: 4 / (3 sqrt 3) at atanh(1 / sqrt 3); sigmoid: 1 / (6 sqrt 3); gelu: 2 phi(0).
  EXPECT_NEAR(curvature_maximum(Activation("tanh")).value, 4 / (3 * std::sqrt(3.0)), 1e-15);
  EXPECT_NEAR(std::abs(curvature_maximum(Activation("tanh")).at), std::atanh(1 / std::sqrt(3.0)),
              1e-7);
  EXPECT_NEAR(curvature_maximum(Activation("sigmoid")).value, 1 / (6 * std::sqrt(3.0)), 1e-16);
  EXPECT_NEAR(curvature_maximum(Activation("gelu")).value, 0.7978845608028654, 1e-15);
  EXPECT_EQ(curvature_maximum(Activation("relu")).value, 0);
  EXPECT_EQ(curvature_maximum(Activation("softsign")).value, 2);
}

}  // namespace
}  // namespace gradkeep
