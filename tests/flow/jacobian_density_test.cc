// The density of the Jacobian's spectrum: known laws, what it must integrate to, for every activation, and
// the shares of sampled networks' singular values.
// SPDX-License-Identifier: Apache-2.0
#include <gradkeep/critical.h>
#include <gradkeep/jacobian.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <numbers>
#include <numeric>
#include <string>

#include "tests/flow/sampled_jacobian.h"

namespace gradkeep {
namespace {

constexpr double kPi = std::numbers::pi;

double atoms_of(const JacobianDensity& d) {
  return std::accumulate(d.atoms.begin(), d.atoms.end(), 0.0,
                         [](double sum, const SpectrumAtom& a) { return sum + a.weight; });
}

TEST(JacobianDensity, IntegratesToWhatTheMomentsSay) {
  const auto holds = [](const char* name, Weights weights, double q, std::int64_t layers) {
    SCOPED_TRACE(std::string(name) + " " + std::to_string(layers));
    const Nonlinearity phi{Activation(name)};
    const JacobianSetting setting = critical(phi, weights, q, layers);
    const JacobianDensity d = jacobian_density(phi, setting);
    EXPECT_NEAR(d.mass + atoms_of(d), 1, 2e-5);
    EXPECT_NEAR(d.mean, 1, 2e-5);
    EXPECT_NEAR((d.square - d.mean * d.mean) / jacobian_spectrum(phi, setting).variance, 1, 1e-3);
    EXPECT_TRUE(std::is_sorted(d.u.begin(), d.u.end()));
  };
  for (const Weights weights : {Weights::gaussian, Weights::orthogonal}) {
    for (const char* name : {"tanh", "gelu", "selu", "relu", "hard_tanh", "sigmoid"}) {
      holds(name, weights, 1, 8);
    }
    holds("leaky_relu(0.3)", weights, 1, 3);
    holds("tanh", weights, 0.1, 2);
    holds("tanh", weights, 100, 4);
    holds("hard_tanh", weights, 0.1, 40);
    holds("erf", weights, 0.02, 100);
  }
  holds("identity", Weights::gaussian, 1, 1);
  holds("identity", Weights::gaussian, 1, 300);
  holds("elu(alpha=0.5)", Weights::orthogonal, 1, 2);
}

// What a density is held to: its mass, mean and variance, and that its own shares are its integral.
void holds(const Nonlinearity& phi, const JacobianSetting& setting, double mass, double variance) {
  SCOPED_TRACE(phi.name() + (setting.weights == Weights::gaussian ? " gaussian " : " orthogonal ") +
               std::to_string(setting.layers) + " layers, q " + std::to_string(setting.q));
  const JacobianDensity d = jacobian_density(phi, setting);
  EXPECT_NEAR(d.mass + atoms_of(d), 1, mass);
  EXPECT_NEAR(d.mean, 1, mass);
  // Cut off at 6.5 standard deviations, what grows exponentially has another variance.
  const double exact = jacobian_spectrum(phi, setting).variance;
  if (exact > 1e-12 && phi.name() != "exponential") {
    EXPECT_NEAR((d.square - d.mean * d.mean) / exact, 1, variance);
  }
  EXPECT_TRUE(std::is_sorted(d.u.begin(), d.u.end()));
  EXPECT_TRUE(std::is_sorted(d.share.begin(), d.share.end()));
  double integral = 0;
  for (std::size_t i = 1; i < d.u.size(); ++i) {
    integral += (d.u[i] - d.u[i - 1]) * (d.density[i] + d.density[i - 1]) / 2;
  }
  if (!d.u.empty()) {
    EXPECT_NEAR(integral, d.share.back() - d.share.front(), 0.02);
  }
}

// Peaks within: where phi'^2 has an extreme or, as far out for gelu, a limit; where two layers' share of
// slopes that are 1 just fails to leave an atom.
TEST(JacobianDensity, PeaksInside) {
  const struct {
    const char* name;
    Weights weights;
    double q;
    std::int64_t layers;
  } cases[] = {{"gelu", Weights::orthogonal, 1, 1},       {"gelu", Weights::orthogonal, 10, 1},
               {"gelu_tanh", Weights::gaussian, 1, 1},    {"hard_swish", Weights::gaussian, 1, 2},
               {"isrlu", Weights::orthogonal, 1, 2},      {"selu", Weights::orthogonal, 1, 2},
               {"elu", Weights::orthogonal, 0.1, 2},      {"leaky_relu", Weights::gaussian, 1, 1},
               {"erf", Weights::orthogonal, 10, 32},      {"cloglog", Weights::gaussian, 10, 1},
               {"exponential", Weights::gaussian, 10, 1}, {"snake", Weights::gaussian, 10, 1}};
  for (const auto& c : cases) {
    const Nonlinearity phi{Activation(c.name)};
    holds(phi, critical(phi, c.weights, c.q, c.layers), 1e-3, 2e-3);
  }
}

// Each activation in one setting, GRADKEEP_SPECTRA=1 in all of them, which takes minutes.
TEST(JacobianDensity, EveryActivationHasOne) {
  const bool all = std::getenv("GRADKEEP_SPECTRA") != nullptr;
  constexpr std::int64_t kLayers[] = {1, 2, 3, 10, 32};
  constexpr double kQ[] = {0.1, 1, 10};
  int chosen = 0;
  for (const std::string& name : names()) {
    const Activation f(name);
    if (f.domain().low != -kInfinity || f.domain().high != kInfinity) continue;
    const Nonlinearity phi(f);
    if (!phi.jumps().empty()) continue;
    std::vector<double> variances(std::begin(kQ), std::end(kQ));
    if (all) {
      for (const CriticalPoint& p : critical(MeanField(phi), 0).points) {
        if (p.q > 1e-6 && p.q < 1e4) variances.push_back(p.q);
      }
    }
    int setting = 0;
    for (const double q : variances) {
      for (const Weights weights : {Weights::gaussian, Weights::orthogonal}) {
        for (const std::int64_t layers : kLayers) {
          if (all || setting++ == chosen % 30)
            holds(phi, critical(phi, weights, q, layers), 1e-3, 2e-3);
        }
      }
    }
    chosen += 7;
  }
}

// Marchenko and Pastur's law for one Gaussian layer; the arcsine law for two orthogonal layers of relu,
// half of whose singular values are 0.
TEST(JacobianDensity, KnownLaws) {
  const Nonlinearity identity{Activation("identity")}, relu{Activation("relu")};
  const JacobianDensity one =
      jacobian_density(identity, critical(identity, Weights::gaussian, 1, 1));
  ASSERT_GE(one.u.size(), 100u);
  for (std::size_t i = 0; i < one.u.size(); ++i) {
    const double x = std::exp(one.u[i]);
    EXPECT_NEAR(one.density[i], std::sqrt(x * (4 - x)) / (2 * kPi), 1e-6) << x;
  }
  const JacobianDensity two = jacobian_density(relu, critical(relu, Weights::orthogonal, 1, 2));
  for (std::size_t i = 0; i < two.u.size(); ++i) {
    const double x = std::exp(two.u[i]);
    if (x > 3.99) break;
    EXPECT_NEAR(two.density[i], 0.5 * std::sqrt(x / (4 - x)) / kPi, 1e-6) << x;
  }
  EXPECT_EQ(two.quantile(0.3), -kInfinity);
  EXPECT_NEAR(std::exp(two.quantile(0.75)), 2, 0.01);
}

TEST(JacobianDensity, EndsWhereTheSpectrumDoes) {
  const Nonlinearity phi{Activation("leaky_relu(0.3)")};
  const JacobianSetting setting = critical(phi, Weights::orthogonal, 1, 5);
  const JacobianSpectrum s = jacobian_spectrum(phi, setting);
  const JacobianDensity d = jacobian_density(phi, setting);
  EXPECT_NEAR(d.u.front(), std::log(s.lambda_min), 1e-3);
  EXPECT_NEAR(d.u.back(), std::log(s.lambda_max), 1e-3);
  EXPECT_GT(d.u.front(), std::log(s.lambda_min));
  EXPECT_LT(d.u.back(), std::log(s.lambda_max));
}

// The share of a symmetric matrix's eigenvalues below x: that of negative pivots of gram - x (Sylvester's
// law of inertia).
double share_below(Matrix gram, double x) {
  int negative = 0;
  for (int i = 0; i < kWidth; ++i) gram[i * kWidth + i] -= x;
  for (int k = 0; k < kWidth; ++k) {
    const double pivot = gram[k * kWidth + k];
    if (pivot < 0) ++negative;
    for (int i = k + 1; i < kWidth; ++i) {
      const double factor = gram[i * kWidth + k] / pivot;
      for (int j = i; j < kWidth; ++j) gram[i * kWidth + j] -= factor * gram[k * kWidth + j];
      for (int j = k + 1; j < i; ++j) gram[i * kWidth + j] = gram[j * kWidth + i];
    }
  }
  return static_cast<double>(negative) / kWidth;
}

// Densities that no even grid resolves, share by share.
TEST(JacobianSimulation, SharesOfPeakedDensities) {
  struct Case {
    const char* name;
    Weights weights;
    double q;
    std::int64_t layers;
  };
  for (const Case& c : {Case{"gelu", Weights::orthogonal, 1, 1},
                        {"selu", Weights::orthogonal, 1, 2},
                        {"isrlu", Weights::orthogonal, 1, 2},
                        {"gelu_tanh", Weights::gaussian, 1, 1},
                        {"hard_swish", Weights::gaussian, 1, 2}}) {
    const Nonlinearity phi{Activation(c.name)};
    const JacobianSetting setting = critical(phi, c.weights, c.q, c.layers);
    const JacobianDensity d = jacobian_density(phi, setting);
    constexpr int kSeeds = 4;
    constexpr double kShares[] = {0.05, 0.1, 0.25, 0.4};
    double found[std::size(kShares)] = {};
    for (unsigned seed = 1; seed <= kSeeds; ++seed) {
      const Matrix gram = sampled_gram(phi, setting, seed);
      for (std::size_t i = 0; i < std::size(kShares); ++i) {
        found[i] += share_below(gram, std::exp(d.quantile(kShares[i]))) / kSeeds;
      }
    }
    for (std::size_t i = 0; i < std::size(kShares); ++i) {
      // What independent slopes, a layer's each, would scatter by.
      const double scatter = std::sqrt(kShares[i] * (1 - kShares[i]) / (kWidth * kSeeds));
      EXPECT_NEAR(found[i], kShares[i], 3 * scatter) << c.name << " " << kShares[i];
    }
  }
}

}  // namespace
}  // namespace gradkeep
