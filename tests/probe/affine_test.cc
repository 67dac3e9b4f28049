// Networks multiplied into one matrix: products from paper, Jacobians against differences of the
// engine's own evaluation, for every kind of layer that the engine has.
// SPDX-License-Identifier: Apache-2.0
#include "probe/affine.h"

#include <gtest/gtest.h>

#include <cmath>
#include <string>

#include "measured.h"
#include "nn/initialise.h"
#include "nn/tie.h"
#include "probe/observer.h"

namespace gradkeep::probe {
namespace {

struct Kind {
  const char* activation = "identity";
  nn::Normalisation normalisation = nn::Normalisation::none;
  double branch = 0, shift = 0;
  const char* output = "identity";
};

// Four inputs, three hidden layers of five units, one output; no parameter stands at its default.
nn::NetworkSpec spec_of(const Kind& kind) {
  auto spec = nn::plain_network(4, 3, 5, 1, Activation(kind.activation));
  for (int i = 0; i < 3; ++i) {
    spec.layers[i].normalisation = kind.normalisation;
    spec.layers[i].shift = kind.shift;
    if (i > 0) spec.layers[i].branch = kind.branch;
  }
  spec.layers.back().activation = Activation(kind.output);
  return spec;
}
void unsettle(nn::Network<double>& net) {
  nn::initialise(net, nn::parse_initialiser("plain"), 2);
  data::Random random(9);
  for (double& p : net.parameters()) p += 0.3 * random.normal();
  net.parameters_changed();
}

double collapse_of(const Kind& kind) {
  const auto set = noise(10, 4, 7);
  nn::Network<double> net(spec_of(kind), 10);
  unsettle(net);
  Observer<double> observer(net, set, nn::Loss::squared);
  return measured("collapse", observer.look(net)).at(0);
}

TEST(Affine, LinearStacksCollapse) {
  EXPECT_LT(collapse_of({}), 1e-13);
  EXPECT_LT(collapse_of({.shift = -0.5}), 1e-13);
  EXPECT_LT(collapse_of({.branch = 0.7}), 1e-13);
  EXPECT_LT(collapse_of({.branch = 0.7, .shift = 0.25, .output = "sigmoid"}), 1e-13);
  EXPECT_LT(collapse_of({.normalisation = nn::Normalisation::batch}), 1e-13);
  EXPECT_LT(collapse_of({.normalisation = nn::Normalisation::batch, .branch = 0.7}), 1e-13);
}

TEST(Affine, OthersDoNot) {
  for (const char* name : {"relu", "tanh", "sigmoid", "leaky_relu"}) {
    EXPECT_GT(collapse_of({.activation = name}), 0.05) << name;
    EXPECT_GT(collapse_of({.activation = name, .branch = 0.7}), 0.05) << name;
  }
}

// relu(-3) = 0 where the affine map says -3, and 6 where both do: 3 of 6. With the sign of the last
// weight turned and a bias of 4 the net says 4 and -2, the map 7 and -2: 3 of 7.
TEST(Affine, DistanceIsRelativeToTheLargerOfBoth) {
  data::Dataset set;
  set.rows = 2;
  set.features = 1;
  set.x = {-1, 2};
  set.target = {0, 0};
  nn::Network<double> net(nn::plain_network(1, 1, 1, 1, Activation("relu")), 2);
  net.weights(0)(0, 0) = 3;
  net.weights(1)(0, 0) = 1;
  Observer<double> observer(net, set, nn::Loss::squared);
  EXPECT_DOUBLE_EQ(measured("collapse", observer.look(net)).at(0), 0.5);
  net.weights(1)(0, 0) = -1;
  net.biases(1)(0, 0) = 4;
  EXPECT_DOUBLE_EQ(measured("collapse", observer.look(net)).at(0), 3.0 / 7);
}

TEST(Affine, LayerNormalisationIsNotAffine) {
  const auto set = noise(10, 4, 7);
  nn::Network<double> net(spec_of({.normalisation = nn::Normalisation::layer}), 10);
  unsettle(net);
  Observer<double> observer(net, set, nn::Loss::squared);
  EXPECT_EQ(measured("collapse", observer.look(net)), Rows{});
  EXPECT_EQ(measured("product", observer.look(net)), Rows{});
}

TEST(Affine, ConvolutionsCollapse) {
  const auto set = noise(6, 16, 7);
  for (const char* name : {"identity", "relu"}) {
    auto spec = nn::plain_network(16, 3, 16, 1, Activation(name));
    for (int i = 0; i < 3; ++i) spec.layers[i].tie = nn::tie_convolution(4);
    nn::Network<double> net(spec, 6);
    nn::initialise(net, nn::parse_initialiser("he_normal"), 2);
    Observer<double> observer(net, set, nn::Loss::squared);
    const auto& s = observer.look(net);
    const double distance = measured("collapse", s).at(0);
    if (std::string(name) == "relu") {
      EXPECT_GT(distance, 0.1);
    } else {
      EXPECT_LT(distance, 1e-13);
    }
    for (const char* probe : {"sign_agreement", "batch_sign_agreement"}) {
      const auto rows = measured(probe, s);
      EXPECT_EQ(rows.size(), 1u) << probe << ": of the dense layer only";
      EXPECT_TRUE(rows.contains(4)) << probe;
    }
  }
}

TEST(Affine, NothingOfNetworksThatDiverged) {
  const auto set = noise(3, 4, 7);
  nn::Network<double> net(spec_of({}), 3);
  unsettle(net);
  net.weights(1)(0, 0) = std::nan("");
  Observer<double> observer(net, set, nn::Loss::squared);
  const auto& s = observer.look(net);
  for (const char* probe : {"collapse", "product", "jacobian_gain", "jacobian_condition",
                            "jacobian_spread", "similarity"})
    for (const auto& [layer, value] : measured(probe, s))
      EXPECT_TRUE(std::isfinite(value)) << probe;
  EXPECT_EQ(measured("collapse", s), Rows{});
  EXPECT_EQ(measured("jacobian_gain", s), Rows{});
}

// [5 6] [1 2; 3 4] = [23 34]; 5 * 1 + 6 * -1 + 7 = 6; a shift of -0.5 adds -0.5 (5 + 6).
TEST(Affine, Product) {
  for (const double shift : {0.0, -0.5}) {
    auto spec = nn::plain_network(2, 1, 2, 1, Activation("identity"));
    spec.layers[0].shift = shift;
    nn::Network<float> net(spec, 2);
    const float w[] = {1, 2, 3, 4}, b[] = {1, -1};
    std::copy_n(w, 4, net.weights(0).data);
    std::copy_n(b, 2, net.biases(0).data);
    net.weights(1)(0, 0) = 5;
    net.weights(1)(0, 1) = 6;
    net.biases(1)(0, 0) = 7;
    Observer<float> observer(net, noise(2, 2, 7), nn::Loss::squared);
    const auto& s = observer.look(net);
    EXPECT_EQ(measured("product", s, "product_1"), (Rows{{1, 23}}));
    EXPECT_EQ(measured("product", s, "product_2"), (Rows{{1, 34}}));
    EXPECT_EQ(measured("product", s, "product_b"), (Rows{{1, 6 + 11 * shift}}));
    EXPECT_LT(measured("collapse", s).at(0), 1e-5);
  }
}

TEST(Affine, ProductsOfManyEntriesAreLeftOut) {
  for (const int inputs : {64, 65}) {
    nn::Network<double> net(nn::plain_network(inputs, 1, 3, 1, Activation("identity")), 2);
    Observer<double> observer(net, noise(2, inputs, 7), nn::Loss::squared);
    EXPECT_EQ(measured("product", observer.look(net), "product_b").size(), inputs == 64 ? 1u : 0u);
  }
}

// Moving h of the first layer by its last addend (beta where there is one, else b) and reading h of
// the last hidden layer from the engine's evaluation, with the batch's statistics put in place of
// running averages.
Table differences(nn::Network<double>& net, const Snapshot& s, int example) {
  for (int i = 0; i < 3; ++i) {
    const auto averages = net.running_averages(i);
    if (!averages.data) continue;
    const auto& layer = s.layers[i];
    for (int unit = 0; unit < layer.w.rows; ++unit) {
      double sum = 0, squares = 0;
      for (int row = 0; row < layer.x.rows; ++row) {
        double a = layer.b[unit];
        for (int k = 0; k < layer.w.columns; ++k) a += layer.w.row(unit)[k] * layer.x.row(row)[k];
        sum += a;
        squares += a * a;
      }
      averages(0, unit) = sum / layer.x.rows;
      averages(1, unit) = squares / layer.x.rows - averages(0, unit) * averages(0, unit);
    }
  }
  const auto first = net.layer(0);
  const auto* addend = first.beta.data ? first.beta.data : first.b.data;
  double* moved = net.parameters().data() + (addend - net.parameters().data());
  const auto x = s.layers[0].x.row(example);
  nn::Pass<double> pass(net.spec(), 1);
  Table result{5, 5, std::vector<double>(25)};
  constexpr double kStep = 1e-5;
  for (int unit = 0; unit < 5; ++unit) {
    const double before = moved[unit];
    for (const double sign : {1.0, -1.0}) {
      moved[unit] = before + sign * kStep;
      net.forward({x.data(), 1, 4}, pass);
      const auto h = net.layer(2, pass).h;
      for (int k = 0; k < 5; ++k) result.values[k * 5 + unit] += sign * h(0, k) / (2 * kStep);
    }
    moved[unit] = before;
  }
  return result;
}

TEST(Affine, JacobianIsTheDerivative) {
  const auto set = noise(10, 4, 7);
  for (const auto normalisation :
       {nn::Normalisation::none, nn::Normalisation::batch, nn::Normalisation::layer})
    for (const double branch : {0.0, 0.7})
      for (const char* name : {"tanh", "silu"}) {
        nn::Network<double> net(spec_of({name, normalisation, branch, -0.5}), 10);
        unsettle(net);
        Observer<double> observer(net, set, nn::Loss::squared);
        const auto& s = observer.look(net);
        for (const int example : {0, 6}) {
          const auto got = jacobian(s, example);
          ASSERT_TRUE(got);
          const auto wanted = differences(net, s, example);
          for (int k = 0; k < 25; ++k)
            EXPECT_NEAR(got->values[k], wanted.values[k], 1e-8)
                << name << " " << static_cast<int>(normalisation) << " " << branch << " " << k;
        }
      }
}

// One unit a layer: h2 = h1 + branch w2 f(h1), so that the gradient has two ways. An identity keeps
// dL/dy and dL/dh in one place, and the parts are the same all the same.
TEST(Affine, GainsBesideASkip) {
  for (const char* name : {"tanh", "identity"}) {
    auto spec = nn::plain_network(1, 2, 1, 1, Activation(name));
    spec.layers[1].branch = 0.5;
    nn::Network<double> net(spec, 1);
    net.weights(0)(0, 0) = 0.8;
    net.weights(1)(0, 0) = 3;
    net.weights(2)(0, 0) = 2;
    data::Dataset set;
    set.rows = set.features = 1;
    set.x = {1};
    set.target = {0};
    Observer<double> observer(net, set, nn::Loss::squared);
    const auto& s = observer.look(net);
    const bool tanh = std::string(name) == "tanh";
    const double slope1 = tanh ? 1 - std::tanh(0.8) * std::tanh(0.8) : 1;
    const double h2 = 0.8 + 1.5 * (tanh ? std::tanh(0.8) : 0.8);
    const double slope2 = tanh ? 1 - std::tanh(h2) * std::tanh(h2) : 1;
    EXPECT_NEAR(measured("slope_gain", s).at(1), slope1, 1e-14);
    EXPECT_NEAR(measured("weight_gain", s).at(1), 1.5, 1e-14);
    EXPECT_NEAR(measured("backward_gain", s).at(1), 1 + 1.5 * slope1, 1e-14);
    EXPECT_NEAR(measured("slope_gain", s).at(2), slope2, 1e-14);
    EXPECT_NEAR(measured("weight_gain", s).at(2), 2, 1e-14);
    EXPECT_NEAR(measured("backward_gain", s).at(2), 2 * slope2, 1e-14);
    EXPECT_NEAR(measured("jacobian_gain", s).at(0), 1 + 1.5 * slope1, 1e-14);
    EXPECT_EQ(measured("lost_gradient", s), (Rows{{2, 0}}));
  }
}

}  // namespace
}  // namespace gradkeep::probe
