// Confusion and noise of gradients, from tables of inner products, against gradients that are computed
// one example at a time and compared number by number.
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "measured.h"
#include "nn/initialise.h"
#include "probe/grams.h"
#include "probe/observer.h"

namespace gradkeep::probe {
namespace {

using Vector = std::vector<double>;
constexpr int kExamples = 7;

data::Dataset noise(int first, int rows) {
  data::Dataset set;
  set.rows = rows;
  set.features = 5;
  set.classes = 3;
  data::Random random(8);
  for (int i = 0; i < kExamples; ++i) {
    std::vector<double> x(5);
    for (double& v : x) v = random.normal();
    const int label = i == 4 ? 2 : 0;  // so that most gradients have something in common
    if (i < first || i >= first + rows) continue;
    set.x.insert(set.x.end(), x.begin(), x.end());
    set.label.push_back(label);
  }
  return set;
}

// Three hidden layers, of which the second and third have a skip, and what else is asked for.
nn::NetworkSpec network(nn::Normalisation second, bool tied = false) {
  auto spec = nn::plain_network(5, 3, 4, 3, Activation("tanh"));
  spec.layers[1].normalisation = second;
  spec.layers[1].branch = spec.layers[2].branch = 0.5;
  if (tied) spec.layers[2].tie = std::vector<int>(16, 0);
  return spec;
}

// Of each layer and of all, the gradient by weights and biases of each example's own loss.
std::vector<std::vector<Vector>> one_by_one(const nn::NetworkSpec& spec) {
  std::vector<std::vector<Vector>> result(spec.layers.size() + 1);
  for (int i = 0; i < kExamples; ++i) {
    nn::Network<double> net(spec, 1);
    nn::initialise(net, nn::parse_initialiser("he_normal"), 4);
    const auto set = noise(i, 1);
    net.forward({set.x.data(), 1, 5});
    nn::loss_and_gradient<double>(nn::Loss::softmax, net.layer(net.layers() - 1).y,
                                  {.label = set.label, .target = {}}, net.loss_gradient());
    net.backward();
    Vector all;
    for (int k = 0; k < net.layers(); ++k) {
      const auto view = net.layer(k);
      Vector g(view.dw.flat().begin(), view.dw.flat().end());
      g.insert(g.end(), view.db.flat().begin(), view.db.flat().end());
      all.insert(all.end(), g.begin(), g.end());
      result[k].push_back(std::move(g));
    }
    result.back().push_back(std::move(all));
  }
  return result;
}

Snapshot look(const nn::NetworkSpec& spec) {
  nn::Network<double> net(spec, kExamples);
  nn::initialise(net, nn::parse_initialiser("he_normal"), 4);
  const auto set = noise(0, kExamples);
  Observer<double> observer(net, set, nn::Loss::softmax);
  return observer.look(net);
}

double dot(const Vector& a, const Vector& b) {
  return std::inner_product(a.begin(), a.end(), b.begin(), 0.0);
}

struct Expected {
  double smallest = 1, mean = 0, noise = 0;
};
Expected expected(const std::vector<Vector>& g) {
  Expected result;
  const int n = static_cast<int>(g.size());
  double common = 0;
  for (int i = 0; i < n; ++i)
    for (int j = 0; j < n; ++j) {
      if (i == j) continue;
      const double cosine = dot(g[i], g[j]) / std::sqrt(dot(g[i], g[i]) * dot(g[j], g[j]));
      result.smallest = std::min(result.smallest, cosine);
      result.mean += cosine / (n * (n - 1));
      common += dot(g[i], g[j]) / (n * (n - 1));
    }
  double variance = 0;  // number by number, around the mean
  for (std::size_t k = 0; k < g[0].size(); ++k) {
    double mean = 0;
    for (const auto& one : g) mean += one[k] / n;
    for (const auto& one : g) variance += (one[k] - mean) * (one[k] - mean) / (n - 1);
  }
  result.noise = variance / common;
  return result;
}

TEST(Gradients, AsOneExampleAtATime) {
  for (const auto kind : {nn::Normalisation::none, nn::Normalisation::layer}) {
    const auto spec = network(kind);
    const auto s = look(spec);
    const auto smallest = measured("gradient_confusion", s);
    const auto mean = measured("gradient_confusion", s, "gradient_confusion_mean");
    const auto scale = measured("gradient_noise", s);
    const auto gradients = one_by_one(spec);
    int noises = 0;
    for (int i = 0; i < 5; ++i) {
      const auto wanted = expected(gradients[i]);
      const int layer = i < 4 ? i + 1 : 0;
      EXPECT_NEAR(smallest.at(layer), wanted.smallest, 1e-13) << layer;
      EXPECT_NEAR(mean.at(layer), wanted.mean, 1e-13) << layer;
      EXPECT_EQ(scale.count(layer), wanted.noise > 0 ? 1u : 0u) << layer;
      if (wanted.noise <= 0) continue;
      EXPECT_NEAR(scale.at(layer), wanted.noise, 1e-11 * wanted.noise) << layer;
      ++noises;
    }
    EXPECT_GT(noises, 1) << "the test would be empty";
  }
}

TEST(Gradients, NothingWhereTheyAreNotAnExamplesOwn) {
  const auto batch = look(network(nn::Normalisation::batch));
  const auto tied = look(network(nn::Normalisation::none, true));
  const auto layers = [](const Rows& rows) {
    std::vector<int> result;
    for (const auto& [layer, value] : rows) result.push_back(layer);
    return result;
  };
  EXPECT_EQ(layers(measured("gradient_confusion", batch)), (std::vector<int>{3, 4}));
  EXPECT_EQ(layers(measured("gradient_confusion", tied)), (std::vector<int>{1, 2, 4}));
  auto broken = look(network(nn::Normalisation::none));
  broken.layers[1].da.values[3] = kInfinity;
  broken.layers[1].da.summary.reset();
  EXPECT_EQ(layers(measured("gradient_confusion", broken)), (std::vector<int>{1, 3, 4}));
}

// Factors that would let the squares underflow or overflow change nothing.
TEST(Gradients, TinyAndHugeOnes) {
  auto s = look(network(nn::Normalisation::none));
  const auto smallest = measured("gradient_confusion", s).at(3);
  const auto mean = measured("gradient_confusion", s, "gradient_confusion_mean").at(0);
  const auto scale = measured("gradient_noise", s);
  for (auto& layer : s.layers)
    for (double& v : layer.da.values) v = std::ldexp(v, -900);
  EXPECT_EQ(measured("gradient_confusion", s).at(3), smallest);
  EXPECT_EQ(measured("gradient_confusion", s, "gradient_confusion_mean").at(0), mean);
  EXPECT_EQ(measured("gradient_noise", s), scale);
  // Beside x of such a size the biases are nothing.
  for (double& v : s.layers[2].x.values) v = std::ldexp(v, 900);
  const auto huge = measured("gradient_confusion", s).at(3);
  for (double& v : s.layers[2].x.values) v = std::ldexp(v, -800);
  EXPECT_NEAR(measured("gradient_confusion", s).at(3), huge, 1e-13);
  EXPECT_NE(huge, smallest);
}

// Layers of very different size: the network is the one whose gradients are larger.
TEST(Gradients, TheNetworkIsTheSumOfItsLayers) {
  auto s = look(network(nn::Normalisation::none));
  for (double& v : s.layers[1].da.values) v = std::ldexp(v, 600);
  const auto grams = gradient_grams(s);
  const auto rows = measured("gradient_confusion", s);
  EXPECT_NEAR(rows.at(0), rows.at(2), 1e-14);
  EXPECT_EQ(grams.back().exponent, grams[1].exponent);
}

}  // namespace
}  // namespace gradkeep::probe
