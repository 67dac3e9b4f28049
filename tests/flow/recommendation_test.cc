// The recommended initialisation of every activation: what it promises, by recursions of its own.
// SPDX-License-Identifier: Apache-2.0
#include <gradkeep/recommendation.h>
#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

namespace gradkeep {
namespace {

Recommendation of(const char* name, int depth = 32, int width = 256) {
  return recommend(MeanField(Activation(name)), width, depth);
}

// The product of chi_1 over all layers but the last, by quadrature at every layer.
double gradient_left(const Nonlinearity& phi, const Recommendation& r, int depth) {
  const double w = r.scale.weight_std * r.scale.weight_std;
  const double b = r.scale.bias_std * r.scale.bias_std;
  double q = w * r.input_variance + b, left = 1;
  for (int layer = 1; layer < depth; ++layer) {
    const Moments m = moments(phi, q);
    left *= w * m.dphi2;
    q = w * m.phi2 + b;
  }
  return left;
}

TEST(Recommendation, KeepsTheGradientOrSaysThatNothingDoes) {
  int kept = 0;
  for (const std::string& name : names()) {
    if (name == "log1mexp") continue;  // not defined everywhere
    const MeanField field{Activation(name)};
    for (const int depth : {2, 32}) {
      const Recommendation r = recommend(field, 256, depth);
      EXPECT_TRUE(std::isfinite(r.scale.weight_std) && r.scale.weight_std > 0) << name;
      EXPECT_TRUE(std::isfinite(r.scale.bias_std) && r.scale.bias_std >= 0) << name;
      EXPECT_GT(r.input_variance, 0) << name;
      const bool excused = r.footing >= Footing::unstable;
      EXPECT_EQ(r.reason.find("There is no ") == 0, excused) << r.reason;
      EXPECT_EQ(r.reason.find("are the cure") != std::string::npos, excused) << r.reason;
      if (!field.phi().jumps().empty()) {
        EXPECT_EQ(r.footing, Footing::none) << name;
        EXPECT_TRUE(std::isnan(r.gradient_gain)) << name;
        continue;
      }
      const double left = gradient_left(field.phi(), r, depth);
      // Every layer multiplies what rounding left of the deviation from an unstable point.
      const double rounding = r.footing == Footing::unstable ? 1e-4 : 1e-10;
      EXPECT_NEAR(r.gradient_gain / left, 1, rounding) << name << " " << depth;
      if (r.footing == Footing::none) continue;
      EXPECT_GT(left, 1e-2) << name << " " << depth;
      EXPECT_LT(left, 1e2) << name << " " << depth;
      ++kept;
      if (!(r.q > 0)) continue;
      const double w = r.scale.weight_std * r.scale.weight_std;
      EXPECT_NEAR(w * moments(field.phi(), r.q).dphi2, 1, 1e-12) << name;
      EXPECT_NEAR(field.length(r.q, r.scale) / r.q, 1, 1e-12) << name;
    }
  }
  EXPECT_GT(kept, 94);
}

TEST(Recommendation, StandsWhereItSays) {
  const auto footing = [](const char* name) { return of(name).footing; };
  for (const char* name : {"relu", "leaky_relu", "identity", "prelu"}) {
    EXPECT_EQ(footing(name), Footing::whole_line) << name;
  }
  EXPECT_NEAR(of("relu").scale.weight_std, std::numbers::sqrt2, 1e-15);
  for (const char* name : {"tanh", "erf", "softsign", "elu", "selu", "sigmoid", "gaussian"}) {
    EXPECT_EQ(footing(name), Footing::stable) << name;
  }
  EXPECT_EQ(footing("relu6"), Footing::decaying);
  for (const char* name : {"gelu", "mish"}) EXPECT_EQ(footing(name), Footing::half_stable) << name;
  for (const char* name : {"exponential", "relu_squared", "bent_identity"}) {
    EXPECT_EQ(footing(name), Footing::unstable) << name;
  }
  for (const char* name : {"softplus", "log_sigmoid", "squareplus", "step", "hard_shrink"}) {
    EXPECT_EQ(footing(name), Footing::none) << name;
  }
  EXPECT_NEAR(of("sigmoid").scale.weight_std, 10.14926, 5e-6);
  EXPECT_EQ(of("sigmoid").scale.bias_std, 0);
  EXPECT_NEAR(of("gelu").scale.weight_std, std::sqrt(1.98305826), 5e-9);
}

// What docs/theory.md quotes, and others whose choice hangs on every charge.
TEST(Recommendation, IsTheOneOnThePage) {
  const auto expect = [](const char* name, double weight_std, double bias_std, double gain) {
    const Recommendation r = of(name);
    EXPECT_NEAR(r.scale.weight_std, weight_std, 5e-4) << name;
    EXPECT_NEAR(r.scale.bias_std, bias_std, 5e-4) << name;
    EXPECT_NEAR(r.gradient_gain / gain, 1, 2e-2) << name;
  };
  expect("tanh", 1.122, 0.050, 0.188);
  expect("gelu", 1.408, 0.416, 0.474);
  expect("softplus", 1.414, 0, 0.0003);
  expect("elu", 1.134, 0.0517, 0.224);
  expect("laplace", 1.719, 0.3143, 0.592);
}

TEST(Recommendation, HoldsTanhUpByASmallBias) {
  const Recommendation r = of("tanh");
  EXPECT_GT(r.scale.bias_std, 0);
  EXPECT_LT(r.scale.bias_std, 0.1);
  // More than without any, where q falls like 1 / (2 depth).
  EXPECT_GT(r.gradient_gain, 5 * gradient_left(Nonlinearity(Activation("tanh")),
                                               {{1, 0}, Footing::decaying, 0, 1, 1, 0, ""}, 32));
  // The deeper the network, the nearer to isometry it has to be: q ~ depth^(-1/2) or less.
  double q = of("tanh", 10).q;
  for (const int depth : {40, 160, 640}) {
    const double next = of("tanh", depth).q;
    EXPECT_LT(next, 0.75 * q) << depth;
    q = next;
  }
  EXPECT_EQ(of("tanh", 1).scale.bias_std, 0);
}

TEST(Recommendation, AsksForOtherInputsWhereThoseOfOneLeave) {
  // star_relu has a stable point beside which signals of mean square 1 grow without end.
  const Recommendation r = of("star_relu");
  EXPECT_EQ(r.footing, Footing::stable);
  EXPECT_NEAR(r.input_variance, 0.2143, 5e-5);
  EXPECT_NE(r.reason.find("mean square of 0.2143"), std::string::npos) << r.reason;
  EXPECT_NEAR(r.gradient_gain, 1, 1e-9);
  EXPECT_EQ(of("tanh").input_variance, 1);
}

TEST(Recommendation, ScatterIsThatOfTheWidth) {
  EXPECT_NEAR(of("relu", 11, 50).log_variance, 10 * 5.0 / 50, 1e-12);
  EXPECT_NEAR(of("relu", 11, 100).log_variance, 10 * 5.0 / 100, 1e-12);
  EXPECT_THROW(of("relu", 0), Error);
  EXPECT_THROW(of("relu", 3, 0), Error);
}

}  // namespace
}  // namespace gradkeep
