// Singular values and eigenvalues of matrices that can be taken apart on paper, and the numbers of
// Jacobians from them.
// SPDX-License-Identifier: Apache-2.0
#include "probe/spectrum.h"

#include <gtest/gtest.h>

#include <cmath>

#include "measured.h"
#include "nn/initialise.h"
#include "probe/observer.h"

namespace gradkeep::probe {
namespace {

using Values = std::vector<double>;

Snapshot weights(Table w) {
  Snapshot snapshot;
  Layer layer;
  layer.number = 1;
  layer.w = std::move(w);
  snapshot.layers = {layer};
  return snapshot;
}
void expect(Table w, Rows norm, Rows conditions, Rows radius) {
  const auto s = weights(std::move(w));
  const auto near = [](const Rows& got, const Rows& wanted, const char* what) {
    ASSERT_EQ(got.size(), wanted.size()) << what;
    if (wanted.empty() || got.at(1) == wanted.at(1)) return;
    EXPECT_NEAR(got.at(1), wanted.at(1), 1e-14 * wanted.at(1)) << what;
  };
  near(measured("weight_norm", s), norm, "norm");
  near(measured("weight_condition", s), conditions, "condition");
  near(measured("weight_radius", s), radius, "radius");
}

TEST(Spectrum, OfWeights) {
  // W^T W = [25 20; 20 25] with eigenvalues 45 and 5.
  expect(table(2, 2, {3, 0, 4, 5}), {{1, std::sqrt(45.0)}}, {{1, 3}}, {{1, 5}});
  // Twice a rotation: eigenvalues +-2i.
  expect(table(2, 2, {0, -2, 2, 0}), {{1, 2}}, {{1, 1}}, {{1, 2}});
  // Equal eigenvalues and very unequal singular values s, 1/s: s - 1/s = 10.
  const double s = 5 + std::sqrt(26.0);
  expect(table(2, 2, {1, 10, 0, 1}), {{1, s}}, {{1, s * s}}, {{1, 1}});
  expect(table(1, 3, {1, -2, 2}), {{1, 3}}, {{1, 1}}, {});
  expect(table(2, 2, {1, 1, 1, 1}), {{1, 2}}, {{1, kInfinity}}, {{1, 2}});
  expect(table(2, 2, {0, 0, 0, 0}), {{1, 0}}, {}, {{1, 0}});
  expect(table(2, 2, {1, 0, std::nan(""), 1}), {}, {}, {});
  expect(table(2, 2, {1, 0, kInfinity, 1}), {}, {}, {});
}

// Eigenvalues on the diagonal of a triangular matrix are found exactly, however large what stands
// above it; a general solver loses half of the digits of a double one.
TEST(Spectrum, TriangularEigenvaluesAreExact) {
  constexpr int kSize = 20;
  Table w{kSize, kSize, std::vector<double>(kSize * kSize)};
  for (int i = 0; i < kSize; ++i)
    for (int k = i; k < kSize; ++k) w.values[i * kSize + k] = i == k ? 0.5 : 3;
  EXPECT_EQ(eigenvalue_moduli(w).front(), 0.5);
}

// Singular values 2, 1 and 2, 0 at two examples.
TEST(Spectrum, OfJacobians) {
  Snapshot s;
  s.spectra_cache.jacobians = {Values{2, 1}, Values{2, 0}};
  s.layers.resize(3);
  EXPECT_NEAR(measured("jacobian_gain", s).at(0), std::sqrt(std::sqrt(2.5) * std::sqrt(2)), 1e-15);
  EXPECT_EQ(measured("jacobian_condition", s).at(0), kInfinity);
  // Squares 4, 1: variance 2.25 over 6.25; 4, 0: 1.
  EXPECT_NEAR(measured("jacobian_spread", s).at(0), (0.36 + 1) / 2, 1e-15);
  s.spectra_cache.jacobians = {Values{2, 1}, Values{0, 0}, Values{8, 1}};
  EXPECT_NEAR(measured("jacobian_condition", s).at(0), 4, 1e-14);
  EXPECT_NEAR(measured("jacobian_spread", s).at(0), (0.36 + 63 * 63 / (65.0 * 65)) / 2, 1e-15);
  EXPECT_EQ(measured("jacobian_gain", s).at(0), 0) << "an example without any gradient";
}

Snapshot look(const char* activation, const char* initialiser, int depth, int width) {
  const auto set = noise(8, width);
  nn::Network<double> net(nn::plain_network(width, depth, width, 1, Activation(activation)), 8);
  nn::initialise(net, nn::parse_initialiser(initialiser), 4);
  Observer<double> observer(net, set, nn::Loss::squared);
  return observer.look(net);
}

TEST(Spectrum, OrthogonalLayersKeepEveryDirection) {
  const auto s = look("identity", "orthogonal(1.5)", 4, 16);
  EXPECT_NEAR(measured("jacobian_gain", s).at(0), 1.5 * 1.5 * 1.5, 1e-12);
  EXPECT_NEAR(measured("jacobian_condition", s).at(0), 1, 1e-12);
  EXPECT_NEAR(measured("jacobian_spread", s).at(0), 0, 1e-12);
  EXPECT_EQ(measured("jacobian_gain", look("tanh", "plain", 1, 16)), Rows{}) << "no way to go";
}

// Wide networks (Pennington et al. 2017): the squared gain is chi_1 for each of L layers behind the
// first. The spread is L (mu_2 / mu_1^2 - 1 - s_1), s_1 = -1 for Gaussian, 0 for orthogonal weights.
TEST(Spectrum, AsInTheoryOfWideNetworks) {
  const auto gaussian = look("identity", "plain", 3, 200);
  EXPECT_NEAR(measured("jacobian_gain", gaussian).at(0), 1, 0.05);
  EXPECT_NEAR(measured("jacobian_spread", gaussian).at(0), 2, 0.2);
  const auto relu = look("relu", "orthogonal(1.4142135623730951)", 3, 200);
  EXPECT_NEAR(measured("jacobian_gain", relu).at(0), 1, 0.1);
  EXPECT_NEAR(measured("jacobian_spread", relu).at(0), 2, 0.3);
  EXPECT_EQ(measured("jacobian_condition", relu).at(0), kInfinity);
}

TEST(Spectrum, CostlyProbesRunWhenNamed) {
  const auto set = noise(8, 4);
  nn::Network<double> net(nn::plain_network(4, 2, 4, 1, Activation("tanh")), 8);
  nn::initialise(net, nn::parse_initialiser("plain"), 4);
  Observer<double> observer(net, set, nn::Loss::squared);
  const auto& s = observer.look(net);
  for (const auto& value : measure({}, {0, 1}, s)) {
    EXPECT_FALSE(value.probe.starts_with("jacobian") || value.probe.starts_with("weight_norm") ||
                 value.probe.starts_with("weight_condition") ||
                 value.probe.starts_with("weight_radius"))
        << value.probe;
  }
  EXPECT_EQ(measured("weight_norm", s).size(), 3u);
}

}  // namespace
}  // namespace gradkeep::probe
