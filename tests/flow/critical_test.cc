// The critical line against published points, its own definition, and the functions that have none.
// SPDX-License-Identifier: Apache-2.0
#include <gradkeep/critical.h>
#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

namespace gradkeep {
namespace {

MeanField field(const char* name) { return MeanField(Activation(name)); }

TEST(Critical, AgreesWithPublishedPoints) {
  const auto weight = [](const char* name, double b) {
    const Criticality c = critical(field(name), b);
    EXPECT_EQ(c.line, CriticalLine::unique) << name;
    return c.points.at(0).weight_std;
  };
  EXPECT_EQ(weight("tanh", 0), 1);
  EXPECT_NEAR(weight("tanh", 0.2), 1.304146, 5e-7);
  EXPECT_NEAR(std::pow(weight("tanh", 0.2), 2), 1.700796, 5e-7);
  EXPECT_NEAR(std::pow(weight("tanh", std::sqrt(2.01052e-5)), 2), 1.05, 5e-6);
  EXPECT_NEAR(weight("sigmoid", 0), 10.14926, 5e-6);
  EXPECT_NEAR(weight("sigmoid", 0.5), 10.17886, 5e-6);
  EXPECT_NEAR(weight("improved_sigmoid(alpha=2,beta=0.1)", 0), 3.73552, 5e-6);
  EXPECT_NEAR(weight("improved_sigmoid(alpha=3,beta=0.05)", 0), 3.05715, 5e-6);
  EXPECT_NEAR(std::pow(weight("silu", 0.2), 2), 2.82083, 5e-6);
  EXPECT_NEAR(critical(field("sigmoid"), 0).points[0].q, 45.62, 5e-3);
}

TEST(Critical, SaysInWordsWhatANumberWouldHide) {
  EXPECT_EQ(critical(field("softplus"), 0).line, CriticalLine::none);
  EXPECT_EQ(critical(field("softplus"), 1).line, CriticalLine::none);
  EXPECT_EQ(critical(field("relu"), 0.1).line, CriticalLine::none);
  const Criticality relu = critical(field("relu"), 0);
  EXPECT_EQ(relu.line, CriticalLine::degenerate);
  EXPECT_NEAR(relu.points.at(0).weight_std, std::numbers::sqrt2, 1e-15);
  EXPECT_TRUE(std::isnan(relu.points[0].q));
  EXPECT_NEAR(critical(field("leaky_relu(0.5)"), 0).points.at(0).weight_std, std::sqrt(1.6), 1e-15);
  EXPECT_TRUE(critical(field("tanh"), 0).points.at(0).stable);
  for (const char* name : {"gelu", "silu", "mish"}) {
    for (const double b : {0.0, 0.1}) {
      const Criticality c = critical(field(name), b);
      ASSERT_EQ(c.line, CriticalLine::unique) << name;
      EXPECT_FALSE(c.points[0].stable) << name;
    }
  }
  // A jump's chi_1 is infinite whatever the weights.
  EXPECT_EQ(critical(field("step"), 0.1).line, CriticalLine::none);
}

TEST(Critical, PointsAreFixedPointsWithChiOne) {
  int stable = 0, unstable = 0;
  for (const std::string& name : names()) {
    if (name == "log1mexp") continue;
    const MeanField f{Activation(name)};
    for (const double b : {0.0, 0.1, 0.7}) {
      for (const CriticalPoint& c : critical(f, b).points) {
        if (!(c.q > 0)) continue;
        const WeightScale scale{c.weight_std, b};
        const double w = c.weight_std * c.weight_std;
        EXPECT_NEAR(f.length(c.q, scale) / c.q, 1, 1e-11) << name;
        EXPECT_NEAR(w * moments(f.phi(), c.q).dphi2, 1, 1e-12) << name;
        EXPECT_NEAR(c.length_slope, f.length_slope(c.q, scale), 1e-11) << name;
        ++(c.stable ? stable : unstable);
        if (std::abs(c.length_slope - 1) < 1e-3) continue;
        double nearest = kInfinity, chi_1 = 0;
        for (const FixedPoint& p : f.fixed_points(scale)) {
          if (std::abs(p.q - c.q) < nearest) {
            nearest = std::abs(p.q - c.q);
            chi_1 = p.chi_1;
          }
        }
        EXPECT_NEAR(chi_1, 1, 1e-10) << name << " b " << b;
      }
    }
  }
  EXPECT_GT(stable, 60);
  EXPECT_GT(unstable, 20);
}

// Roberts, Yaida & Hanin 2022; silu's bias is often copied with a digit lost.
TEST(HalfStable, PointsOfGeluSiluAndMish) {
  const auto at = [](const char* name) {
    const auto points = half_stable(field(name));
    EXPECT_EQ(points.size(), 1U) << name;
    return points.at(0);
  };
  const HalfStablePoint gelu = at("gelu"), silu = at("silu"), mish = at("mish");
  EXPECT_NEAR(gelu.q, (3 + std::sqrt(17.0)) / 2, 1e-9);
  EXPECT_NEAR(gelu.weight_std * gelu.weight_std, 1.98305826, 5e-9);
  EXPECT_NEAR(gelu.bias_std * gelu.bias_std, 0.17292239, 5e-9);
  EXPECT_NEAR(silu.q, 14.32017362, 5e-8);
  EXPECT_NEAR(silu.weight_std * silu.weight_std, 1.98800468, 5e-9);
  EXPECT_NEAR(silu.bias_std * silu.bias_std, 0.55514317, 5e-9);
  EXPECT_NEAR(mish.q, 1.67016913, 5e-9);
  EXPECT_NEAR(mish.weight_std * mish.weight_std, 2.01352407, 5e-9);
  EXPECT_NEAR(mish.bias_std * mish.bias_std, 0.09452179, 5e-9);
  EXPECT_TRUE(half_stable(field("tanh")).empty());
  // Its tail has V' = chi_1 at every small q; round-off is no crossing.
  EXPECT_TRUE(half_stable(field("soft_shrink")).empty());
}

TEST(Gains, AreTheKnownOnes) {
  const auto of = [](const char* name) { return gains(Nonlinearity(Activation(name))); };
  EXPECT_NEAR(of("tanh").forward, 1.59254, 5e-6);
  EXPECT_NEAR(of("sigmoid").forward, 1.84623, 5e-6);
  EXPECT_NEAR(of("sigmoid").backward, 4.7226, 5e-5);
  EXPECT_NEAR(of("sigmoid").centred, 4.81, 2e-2);
  EXPECT_NEAR(of("relu").centred, 1.71, 5e-3);
  EXPECT_NEAR(of("relu").forward, std::numbers::sqrt2, 1e-14);
  EXPECT_NEAR(of("relu").backward, std::numbers::sqrt2, 1e-14);
  EXPECT_NEAR(of("identity").centred, 1, 1e-14);
  EXPECT_NEAR(gains(Nonlinearity(Activation("tanh")), 1e-10).backward, 1, 1e-9);
  EXPECT_THROW(gains(Nonlinearity(Activation("tanh")), 0), Error);
  EXPECT_THROW(gains(field("tanh"), 0), Error);
  EXPECT_THROW(critical(field("tanh"), -1), Error);
}

TEST(Gains, AreTheSameFromSeries) {
  for (const std::string& name : names()) {
    if (name == "log1mexp") continue;
    const MeanField f{Activation(name)};
    for (const double q : {1e-3, 1.0, 30.0}) {
      const Gains direct = gains(f.phi(), q), series = gains(f, q);
      EXPECT_NEAR(series.forward / direct.forward, 1, 1e-13) << name << " at " << q;
      // The variance is a difference, as exact as what it is taken from.
      const auto variance = [q](const Gains& g) { return q / (g.centred * g.centred); };
      EXPECT_NEAR(variance(series), variance(direct), 1e-13 * q / (direct.forward * direct.forward))
          << name << " at " << q;
      if (direct.backward == 0) {  // a jump
        EXPECT_EQ(series.backward, 0) << name;
      } else {
        EXPECT_NEAR(series.backward / direct.backward, 1, 1e-13) << name << " at " << q;
      }
    }
  }
}

}  // namespace
}  // namespace gradkeep
