// Functions of a user's own that are no functions of every number, overflow, or are more than can be
// averaged: each question gets a status that says so, or one line of error.
// SPDX-License-Identifier: Apache-2.0
#include <gradkeep/blocks.h>
#include <gradkeep/critical.h>
#include <gradkeep/jacobian.h>
#include <gradkeep/phase.h>
#include <gradkeep/prediction.h>
#include <gradkeep/recommendation.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <cstring>
#include <functional>
#include <limits>
#include <numbers>
#include <stdexcept>

namespace gradkeep {
namespace {

using Function = std::function<double(double)>;

double sech2(double x) { return 1 - std::tanh(x) * std::tanh(x); }

double within(double x, double inside) { return x > 3 && x < 3.1 ? inside : std::tanh(x); }

// Every question that a function can be asked.
std::vector<std::function<void()>> questions(const Nonlinearity& phi) {
  const WeightScale scale{1.5, 0.1};
  const MeanField field(phi);
  const std::vector<double> weights{0.5, 1.5}, biases{0, 0.1};
  NetworkShape shape;
  shape.scale = scale;
  JacobianSetting setting;
  return {[=] { moments(phi, 2); },
          [=] { pair_moments(phi, 2, 0.95); },
          [=] { field.fixed_points(scale); },
          [=] { field.propagate(10, scale); },
          [=] { critical(field, 0.1); },
          [=] { half_stable(field); },
          [=] { gains(field); },
          [=] { phase_diagram(field, weights, biases); },
          [=] { predict(field, shape); },
          [=] { recommend(field, 100, 16); },
          [=] { batch_norm_growth(phi); },
          [=] { layer_norm_growth(phi, scale); },
          [=] { dropout_fixed_points(field, scale, 0.9); },
          [=] { jacobian_spectrum(phi, setting); }};
}

TEST(Robust, WhatIsNoNumberIsAnErrorEverywhere) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const Nonlinearity value("value", [=](double x) { return within(x, nan); }, sech2);
  const Nonlinearity slope(
      "slope", [](double x) { return std::tanh(x); },
      [=](double x) { return x > 3 && x < 3.1 ? nan : sech2(x); });
  for (const Nonlinearity& phi : {value, slope}) {
    int number = 0;
    for (const auto& ask : questions(phi)) {
      try {
        ask();
        ADD_FAILURE() << phi.name() << ", question " << number;
      } catch (const Error& e) {
        EXPECT_NE(std::string(e.what()).find("is no number"), std::string::npos) << e.what();
      }
      ++number;
    }
  }
  const Function sine = [](double x) { return std::sin(x) / x; };
  EXPECT_THROW(Nonlinearity("sinc", sine, sech2), Error);
  EXPECT_THROW(Nonlinearity("log", [](double x) { return std::log(std::abs(x)); }, sech2), Error);
}

TEST(Robust, AUsersOwnExceptionsPassThrough) {
  const Function throws = [](double x) {
    if (x > 3 && x < 1e17) throw std::runtime_error("mine");
    return std::tanh(x);
  };
  for (const auto& ask : questions(Nonlinearity("throws", throws, sech2))) {
    EXPECT_THROW(ask(), std::runtime_error);
  }
}

TEST(Robust, OverflowDiverges) {
  const Nonlinearity some("some", [](double x) { return within(x, kInfinity); }, sech2);
  const Nonlinearity huge(
      "huge", [](double x) { return 1e200 * std::tanh(x); },
      [](double x) { return 1e200 * sech2(x); });
  for (const Nonlinearity& phi : {some, huge}) {
    const MeanField field(phi);
    EXPECT_EQ(field.fixed_points({1.5, 0.1}).back().status, FixedPointStatus::diverging);
    EXPECT_EQ(gains(field).forward, 0);
    EXPECT_EQ(gains(field).centred, 0);
    EXPECT_THROW(recommend(field, 100, 16), Error);
    EXPECT_THROW(batch_norm_growth(phi), Error);
  }
  // e^(x^2) has no mean square from q = 1/4 on, no mean from 1/2 on, and no finite sum may stand for one.
  const Nonlinearity steep(
      "steep", [](double x) { return std::exp(x * x); },
      [](double x) { return 2 * x * std::exp(x * x); });
  EXPECT_NEAR(moments(steep, 0.1).phi2, 1 / std::sqrt(0.6), 1e-13);
  EXPECT_EQ(moments(steep, 2).phi2, kInfinity);
  EXPECT_EQ(moments(steep, 2).phi, kInfinity);
}

TEST(Robust, ConstantsHaveNoVariance) {
  for (const double value : {0.0, 3.0}) {
    const Nonlinearity phi("constant", [=](double) { return value; }, [](double) { return 0.0; });
    const MeanField field(phi);
    EXPECT_EQ(gains(field).centred, kInfinity);
    EXPECT_EQ(gains(field).backward, kInfinity);
    EXPECT_THROW(batch_norm_growth(phi), Error);
    const auto last = field.propagate(10, {1.5, 0.1}).back();
    EXPECT_NEAR(last.q, 2.25 * value * value + 0.01, 1e-13);
    EXPECT_NEAR(last.correlation, 1, 1e-12);
    EXPECT_EQ(critical(field, 0.1).line, CriticalLine::none);
  }
  const Nonlinearity zero("zero", [](double) { return 0.0; }, [](double) { return 0.0; });
  EXPECT_THROW(recommend(MeanField(zero), 100, 16), Error);
}

// Formulas that are inf/inf far out, or oscillate there.
TEST(Robust, FarSlopesAreLimitsOrNone) {
  const Nonlinearity ratio(
      "ratio", [](double x) { return x * x / (1 + x * x); },
      [](double x) { return 2 * x / ((1 + x * x) * (1 + x * x)); });
  EXPECT_EQ(ratio.mean_square_slope_at_infinity(), 0);
  const Nonlinearity half(
      "half", [](double x) { return x > 0 ? x * x / (1 + x) : 0; },
      [](double x) { return x > 0 ? x * (2 + x) / ((1 + x) * (1 + x)) : 0; }, {0});
  EXPECT_NEAR(half.mean_square_slope_at_infinity(), 0.5, 1e-15);
  const Nonlinearity sine(
      "sine", [](double x) { return std::sin(x); }, [](double x) { return std::cos(x); });
  EXPECT_TRUE(std::isnan(sine.mean_square_slope_at_infinity()));
  const auto mine = MeanField(sine).fixed_points({3, 0.3});
  const auto known = MeanField(Activation("sine")).fixed_points({3, 0.3});
  ASSERT_EQ(mine.size(), known.size());
  EXPECT_NEAR(mine[0].q / known[0].q, 1, 1e-12);
}

TEST(Robust, WhatIsMoreThanCanBeAveragedIsAnError) {
  const Function noise = [](double x) {
    std::uint64_t bits = 0;
    std::memcpy(&bits, &x, sizeof bits);
    bits *= 0x9E3779B97F4A7C15U;
    return static_cast<double>(bits >> 40);
  };
  const Nonlinearity phi("noise", noise, [](double) { return 0.0; });
  EXPECT_THROW(moments(phi, 1), Error);
  EXPECT_THROW(MeanField(phi).fixed_points({1.5, 0.1}), Error);
}

// More jumps than can be averaged at a large variance are told of there first.
TEST(Robust, ManyJumpsEndSoon) {
  long calls = 0;
  const Function floor = [&](double x) {
    ++calls;
    return std::floor(x);
  };
  const Nonlinearity phi("floor", floor, [](double) { return 0.0; });
  EXPECT_NEAR(moments(phi, 1).phi2, 4.0 / 3, 1e-3);
  calls = 0;
  EXPECT_THROW(MeanField(phi).fixed_points({1.5, 0.1}), Error);
  EXPECT_THROW(critical(MeanField(phi), 0.1), Error);
  EXPECT_LT(calls, 20'000'000);
}

// A jump's gain is infinite, and what lies behind a layer whose slopes are all 0 gets nothing.
TEST(Robust, NoGradientPassesALayerWithoutSlopes) {
  const Nonlinearity far(
      "far", [](double x) { return std::abs(x) < 1e3 ? x : 1e200; },
      [](double x) { return std::abs(x) < 1e3 ? 1.0 : 0.0; }, {-1e3, 1e3});
  NetworkShape shape;
  shape.depth = 6;
  shape.scale.weight_std = 30;
  const Prediction p = predict(MeanField(far), shape);
  EXPECT_EQ(p.layers[1].signal.chi_1, kInfinity);
  EXPECT_EQ(p.layers[2].signal.chi_1, 0);
  for (int l = 0; l < 5; ++l) EXPECT_EQ(p.layers[l].gradient_rms, 0) << l;
  EXPECT_EQ(p.layers[5].gradient_rms, 1);
}

// Where hardly an input meets the jumps two inputs settle next to each other, and the map's slope there is
// half of what its mean up to 1 is.
TEST(Robust, JumpsInTheTailAreSeenByHardlyAnInput) {
  for (const double bias : {0.03, 0.07, 0.1}) {
    for (const FixedPoint& p : MeanField(Activation("hard_shrink")).fixed_points({1, bias})) {
      if (p.status != FixedPointStatus::stable) continue;
      const double rate =
          0.5 * std::exp(-0.125 / p.q) / (std::numbers::sqrt2 * std::numbers::pi * p.q);
      EXPECT_NEAR(p.one_minus_c_star / (rate * rate), 1, 3e-4) << bias;
      EXPECT_NEAR(p.correlation_slope, 0.5, 1e-4) << bias;
      EXPECT_NEAR(p.xi_c, 1 / std::numbers::ln2, 1e-4) << bias;
    }
  }
}

}  // namespace
}  // namespace gradkeep
