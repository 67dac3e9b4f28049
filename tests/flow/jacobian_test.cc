// The Jacobian's spectrum against closed forms and against products of random matrices.
// SPDX-License-Identifier: Apache-2.0
#include <gradkeep/jacobian.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <numbers>
#include <numeric>
#include <random>
#include <string>

#include "tests/flow/sampled_jacobian.h"

namespace gradkeep {
namespace {

JacobianSpectrum spectrum(const char* name, Weights weights, double q, std::int64_t layers) {
  const Nonlinearity phi{Activation(name)};
  return jacobian_spectrum(phi, critical(phi, weights, q, layers));
}

TEST(Jacobian, LinearGaussianEdge) {
  for (const int layers : {1, 2, 8, 100}) {
    const JacobianSpectrum s = spectrum("identity", Weights::gaussian, 1, layers);
    const double edge = (layers + 1) * std::pow(1 + 1.0 / layers, layers);
    EXPECT_NEAR(s.lambda_max / edge, 1, 1e-12) << layers;
    EXPECT_EQ(s.high, SpectrumEdge::root);
    EXPECT_EQ(s.lambda_min, 0);
    EXPECT_EQ(s.low, SpectrumEdge::zero);
    EXPECT_NEAR(s.variance, layers, 1e-12 * layers);
    EXPECT_TRUE(s.atoms.empty());
  }
  const JacobianSpectrum s = spectrum("identity", Weights::orthogonal, 1, 8);
  ASSERT_EQ(s.atoms.size(), 1u);
  EXPECT_EQ(s.atoms[0].weight, 1);
  EXPECT_NEAR(s.lambda_min, 1, 1e-14);
  EXPECT_NEAR(s.lambda_max, 1, 1e-14);
  EXPECT_EQ(s.variance, 0);
}

double bernoulli_edge(double p, double layers) {
  return (1 - p) / p * layers * std::pow(layers / (layers - 1), layers - 1);
}

TEST(Jacobian, BernoulliOrthogonalEdge) {
  for (const int layers : {3, 8, 50}) {
    const JacobianSpectrum relu = spectrum("relu", Weights::orthogonal, 1, layers);
    EXPECT_NEAR(relu.lambda_max / bernoulli_edge(0.5, layers), 1, 1e-13) << layers;
    EXPECT_EQ(relu.high, SpectrumEdge::root);
    ASSERT_EQ(relu.atoms.size(), 1u);
    EXPECT_EQ(relu.atoms[0].at, 0);
    EXPECT_NEAR(relu.atoms[0].weight, 0.5, 1e-14);
    EXPECT_NEAR(relu.variance, layers, 1e-12 * layers);
  }
  EXPECT_NEAR(spectrum("relu", Weights::orthogonal, 1, 2).lambda_max, 4, 1e-11);
}

// Few layers of mostly open units: the formula above would be wrong.
TEST(Jacobian, BernoulliOrthogonalAtom) {
  const double q = 0.1, p = std::erf(1 / std::sqrt(2 * q));
  const JacobianSpectrum s = spectrum("hard_tanh", Weights::orthogonal, q, 4);
  EXPECT_EQ(s.high, SpectrumEdge::atom);
  EXPECT_NEAR(s.lambda_max, std::pow(p, -4), 1e-13);
  ASSERT_EQ(s.atoms.size(), 2u);
  EXPECT_NEAR(s.atoms[0].weight, 1 - p, 1e-14);
  EXPECT_NEAR(s.atoms[1].at, s.lambda_max, 1e-13);
  EXPECT_NEAR(s.atoms[1].weight, 1 - 4 * (1 - p), 1e-13);
  EXPECT_NEAR(s.variance, 4 * (1 / p - 1), 1e-14);
  const double q1 = 1, p1 = std::erf(1 / std::sqrt(2.0));
  const JacobianSpectrum deep = spectrum("hard_tanh", Weights::orthogonal, q1, 4);
  EXPECT_EQ(deep.high, SpectrumEdge::root);
  EXPECT_NEAR(deep.lambda_max / bernoulli_edge(p1, 4), 1, 1e-13);
}

TEST(Jacobian, BernoulliGaussianEdge) {
  for (const double q : {0.1, 1.0, 10.0}) {
    for (const double layers : {1.0, 2.0, 8.0, 64.0}) {
      const double p = std::erf(1 / std::sqrt(2 * q));
      const double z =
          (-(layers - 1) + std::sqrt((layers - 1) * (layers - 1) + 4 * layers * p)) / (2 * layers);
      const double edge = (1 + z) / z * std::pow((z + p) / p, layers);
      const JacobianSpectrum s =
          spectrum("hard_tanh", Weights::gaussian, q, static_cast<std::int64_t>(layers));
      EXPECT_NEAR(s.lambda_max / edge, 1, 1e-12) << q << " " << layers;
    }
  }
}

// At fixed sigma^2 = L (mu_2 / mu_1^2 - 1) only whether the largest slope has a share of its own
// matters.
TEST(Jacobian, DeepLimits) {
  const std::int64_t layers = 1'000'000;
  const Nonlinearity erf{Activation("erf")};
  for (const double sigma2 : {0.25, 1.0}) {
    const double q = std::sqrt(sigma2 / (8.0 * layers));  // slope^2 is e^(-2 x^2), of spread 8 q^2
    const JacobianSpectrum s =
        jacobian_spectrum(erf, critical(erf, Weights::orthogonal, q, layers));
    EXPECT_NEAR(s.variance, sigma2, 0.01 * sigma2);
    const double z = (-1 + std::sqrt(1 + 4 / s.variance)) / 2;
    EXPECT_NEAR(s.lambda_max / ((1 + z) / z * std::exp(s.variance * z)), 1, 0.01);
  }
  const Nonlinearity ramp(
      "ramp", [](double x) { return std::clamp(x, -1.0, 1.0); },
      [](double x) { return std::abs(x) < 1 ? 1.0 : 0.0; }, {-1, 1});
  for (const double sigma2 : {0.5, 2.0}) {
    double low = 0.01, high = 1;
    for (int i = 0; i < 60; ++i) {
      const double q = (low + high) / 2;
      (std::erfc(1 / std::sqrt(2 * q)) * layers < sigma2 ? low : high) = q;
    }
    const JacobianSpectrum s =
        jacobian_spectrum(ramp, critical(ramp, Weights::orthogonal, low, layers));
    const double edge = sigma2 > 1 ? std::numbers::e * sigma2 : std::exp(sigma2);
    EXPECT_NEAR(s.lambda_max / edge, 1, 1e-4);
    EXPECT_EQ(s.high, sigma2 > 1 ? SpectrumEdge::root : SpectrumEdge::atom);
  }
}

// The edge of a general function, found again by walking along lambda(t).
TEST(Jacobian, EdgeIsTheLeastOfLambda) {
  const Nonlinearity tanh{Activation("tanh")};
  const double q = 0.5, mean = moments(tanh, q).dphi2;
  for (const Weights weights : {Weights::gaussian, Weights::orthogonal}) {
    const int layers = 5;
    double least = kInfinity;
    for (double s = -6; s < 3; s += 0.01) {
      const double t = (1 + std::exp(s)) / mean;  // the largest slope is 1
      double z = 0, mass = 0;
      for (double x = -9; x <= 9; x += 0.01) {
        const double slope = 1 - std::pow(std::tanh(std::sqrt(q) * x), 2);
        const double d = slope * slope / mean, weight = std::exp(-x * x / 2);
        z += weight * d / (t - d);
        mass += weight;
      }
      z /= mass;
      const double more = weights == Weights::gaussian ? std::pow(1 + z, layers) : 1;
      least = std::min(least, std::pow(t, layers) * std::pow(z / (1 + z), layers - 1) * more);
    }
    const JacobianSpectrum s = jacobian_spectrum(tanh, critical(tanh, weights, q, layers));
    EXPECT_NEAR(s.lambda_max / least, 1, 1e-4);
  }
}

TEST(Jacobian, LowerEdgeMirrorsTheUpperOne) {
  // 1 / phi'^2 of leaky_relu has the law of phi'^2 itself, times a^-2.
  const Nonlinearity phi{Activation("leaky_relu(0.3)")};
  const JacobianSetting setting{Weights::orthogonal, 1, 1, 5};
  const JacobianSpectrum s = jacobian_spectrum(phi, setting);
  EXPECT_EQ(s.low, SpectrumEdge::root);
  EXPECT_NEAR(s.lambda_min * s.lambda_max / std::pow(0.3, 10), 1, 1e-12);
}

TEST(Jacobian, OneOrthogonalLayerIsTheSlopesThemselves) {
  const Nonlinearity phi{Activation("leaky_relu(0.5)")};
  const JacobianSpectrum s = jacobian_spectrum(phi, {Weights::orthogonal, 1, 1, 1});
  ASSERT_EQ(s.atoms.size(), 2u);
  EXPECT_NEAR(s.atoms[0].at, 0.25, 1e-15);
  EXPECT_NEAR(s.atoms[1].at, 1, 1e-15);
  EXPECT_NEAR(s.atoms[0].weight, 0.5, 1e-15);

  const Nonlinearity tanh{Activation("tanh")};
  const JacobianSetting one{Weights::orthogonal, 1, 1, 1};
  EXPECT_EQ(jacobian_spectrum(tanh, one).high, SpectrumEdge::slopes);
  EXPECT_NEAR(jacobian_spectrum(tanh, one).lambda_max, 1, 1e-14);
  const JacobianDensity d = jacobian_density(tanh, one);
  const double unit = moments(tanh, 1).dphi2;
  for (const double share : {0.1, 0.5, 0.9}) {
    const double lambda = std::exp(d.quantile(share)) * unit;  // sech(x)^4
    const double x = std::acosh(std::pow(lambda, -0.25));
    EXPECT_NEAR(std::erfc(x / std::sqrt(2.0)), share, 1e-3);
  }
}

TEST(Jacobian, WeightsScaleEverything) {
  const Nonlinearity phi{Activation("tanh")};
  JacobianSetting s = critical(phi, Weights::gaussian, 1, 6);
  const JacobianSpectrum at_one = jacobian_spectrum(phi, s);
  s.weight_std *= 1.5;
  const JacobianSpectrum more = jacobian_spectrum(phi, s);
  const double chi = 1.5 * 1.5, power = std::pow(chi, 6);
  EXPECT_NEAR(more.chi_1, chi, 1e-14);
  EXPECT_NEAR(more.mean / power, 1, 1e-13);
  EXPECT_NEAR(more.lambda_max / at_one.lambda_max / power, 1, 1e-12);
  EXPECT_NEAR(more.variance / at_one.variance / power / power, 1, 1e-12);
  s.layers = 10000;
  EXPECT_EQ(jacobian_spectrum(phi, s).lambda_max, kInfinity);
}

TEST(Jacobian, VarianceIsThatOfTheMoments) {
  for (const char* name : {"tanh", "gelu", "sigmoid", "hard_tanh", "erf"}) {
    for (const double q : {0.01, 1.0, 25.0}) {
      const Moments m = moments(Activation(name), q);
      const double ratio = m.dphi4 / (m.dphi2 * m.dphi2);
      EXPECT_NEAR(spectrum(name, Weights::orthogonal, q, 7).variance, 7 * (ratio - 1), 1e-12);
      EXPECT_NEAR(spectrum(name, Weights::gaussian, q, 7).variance, 7 * ratio, 1e-11);
    }
  }
  EXPECT_NEAR(spectrum("tanh", Weights::orthogonal, 1e-8, 1).variance / 8e-16, 1, 1e-6);
}

TEST(Jacobian, UnboundedAndThin) {
  const JacobianSpectrum s = spectrum("exponential", Weights::gaussian, 0.5, 3);
  EXPECT_EQ(s.high, SpectrumEdge::unbounded);
  EXPECT_EQ(s.lambda_max, kInfinity);
  // gelu's steepest place is 14 standard deviations away.
  EXPECT_EQ(spectrum("gelu", Weights::orthogonal, 0.01, 8).high, SpectrumEdge::slopes);
  EXPECT_EQ(spectrum("gelu", Weights::orthogonal, 1, 8).high, SpectrumEdge::root);
  // A slope that touches 0 without changing its sign.
  const Nonlinearity wave(
      "wave", [](double x) { return x + std::sin(x); }, [](double x) { return 1 + std::cos(x); });
  EXPECT_EQ(jacobian_spectrum(wave, {Weights::orthogonal, 1, 1, 2}).lambda_min, 0);
  // gelu's slope nears 0 and 1 far out, but is neither.
  EXPECT_TRUE(spectrum("gelu", Weights::orthogonal, 1e4, 1).atoms.empty());
}

struct Sample {
  double mean, variance, largest;  // of squared singular values
};

Sample simulate(const Nonlinearity& phi, const JacobianSetting& setting, unsigned seed) {
  const Matrix gram = sampled_gram(phi, setting, seed);
  Sample out{};
  for (int i = 0; i < kWidth; ++i) out.mean += gram[i * kWidth + i] / kWidth;
  for (const double v : gram) out.variance += v * v / kWidth;
  out.variance -= out.mean * out.mean;
  std::vector<double> v(kWidth, 1.0);
  for (int step = 0; step < 200; ++step) {
    std::vector<double> next(kWidth);
    for (int i = 0; i < kWidth; ++i) {
      next[i] = std::inner_product(v.begin(), v.end(), &gram[i * kWidth], 0.0);
    }
    out.largest = std::sqrt(std::inner_product(next.begin(), next.end(), next.begin(), 0.0));
    for (int i = 0; i < kWidth; ++i) v[i] = next[i] / out.largest;
  }
  return out;
}

TEST(JacobianSimulation, OrthogonalNetworks) {
  for (const char* name : {"tanh", "relu", "hard_tanh"}) {
    const Nonlinearity phi{Activation(name)};
    const JacobianSetting setting = critical(phi, Weights::orthogonal, 0.5, 8);
    const JacobianSpectrum s = jacobian_spectrum(phi, setting);
    Sample all{};
    constexpr int kSeeds = 4;
    for (unsigned seed = 1; seed <= kSeeds; ++seed) {
      const Sample one = simulate(phi, setting, seed);
      // Means of nets of 300 units scatter by a few per cent, which variance / mean^2 is free of.
      all.mean += one.mean / kSeeds;
      all.variance += one.variance / (one.mean * one.mean) / kSeeds;
      all.largest += one.largest / one.mean / kSeeds;
    }
    // Three standard deviations of what a layer's 300 slopes give by chance.
    EXPECT_NEAR(all.mean, 1, 3 * std::sqrt(s.variance / (kWidth * kSeeds))) << name;
    EXPECT_NEAR(all.variance / s.variance, 1, 0.05) << name;
    EXPECT_NEAR(all.largest / s.lambda_max, 1, 0.1) << name;  // an edge converges like n^(-2/3)
  }
}

TEST(JacobianSimulation, GaussianNetworks) {
  const Nonlinearity phi{Activation("tanh")};
  const JacobianSetting setting = critical(phi, Weights::gaussian, 0.5, 8);
  const JacobianSpectrum s = jacobian_spectrum(phi, setting);
  Sample all{};
  constexpr int kSeeds = 4;
  for (unsigned seed = 1; seed <= kSeeds; ++seed) {
    const Sample one = simulate(phi, setting, seed);
    all.mean += one.mean / kSeeds;
    all.variance += one.variance / (one.mean * one.mean) / kSeeds;
  }
  EXPECT_NEAR(all.mean, 1, 0.1);
  EXPECT_GT(all.variance / s.variance, 0.9);
  EXPECT_LT(all.variance / s.variance, 1.5);
}

TEST(JacobianWidth, LogNormal) {
  const Nonlinearity relu{Activation("relu")}, tanh{Activation("tanh")};
  const JacobianSetting he{Weights::gaussian, std::sqrt(2.0), 1, 3};
  const double widths[] = {100, 50, 200};
  const LogNormal l = jacobian_log_norm(relu, he, widths);
  const double beta = 5 * (1.0 / 100 + 1.0 / 50 + 1.0 / 200);
  EXPECT_NEAR(l.variance, beta, 1e-15);
  EXPECT_NEAR(l.mean, -beta / 2, 1e-14);
  EXPECT_NEAR(l.moment_ratio, 1.05 * 1.1 * 1.025, 1e-14);
  EXPECT_TRUE(l.homogeneous);
  const double width[] = {128};
  JacobianSetting other = critical(tanh, Weights::gaussian, 1, 10);
  other.weight_std *= 2;
  const Moments m = moments(tanh, 1);
  const LogNormal t = jacobian_log_norm(tanh, other, width);
  EXPECT_NEAR(t.variance, 10 * (3 * m.dphi4 / (m.dphi2 * m.dphi2) - 1) / 128, 1e-13);
  EXPECT_NEAR(t.mean, -t.variance / 2 + 10 * std::log(4.0), 1e-12);
  EXPECT_FALSE(t.homogeneous);
  EXPECT_TRUE(jacobian_log_norm(Activation("leaky_relu"), he, width).homogeneous);
  const double two[] = {1, 2};
  EXPECT_THROW(jacobian_log_norm(relu, he, two), Error);
}

// One layer of four units with slopes drawn apart: the fourth moment is exact at any width.
TEST(JacobianWidth, FourthMoment) {
  constexpr int kUnits = 4, kTrials = 400'000;
  const double width[] = {kUnits};
  const Nonlinearity relu{Activation("relu")};
  std::mt19937_64 random(7);
  std::normal_distribution<double> normal;
  for (const Weights weights : {Weights::gaussian, Weights::orthogonal}) {
    double two = 0, four = 0;
    for (int trial = 0; trial < kTrials; ++trial) {
      double norm = 0, kept = 0;
      for (int i = 0; i < kUnits; ++i) {
        const double v = normal(random), square = v * v;
        norm += square;
        if (random() & 1) kept += square;
      }
      if (weights == Weights::orthogonal) kept /= norm;
      two += kept;
      four += kept * kept;
    }
    const LogNormal l = jacobian_log_norm(relu, {weights, 1, 1, 1}, width);
    EXPECT_NEAR(kTrials * four / (two * two) / l.moment_ratio, 1, 0.01);
  }
}

TEST(Jacobian, WorstCase) {
  const Nonlinearity sigmoid{Activation("sigmoid")}, gelu{Activation("gelu")};
  EXPECT_NEAR(jacobian_worst_case(sigmoid, {Weights::orthogonal, 1, 1, 10}), std::pow(0.25, 10),
              1e-20);
  EXPECT_NEAR(jacobian_worst_case(sigmoid, {Weights::gaussian, 1, 1, 10}), std::pow(0.5, 10),
              1e-17);
  EXPECT_NEAR(jacobian_worst_case(gelu, {Weights::orthogonal, 2, 0.001, 1}), 2 * 1.1289041451851548,
              1e-14);
  EXPECT_EQ(jacobian_worst_case(Activation("exponential"), {Weights::orthogonal, 1, 1, 2}),
            kInfinity);
}

TEST(Jacobian, WhatIsNoSpectrum) {
  const Nonlinearity tanh{Activation("tanh")};
  const Nonlinearity stairs(
      "stairs", [](double x) { return x < 0 ? 0.0 : 1 + x; },
      [](double x) { return x < 0 ? 0.0 : 1.0; }, {0});
  const Nonlinearity flat("flat", [](double) { return 1.0; }, [](double) { return 0.0; });
  EXPECT_THROW(jacobian_spectrum(stairs, {}), Error);
  EXPECT_THROW(jacobian_spectrum(flat, {}), Error);
  EXPECT_THROW(jacobian_density(stairs, {}), Error);
  EXPECT_THROW(critical_weight_std(flat, 1), Error);
  EXPECT_THROW(jacobian_spectrum(Activation("exponential"), {Weights::gaussian, 1, 1000, 1}),
               Error);
  for (const double bad : {0.0, -1.0, kInfinity, std::nan("")}) {
    EXPECT_THROW(jacobian_spectrum(tanh, {Weights::gaussian, 1, bad, 1}), Error);
    EXPECT_THROW(jacobian_spectrum(tanh, {Weights::gaussian, bad, 1, 1}), Error);
  }
  EXPECT_THROW(jacobian_spectrum(tanh, {Weights::gaussian, 1, 1, 0}), Error);
  EXPECT_THROW(jacobian_density(tanh, {Weights::gaussian, 1, 1, 100'000'000}), Error);
}

}  // namespace
}  // namespace gradkeep
