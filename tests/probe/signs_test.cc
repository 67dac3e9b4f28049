// What the sign and the mean of a layer's input do to its gradients: numbers on paper, nets of each
// kind of activation, and the correlation map at 0 as the second hand for the constant share.
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <numbers>
#include <string>

#include "measured.h"
#include "nn/initialise.h"
#include "probe/observer.h"

namespace gradkeep::probe {
namespace {

Snapshot one_layer(Table x, Table da) {
  Snapshot snapshot;
  Layer layer;
  layer.number = 1;
  layer.x = std::move(x);
  layer.da = std::move(da);
  snapshot.layers = {layer};
  return snapshot;
}

// x of the first example: three up, one down; of the second: one up, one down, two zeros. The
// second unit has no gradient from the second example: (3/4 + 3/4 + 1/2) / 3.
TEST(Signs, AgreementOfOneExample) {
  auto s = one_layer(table(2, 4, {1, 2, -1, 3, 0, -5, 0, 1}), table(2, 2, {1, -2, 3, 0}));
  EXPECT_DOUBLE_EQ(measured("sign_agreement", s).at(1), 2.0 / 3);
  s.layers[0].da.values = {0, 0, 0, 0};
  EXPECT_EQ(measured("sign_agreement", s), Rows{}) << "no gradient, no sign";
  s.layers[0].da.values = {1, 1, 1, std::nan("")};
  EXPECT_DOUBLE_EQ(measured("sign_agreement", s).at(1), 0.75) << "of the whole example";
}

TEST(Signs, AgreementOfABatch) {
  auto s = one_layer({}, {});
  s.layers[0].dw = table(3, 4, {1, 2, 3, -4, 0, 0, 0, 0, -1, 0, 1, 0});
  EXPECT_DOUBLE_EQ(measured("batch_sign_agreement", s).at(1), (0.75 + 0.5) / 2);
  s.layers[0].dw.values[0] = std::nan("");
  EXPECT_EQ(measured("batch_sign_agreement", s), Rows{});
}

TEST(Signs, Coherence) {
  auto s = one_layer(table(3, 3, {1, 2, -1, 0, 0, 0, -2, -2, -2}), {});
  EXPECT_DOUBLE_EQ(measured("coherence", s).at(1), (0.5 + 1) / 2);
  s.layers[0].x.values[0] = kInfinity;
  EXPECT_EQ(measured("coherence", s), Rows{});
}

TEST(Signs, ShareOfTheConstantPart) {
  auto s = one_layer(table(2, 2, {1, 3, 1, 3}), {});  // mean 2, variance 1
  EXPECT_DOUBLE_EQ(measured("dc_share", s).at(1), 0.8);
  s.layers[0].x.values = {-1e200, 1e200, 1e200, 1e200};
  EXPECT_DOUBLE_EQ(measured("dc_share", s).at(1), 0.25) << "no overflow";
  s.layers[0].x.values = {0, 0, 0, 0};
  EXPECT_EQ(measured("dc_share", s), Rows{});
}

// f of a standard normal pre-activation, by its quantiles.
double dc_share_of(const char* name, double shift = 0) {
  constexpr int kCount = 4000;
  std::vector<double> h, y(kCount);
  for (int i = 0; i < kCount; ++i) {
    double low = -9, high = 9;
    for (int k = 0; k < 60; ++k) {
      const double middle = 0.5 * (low + high);
      const double below = 0.5 * std::erfc(-middle / std::numbers::sqrt2);
      (below < (i + 0.5) / kCount ? low : high) = middle;
    }
    h.push_back(low);
  }
  Activation(name).value<double>(h, y);
  for (double& v : y) v += shift;
  return measured("dc_share", one_layer(table(kCount, 1, y), {})).at(1);
}

TEST(Signs, ShareOfTheConstantPartIsTheCorrelationMapAtZero) {
  EXPECT_NEAR(dc_share_of("sigmoid"), 0.8521, 1e-4);
  EXPECT_NEAR(dc_share_of("relu"), 1 / std::numbers::pi, 1e-3);
  EXPECT_NEAR(dc_share_of("gelu"), 0.1871, 1e-3);
  EXPECT_NEAR(dc_share_of("silu"), 0.1200, 1e-3);
  EXPECT_NEAR(dc_share_of("elu"), 0.0400, 1e-3);
  EXPECT_NEAR(dc_share_of("tanh"), 0, 1e-12);
  EXPECT_NEAR(dc_share_of("sigmoid", -0.5), 0, 1e-12);
}

TEST(Signs, Similarity) {
  Snapshot s = one_layer({}, {});
  Layer& layer = s.layers[0];
  layer.h = table(3, 2, {1, 0, 0, 2, -3, 0});  // cosines 0, -1, 0
  EXPECT_NEAR(measured("similarity", s).at(1), -1.0 / 3, 1e-15);
  layer.h = table(3, 2, {1, 2, 2, 4, 0.5, 1});
  EXPECT_NEAR(measured("similarity", s).at(1), 1, 1e-15);
  layer.h = table(3, 2, {1, 0, 0, 0, 1, 1});  // one example has no direction
  EXPECT_NEAR(measured("similarity", s).at(1), std::sqrt(0.5), 1e-15);
  layer.h = table(2, 2, {1, 0, 0, 0});
  EXPECT_EQ(measured("similarity", s), Rows{});
  layer.h = table(2, 1, {1, 2});
  EXPECT_EQ(measured("similarity", s), Rows{}) << "numbers have no angles";
}

data::Dataset clouds(bool equal) {
  data::Dataset set;
  set.rows = 40;
  set.features = 8;
  set.classes = 2;
  data::Random random(3);
  for (std::size_t i = 0; i < set.rows * set.features; ++i) set.x.push_back(random.normal());
  if (equal)
    for (std::size_t i = 0; i < set.x.size(); ++i) set.x[i] = set.x[i % set.features];
  for (std::size_t i = 0; i < set.rows; ++i) set.label.push_back(static_cast<int>(i % 2));
  return set;
}

nn::Network<double> network(const std::string& name, double shift = 0) {
  auto spec = nn::plain_network(8, 2, 32, 2, Activation(name));
  for (int i = 0; i < 2; ++i) spec.layers[i].shift = shift;
  nn::Network<double> net(spec, 40);
  nn::initialise(net, nn::parse_initialiser("plain"), 1);
  return net;
}

// Behind an activation without negative outputs every unit's gradient of one example has one sign.
TEST(Signs, OneSignBehindPositiveOutputs) {
  const auto set = clouds(false);
  for (const char* name : {"relu", "sigmoid", "tanh"}) {
    const auto net = network(name);
    Observer<double> observer(net, set, nn::Loss::softmax);
    const auto& s = observer.look(net);
    const bool positive = std::string(name) != "tanh";
    for (const char* probe : {"sign_agreement", "coherence"}) {
      const auto rows = measured(probe, s);
      ASSERT_EQ(rows.size(), 3u);
      EXPECT_LT(rows.at(1), 0.85) << "the data's signs are mixed";
      for (int layer : {2, 3}) {
        if (positive) {
          EXPECT_DOUBLE_EQ(rows.at(layer), 1) << name << " " << probe;
        } else {
          EXPECT_LT(rows.at(layer), 0.7) << name << " " << probe;
        }
      }
    }
  }
  const auto net = network("sigmoid", -0.5);
  Observer<double> observer(net, set, nn::Loss::softmax);
  EXPECT_LT(measured("coherence", observer.look(net)).at(2), 0.7);
}

TEST(Signs, EqualInputsAreSimilar) {
  const auto equal = clouds(true), different = clouds(false);
  const auto net = network("tanh");
  Observer<double> same(net, equal, nn::Loss::softmax), other(net, different, nn::Loss::softmax);
  for (const auto& [layer, value] : measured("similarity", same.look(net)))
    EXPECT_NEAR(value, 1, 1e-12) << layer;
  EXPECT_LT(std::abs(measured("similarity", other.look(net)).at(1)), 0.2);
}

}  // namespace
}  // namespace gradkeep::probe
