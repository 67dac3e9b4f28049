// Normalisation, residual branches, dropout, weights with a mean and the output against published numbers
// and against the maps iterated.
// SPDX-License-Identifier: Apache-2.0
#include <gradkeep/blocks.h>
#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

namespace gradkeep {
namespace {

constexpr double kPi = std::numbers::pi;

Nonlinearity phi(const char* name) { return Nonlinearity(Activation(name)); }
double square(double v) { return v * v; }

TEST(BatchNorm, AlwaysExplodesButForStraightLines) {
  EXPECT_NEAR(batch_norm_growth(phi("relu")), kPi / (kPi - 1), 1e-14);
  EXPECT_NEAR(batch_norm_growth(phi("identity")), 1, 1e-14);
  EXPECT_NEAR(batch_norm_growth(phi("sigmoid")), 1.0336, 5e-5);
  EXPECT_NEAR(batch_norm_growth(phi("tanh")), 1.1778, 5e-5);
  EXPECT_NEAR(batch_norm_growth(phi("improved_sigmoid(alpha=2,beta=0.1)")), 1.104, 5e-4);
  EXPECT_NEAR(batch_norm_growth(phi("improved_sigmoid(alpha=3,beta=0.05)")), 1.300, 5e-4);
  for (const std::string& name : names()) {
    if (name == "log1mexp" || !phi(name.c_str()).jumps().empty()) continue;
    EXPECT_GE(batch_norm_growth(phi(name.c_str())), 1 - 1e-13) << name;  // Gaussian Poincare
  }
  // A small scale makes a smooth function straight, a kinked one never.
  EXPECT_NEAR(batch_norm_growth(phi("tanh"), 1e-4), 1, 1e-7);
  EXPECT_NEAR(batch_norm_growth(phi("relu"), 1e-4), kPi / (kPi - 1), 1e-13);
  // Far on its straight side relu is the identity.
  EXPECT_NEAR(batch_norm_growth(phi("relu"), 1, 12), 1, 1e-13);
  EXPECT_THROW(batch_norm_growth(phi("relu"), 0), Error);
}

TEST(LayerNorm, KeepsReluAndNotTheLogistic) {
  EXPECT_NEAR(layer_norm_growth(phi("relu"), {1.7, 0}), 1, 1e-14);
  EXPECT_NEAR(layer_norm_growth(phi("sigmoid"), {1, 0}), 0.153, 5e-4);
  EXPECT_NEAR(layer_norm_growth(phi("relu"), {1, 1}), 0.5 / 1.5, 1e-14);
  EXPECT_NEAR(layer_norm_after_growth(phi("relu"), {1, 0}), kPi / (kPi - 1), 1e-13);
  EXPECT_THROW(layer_norm_growth(phi("relu"), {0, 1}), Error);
}

TEST(Dropout, TakesTheCriticalLineAway) {
  const MeanField tanh(phi("tanh"));
  for (const double keep : {0.5, 0.9, 0.999}) {
    const WeightScale scale{1.3, 0.3};
    const auto points = dropout_fixed_points(tanh, scale, keep);
    ASSERT_EQ(points.size(), 1U);
    // Two passes with masks of their own, iterated.
    const double w = square(scale.weight_std), b = square(scale.bias_std);
    double q = 1, c = 1;
    for (int l = 0; l < 3000; ++l) {
      const double next = w / keep * moments(tanh.phi(), q).phi2 + b;
      c = (w * pair_moments(tanh.phi(), q, c).phi_phi + b) / next;
      q = next;
      if (l > 60 && l % 50 == 0 && std::abs(points[0].c_star - c) < 1e-9) break;
    }
    EXPECT_NEAR(points[0].q, q, 1e-9);
    EXPECT_NEAR(points[0].c_star, c, 1e-8) << keep;
    EXPECT_LT(points[0].c_star, 1);
    EXPECT_NEAR(points[0].chi_1, w / keep * moments(tanh.phi(), q).dphi2, 1e-9);
  }
  EXPECT_NEAR(dropout_fixed_points(tanh, {1.5, 0.1}, 1)[0].c_star, 0.180084, 5e-7);
  EXPECT_THROW(dropout_fixed_points(tanh, {1, 0}, 0), Error);
}

TEST(ShiftedWeights, HaveTwoStableMeans) {
  // A mean field magnet: m = 3 E tanh(m + sqrt(q) z) has 0 and two others.
  const Nonlinearity tanh = phi("tanh");
  const auto up = shifted_layers(tanh, 40, {0.3, 0}, 3, 0.1, 0.1);
  const auto down = shifted_layers(tanh, 40, {0.3, 0}, 3, -0.1, 0.1);
  EXPECT_GT(up[39].mean, 2.9);
  EXPECT_NEAR(down[39].mean, -up[39].mean, 1e-12);
  EXPECT_NEAR(up[39].mean, 3 * moments(tanh.shifted(up[39].mean), up[39].q).phi, 1e-12);
  // Below the slope 1 at 0 there is one.
  EXPECT_NEAR(shifted_layers(tanh, 200, {0.3, 0}, 0.9, 1, 0.1)[199].mean, 0, 1e-6);
  // Without a mean it is the plain recursion.
  const auto plain = shifted_layers(tanh, 5, {1.5, 0.1}, 0, 0, 2.26);
  const auto known = MeanField(tanh).propagate(5, {1.5, 0.1});
  for (std::size_t l = 0; l < 5; ++l) EXPECT_NEAR(plain[l].q / known[l].q, 1, 1e-13);
}

TEST(Output, BeginsWhereTheBooksSay) {
  EXPECT_NEAR(softmax_start(10, 0).loss, std::log(10), 1e-15);
  EXPECT_NEAR(softmax_start(10, 0).gradient_square, 0.9, 1e-15);
  EXPECT_NEAR(softmax_start(4, 0.1).loss, std::log(4) + 0.005 * 0.75, 1e-15);
  EXPECT_NEAR(sigmoid_start(1).loss, 0.806059, 5e-7);
  EXPECT_NEAR(sigmoid_start(0).loss, std::numbers::ln2, 1e-15);
  EXPECT_NEAR(sigmoid_start(0).gradient_square, 0.25, 1e-15);
  EXPECT_THROW(softmax_start(1, 0), Error);
}

}  // namespace
}  // namespace gradkeep
