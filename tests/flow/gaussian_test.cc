// Means under a normal distribution against closed forms and identities that need no reference.
// SPDX-License-Identifier: Apache-2.0
#include <gradkeep/flow.h>
#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

namespace gradkeep {
namespace {

constexpr double kVariances[] = {0.01, 1, 10, 100};

TEST(Gaussian, Moments) {
  double moment = 1;
  for (int k = 0; k <= 12; k += 2) {
    const double mean = gaussian_mean([k](double z) { return std::pow(z, k); });
    EXPECT_NEAR(mean, moment, 2e-15 * moment) << k;
    moment *= k + 1;
  }
}

TEST(Gaussian, ClosedForms) {
  for (const double q : kVariances) {
    const double s = std::sqrt(q), pi = std::numbers::pi;
    const auto mean = [q](const char* name, int order) {
      return gaussian_mean(Activation(name), order, q);
    };
    EXPECT_NEAR(mean("relu", 0) / std::sqrt(q / (2 * pi)), 1, 1e-15);
    EXPECT_NEAR(mean("relu", 1), 0.5, 1e-15);
    EXPECT_NEAR(mean("leaky_relu", 0) / (0.99 * std::sqrt(q / (2 * pi))), 1, 1e-15);
    EXPECT_NEAR(mean("gelu", 0) / (q / std::sqrt(2 * pi * (1 + q))), 1, 2e-15);
    EXPECT_NEAR(mean("hard_tanh", 1), std::erf(1 / std::sqrt(2 * q)), 1e-15);
    EXPECT_NEAR(mean("improved_sigmoid", 0), 0.5, 1e-15);
    const double tail = std::exp(q / 2) * std::erfc(s / std::sqrt(2.0)) / 2;
    EXPECT_NEAR(mean("elu", 0), std::sqrt(q / (2 * pi)) + tail - 0.5, 1e-14);
  }
}

// Kinks off the panels' own edges.
TEST(Gaussian, KinksAnywhere) {
  const Activation f("hard_tanh(min=-0.3, max=0.7)");
  for (const double q : kVariances) {
    const double s = std::sqrt(2 * q);
    EXPECT_NEAR(gaussian_mean(f, 1, q), (std::erf(0.7 / s) + std::erf(0.3 / s)) / 2, 1e-15);
  }
}

TEST(Gaussian, Identities) {
  for (const double q : kVariances) {
    const double sigmoid_slope = gaussian_mean(Activation("sigmoid"), 1, q);
    EXPECT_NEAR(gaussian_mean(Activation("silu"), 0, q) / (q * sigmoid_slope), 1, 2e-15);
    EXPECT_NEAR(gaussian_mean(Activation("softplus"), 1, q), 0.5, 1e-15);
  }
}

// Stein: E z f(s z) = s E f'(s z), kinks or not; where f jumps, f' has a mass of that size.
TEST(Gaussian, Stein) {
  for (const auto& name : names()) {
    const Activation f(name);
    if (std::isfinite(f.domain().low) || std::isfinite(f.domain().high)) {
      EXPECT_TRUE(std::isnan(gaussian_mean(f, 0))) << name;
      continue;
    }
    for (const double q : {0.01, 1.0, 10.0}) {
      const double s = std::sqrt(q);
      std::vector<double> edges;
      for (const double kink : f.kinks()) edges.push_back(kink / s);
      const double left = gaussian_mean([&](double z) { return z * f(s * z); }, edges);
      double right = s * gaussian_mean(f, 1, q);
      for (const double kink : f.kinks()) {
        const double jump =
            f(std::nextafter(kink, kInfinity)) - f(std::nextafter(kink, -kInfinity));
        right += jump * std::exp(-kink * kink / (2 * q)) / std::sqrt(2 * std::numbers::pi);
      }
      EXPECT_NEAR(left, right, 1e-13 * std::max(1.0, std::abs(right))) << name << " " << q;
    }
  }
}

TEST(Gaussian, ZeroVarianceIsTheValueAtZero) {
  EXPECT_EQ(gaussian_mean(Activation("sigmoid"), 0, 0), 0.5);
  EXPECT_THROW(gaussian_mean(Activation("sigmoid"), 0, -1), Error);
  EXPECT_THROW(gaussian_mean(Activation("sigmoid"), 3), Error);
}

}  // namespace
}  // namespace gradkeep
