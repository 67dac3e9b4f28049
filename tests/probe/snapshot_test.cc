// Snapshots of real networks: a chain of single units, whose gradients are products that can be
// written down, and units that are dead on purpose.
// SPDX-License-Identifier: Apache-2.0
#include "probe/observer.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "measured.h"
#include "nn/initialise.h"
#include "probe/probe.h"
#include "probe/reduce.h"

namespace gradkeep::probe {
namespace {

data::Dataset line(std::vector<double> x, std::vector<double> target) {
  data::Dataset set;
  set.name = "line";
  set.rows = x.size();
  set.features = 1;
  set.x = std::move(x);
  set.target = std::move(target);
  return set;
}

double sigmoid(double x) { return 1 / (1 + std::exp(-x)); }

// x -> sigmoid(0.5 x) -> sigmoid(2 y1 - 1) -> 3 y2, squared error: each gain is |w f'|.
TEST(Snapshot, ChainOfUnits) {
  const auto set = line({1.0}, {0.0});
  nn::Network<double> net(nn::plain_network(1, 2, 1, 1, Activation("sigmoid")), 1);
  net.weights(0)(0, 0) = 0.5;
  net.weights(1)(0, 0) = 2;
  net.biases(1)(0, 0) = -1;
  net.weights(2)(0, 0) = 3;
  Observer<double> observer(net, set, nn::Loss::squared);
  const auto& s = observer.look(net);

  const double y1 = sigmoid(0.5), y2 = sigmoid(2 * y1 - 1), z = 3 * y2;
  const double slope1 = y1 * (1 - y1), slope2 = y2 * (1 - y2);
  ASSERT_EQ(s.layers.size(), 3u);
  EXPECT_NEAR(s.layers[1].h.values[0], 2 * y1 - 1, 1e-15);
  EXPECT_NEAR(s.layers[1].slope.values[0], slope2, 1e-15);
  EXPECT_NEAR(s.layers[2].dh.values[0], 2 * z, 1e-14);
  EXPECT_NEAR(s.layers[0].dh.values[0], 2 * z * 3 * slope2 * 2 * slope1, 1e-14);

  const std::vector<std::string> wanted{"backward_gain", "slope_gain", "weight_gain"};
  const auto values = measure(wanted, {0, 1}, s);
  ASSERT_EQ(values.size(), 6u);
  EXPECT_NEAR(values[0].value, 2 * slope1, 1e-14);
  EXPECT_NEAR(values[1].value, 3 * slope2, 1e-14);
  EXPECT_NEAR(values[2].value, slope1, 1e-14);
  EXPECT_NEAR(values[4].value, 2, 1e-14);
  EXPECT_NEAR(values[5].value, 3, 1e-14);
}

// The gradient is that of an example's own loss, so the size of the batch does not show.
TEST(Snapshot, GradientOfAnExample) {
  const auto one = line({1.0}, {0.0}), four = line({1.0, 1.0, 1.0, 1.0}, {0.0, 0.0, 0.0, 0.0});
  double rms[2];
  int i = 0;
  for (const auto* set : {&one, &four}) {
    nn::Network<double> net(nn::plain_network(1, 1, 1, 1, Activation("tanh")), 4);
    net.weights(0)(0, 0) = net.weights(1)(0, 0) = 1;
    Observer<double> observer(net, *set, nn::Loss::squared);
    rms[i++] = root_mean_square(observer.look(net).layers[0].dh.values);
  }
  EXPECT_NEAR(rms[0], rms[1], 1e-15);
}

// Unit 0 has a bias that no input overcomes; unit 1 fires for x = 2 alone; unit 2 always.
TEST(Snapshot, DeadOnTheWholeSet) {
  const auto set = line({-1.0, 0.5, 2.0}, {0.0, 1.0, 2.0});
  for (const char* name : {"relu", "leaky_relu"}) {
    nn::Network<float> net(nn::plain_network(1, 1, 3, 1, Activation(name)), 3);
    for (int unit = 0; unit < 3; ++unit) net.weights(0)(unit, 0) = 1;
    net.biases(0)(0, 0) = -5;
    net.biases(0)(0, 1) = -1;
    net.biases(0)(0, 2) = 5;
    Observer<float> observer(net, set, nn::Loss::squared, 2);
    const auto& units = observer.look(net).units();
    ASSERT_EQ(units.size(), 1u);
    EXPECT_EQ(units[0][0].has_slope, std::string(name) == "leaky_relu");
    EXPECT_FALSE(units[0][0].fires);
    EXPECT_TRUE(units[0][1].has_slope && units[0][1].fires);
    EXPECT_TRUE(units[0][2].has_slope && units[0][2].fires);
  }
}

// However little of the training part the observer looks at, it says what all of it says.
TEST(Snapshot, UnitsAsInAWholePass) {
  const auto set = noise(300, 3);
  int dead = 0, silent = 0;
  for (const char* name : {"relu", "tanh", "identity"})
    for (const auto kind : {nn::Normalisation::none, nn::Normalisation::batch})
      for (const double bias : {0.0, -1.5, -2.5}) {
        auto spec = nn::plain_network(3, 4, 20, 1, Activation(name));
        spec.layers[1].normalisation = kind;
        nn::Network<double> net(spec, 16);
        nn::initialise(net, nn::parse_initialiser("he_normal"), 1);
        for (int unit = 0; unit < 20; ++unit) net.biases(2)(0, unit) = bias;
        Observer<double> observer(net, set, nn::Loss::squared, 16);
        const auto& units = observer.look(net).units();
        nn::Pass<double> pass(spec, 300);
        net.forward({set.x.data(), 300, 3}, pass, true);
        for (int i = 0; i < 4; ++i)
          for (int unit = 0; unit < 20; ++unit) {
            const auto view = net.layer(i, pass);
            bool has_slope = false, fires = false;
            for (int row = 0; row < 300; ++row) {
              has_slope = has_slope || !view.slope.data || view.slope(row, unit) != 0;
              fires = fires || view.h(row, unit) > 0;
            }
            EXPECT_EQ(units[i][unit].has_slope, has_slope) << name << bias << i;
            EXPECT_EQ(units[i][unit].fires, fires) << name << bias << i;
            dead += !has_slope;
            silent += !fires;
          }
      }
  EXPECT_GT(dead, 10);
  EXPECT_GT(silent, dead);
}

// What a copy sums up on its way is what the numbers say.
TEST(Snapshot, SummariesAreThoseOfTheNumbers) {
  const auto set = noise(70, 5);
  nn::Network<float> net(nn::plain_network(5, 2, 33, 1, Activation("relu")), 70);
  nn::initialise(net, nn::parse_initialiser("he_normal"), 1);
  for (int unit = 0; unit < 33; ++unit) net.biases(1)(0, unit) = 1e5;
  Observer<float> observer(net, set, nn::Loss::squared);
  const auto& s = observer.look(net);
  for (const Layer& layer : s.layers)
    for (const Table* table : {&layer.x, &layer.h, &layer.y, &layer.dh, &layer.w, &layer.dw}) {
      ASSERT_TRUE(table->summary);
      const std::vector<double>& v = table->values;
      EXPECT_NEAR(mean(*table), mean(v), 1e-12 * root_mean_square(v));
      EXPECT_NEAR(deviation(*table), deviation(v), 1e-11 * deviation(v));
      EXPECT_NEAR(norm(*table), norm(v), 1e-13 * norm(v));
      EXPECT_EQ(share_of_zeros(*table), share_of_zeros(v));
      EXPECT_EQ(all_finite(*table), all_finite(v));
    }
  EXPECT_GT(share_of_zeros(s.layers[0].y), 0.3);
  EXPECT_LT(deviation(s.layers[1].h), 1e-3 * mean(s.layers[1].h));

  net.weights(1)(0, 0) = std::nanf("");
  net.biases(2)(0, 0) = std::numeric_limits<float>::infinity();
  const auto& broken = observer.look(net);
  EXPECT_FALSE(all_finite(broken.layers[1].w));
  EXPECT_TRUE(std::isnan(mean(broken.layers[1].h)));
  EXPECT_TRUE(all_finite(broken.layers[0].w));
}

// Squares that underflow or overflow are not what is summed up.
TEST(Snapshot, SummariesOfTinyAndHugeNumbers) {
  for (const double scale : {1e-200, 1e200}) {
    nn::Network<double> net(nn::plain_network(1, 0, 2, 1, Activation("identity")), 1);
    net.weights(0)(0, 0) = 3 * scale;
    Observer<double> observer(net, line({1.0}, {0.0}), nn::Loss::squared);
    const auto& w = observer.look(net).layers[0].w;
    EXPECT_DOUBLE_EQ(norm(w), 3 * scale);
    EXPECT_TRUE(all_finite(w));
    EXPECT_EQ(share_of_zeros(w), 0);
  }
}

TEST(Snapshot, StartStaysTheStart) {
  const auto set = line({1.0, 2.0}, {1.0, 2.0});
  nn::Network<float> net(nn::plain_network(1, 1, 4, 1, Activation("prelu")), 2);
  nn::initialise(net, nn::parse_initialiser("he_normal"), 1);
  Observer<float> observer(net, set, nn::Loss::squared);
  EXPECT_EQ(observer.look(net).layers[0].learned, std::vector<double>{0.25});
  const float before = net.weights(0)(0, 0);
  net.weights(0)(0, 0) = before + 1;
  const auto& after = observer.look(net);
  EXPECT_EQ(after.layers[0].initial_w.values[0], before);
  EXPECT_EQ(after.layers[0].w.values[0], before + 1);
  EXPECT_EQ(net.layer(0).dh.rows, 0) << "the net itself was not run";
}

// A bias of -5 that comes back to 5 revives; the first look has nothing to compare with.
TEST(Snapshot, RevivedSinceTheLookBefore) {
  const auto set = line({-1.0, 0.5, 2.0}, {0.0, 1.0, 2.0});
  nn::Network<float> net(nn::plain_network(1, 1, 4, 1, Activation("relu")), 3);
  for (int unit = 0; unit < 4; ++unit) net.weights(0)(unit, 0) = 1;
  const auto revived = [&](Observer<float>& observer, std::vector<float> biases) {
    for (int unit = 0; unit < 4; ++unit) net.biases(0)(0, unit) = biases[unit];
    std::vector<double> result;
    const std::vector<std::string> wanted{"revived", "revivals"};
    for (const auto& value : measure(wanted, {0, 1}, observer.look(net)))
      result.push_back(value.value);
    return result;
  };
  using Values = std::vector<double>;
  Observer<float> observer(net, set, nn::Loss::squared);
  EXPECT_EQ(revived(observer, {-5, -5, 5, 5}), Values{});
  // revivals, revivals_most, revived
  EXPECT_EQ(revived(observer, {-5, 5, -5, 5}), (Values{0.25, 1, 0.25}));
  EXPECT_EQ(revived(observer, {5, 5, 5, 5}), (Values{0.75, 1, 0.5}));
  EXPECT_EQ(revived(observer, {5, 5, -5, 5}), (Values{0.75, 1, 0}));
  EXPECT_EQ(revived(observer, {5, 5, 5, 5}), (Values{1, 2, 0.25}));
}

TEST(Snapshot, InputAndBias) {
  const auto set = line({3.0}, {0.0});
  auto spec = nn::plain_network(1, 1, 2, 1, Activation("relu"));
  spec.layers[0].shift = -0.5;
  nn::Network<double> net(spec, 1);
  net.weights(0)(1, 0) = 2;
  net.biases(0)(0, 1) = 1;
  Observer<double> observer(net, set, nn::Loss::squared);
  const auto& s = observer.look(net);
  EXPECT_EQ(s.layers[0].x.values, (std::vector<double>{3}));
  EXPECT_EQ(s.layers[0].b, (std::vector<double>{0, 1}));
  EXPECT_EQ(s.layers[0].shift, -0.5);
  EXPECT_EQ(s.layers[1].x.values, (std::vector<double>{-0.5, 6.5}));
}

// A hidden identity layer has no slopes in the engine; a probe sees ones.
// Layers of the identity keep fewer arrays where nothing is dropped.
TEST(Snapshot, NothingIsDroppedWhereProbesLook) {
  const auto set = line({1.0, 2.0, -1.0}, {0.0, 1.0, 0.5});
  nn::NetworkSpec spec = nn::plain_network(1, 3, 30, 1, Activation("identity"));
  spec.layers[1].activation = Activation("tanh");
  nn::Network<double> plain(spec, 3);
  for (auto& layer : spec.layers) layer.dropout = 0.5;
  nn::Network<double> net(spec, 3);
  nn::initialise(net, {}, 1);
  plain.copy_from(net);
  Observer<double> observer(net, set, nn::Loss::squared), on_plain(plain, set, nn::Loss::squared);
  observer.hold_out(set);
  on_plain.hold_out(set);
  const auto &got = observer.look(net), &expected = on_plain.look(plain);
  for (std::size_t i = 0; i < got.layers.size(); ++i) {
    EXPECT_EQ(got.layers[i].y.values, expected.layers[i].y.values);
    EXPECT_EQ(got.layers[i].slope.values, expected.layers[i].slope.values);
    EXPECT_EQ(got.layers[i].dh.values, expected.layers[i].dh.values);
  }
  EXPECT_EQ(got.held().outputs.values, expected.held().outputs.values);
  EXPECT_TRUE(got.units()[0][0].has_slope);
}

// Derivatives that are lost in training are lost here, although more examples share the loss; what is
// shown of the others is in units of the loss itself.
TEST(Snapshot, ShowsWhatASixteenBitFormatLoses) {
  const auto set = data::two_spirals(32, 0.1, 1);
  nn::NetworkSpec spec = nn::plain_network(2, 16, 32, 2, Activation("sigmoid"));
  const auto gradient = [&](nn::NumberFormat format, const nn::LossScaleSpec& loss_scale,
                            int trained_rows) {
    spec.format = format;
    nn::Network<float> net(spec, trained_rows);
    nn::initialise(net, nn::parse_initialiser("glorot_normal(1.3)"), 1);
    Observer<float> observer(net, set, nn::Loss::softmax, 32);
    observer.scale_loss(nn::LossScale(loss_scale));
    return observer.look(net).layers[0].dh.values;
  };
  const auto exact = gradient(nn::NumberFormat::own, {1}, 8);
  const double size = root_mean_square(exact);
  EXPECT_EQ(gradient(nn::NumberFormat::own, {4096}, 8), exact);
  EXPECT_EQ(root_mean_square(gradient(nn::NumberFormat::f16, {1}, 8)), 0);
  const auto scaled = gradient(nn::NumberFormat::f16, {65536 * 8}, 8);
  for (std::size_t i = 0; i < exact.size(); ++i) EXPECT_NEAR(scaled[i], exact[i], 0.05 * size);
  EXPECT_EQ(gradient(nn::NumberFormat::f16, {65536 * 4}, 4), scaled);
  EXPECT_FALSE(std::isfinite(root_mean_square(gradient(nn::NumberFormat::f16, {0x1p30}, 8))));
  const auto halved = gradient(nn::NumberFormat::f16, {0x1p30, true}, 8);
  for (std::size_t i = 0; i < exact.size(); ++i) EXPECT_NEAR(halved[i], exact[i], 0.05 * size);
}

TEST(Snapshot, IdentityHasSlopeOne) {
  const auto set = line({1.0, 2.0}, {1.0, 2.0});
  nn::Network<double> net(nn::plain_network(1, 1, 2, 1, Activation("identity")), 2);
  Observer<double> observer(net, set, nn::Loss::squared);
  const auto& s = observer.look(net);
  EXPECT_EQ(s.layers[0].slope.values, std::vector<double>(4, 1.0));
  EXPECT_TRUE(s.units()[0][0].has_slope);
}

}  // namespace
}  // namespace gradkeep::probe
