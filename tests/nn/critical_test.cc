// Initialisation on the critical line: weights and biases have flow's scales, every layer those of the
// activation that it meets, and in deep wide networks signal and gradient keep their size.
// SPDX-License-Identifier: Apache-2.0
#include "nn/critical.h"

#include <gradkeep/recommendation.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <utility>

#include "data/random.h"
#include "nn/initialise.h"
#include "nn/tie.h"

namespace gradkeep::nn {
namespace {

template <class T>
double mean_square(Matrix<T> m) {
  double sum = 0;
  for (const double v : m.flat()) sum += v * v;
  return sum / static_cast<double>(m.size());
}

TEST(Critical, layers_have_the_scales_of_the_activation_below) {
  NetworkSpec spec{10, {}, Derivative::input};
  for (const char* f : {"relu", "tanh", "tanh", "sigmoid", "relu", "identity"})
    spec.layers.push_back({40, Activation(f)});
  spec.layers[3].shift = -0.5;
  const auto scales = critical_scales(spec);
  ASSERT_EQ(scales.size(), 6u);
  for (const int i : {0, 1}) {
    EXPECT_NEAR(scales[i].weight_std, std::numbers::sqrt2, 1e-12);
    EXPECT_EQ(scales[i].bias_std, 0);
  }
  const auto tanh = recommend(MeanField(Activation("tanh")), 40, 5).scale;
  const auto sigmoid =
      recommend(MeanField(Nonlinearity(Activation("sigmoid")).raised(-0.5)), 40, 5).scale;
  for (const int i : {2, 3}) {
    EXPECT_EQ(scales[i].weight_std, tanh.weight_std);
    EXPECT_EQ(scales[i].bias_std, tanh.bias_std);
  }
  EXPECT_EQ(scales[4].weight_std, sigmoid.weight_std);
}

// Centred sigmoids want weights four times tanh's: a tanh that met these would saturate.
TEST(Critical, alternating_activations_keep_their_signal) {
  NetworkSpec spec{200, {}, Derivative::input};
  for (int i = 0; i < 20; ++i) spec.layers.push_back({200, Activation(i % 2 ? "relu" : "sigmoid")});
  for (int i = 0; i < 20; i += 2) spec.layers[i].shift = -0.5;
  spec.layers.push_back({10, Activation("identity")});
  Network<double> net(spec, 16);
  initialise(net, {Initialiser::Kind::critical}, 5);
  data::Random random(11);
  Buffer<double> x(std::size_t{16} * 200);
  for (double& v : x.span()) v = random.normal();
  net.forward(x.matrix(16, 200));
  for (double& v : net.loss_gradient().flat()) v = random.normal();
  net.backward();
  EXPECT_GT(mean_square(net.layer(19).h), 0.01 * mean_square(net.layer(0).h));
  EXPECT_GT(mean_square(net.layer(0).dh), 0.01 * mean_square(net.layer(19).dh));
  EXPECT_LT(mean_square(net.layer(0).dh), 100 * mean_square(net.layer(19).dh));
}

// sigmoid is critical at q = 45.6; a softmax of such logits would be sure of itself.
TEST(Critical, logits_have_a_variance_of_1_at_most) {
  for (const char* f : {"relu", "tanh", "sigmoid"}) {
    const NetworkSpec spec = plain_network(50, 4, 50, 10, Activation(f));
    const auto scales = critical_scales(spec);
    const MeanField field{Activation(f)};
    const auto told = recommend(field, 50, 4);
    double q =
        told.input_variance * std::pow(told.scale.weight_std, 2) + std::pow(told.scale.bias_std, 2);
    for (int i = 0; i < 3; ++i) q = field.length(q, told.scale);
    EXPECT_NEAR(field.length(q, scales[4]), std::min(1.0, field.length(q, told.scale)), 1e-12) << f;
  }
  EXPECT_EQ(critical_scales(plain_network(50, 0, 50, 10, Activation("relu")))[0].weight_std, 1);
}

// exp wants inputs smaller than 1: the first layer's weights make them so.
TEST(Critical, the_first_layer_makes_up_for_inputs_of_another_size) {
  const auto found = recommend(MeanField(Activation("exponential")), 64, 3);
  ASSERT_NE(found.input_variance, 1);
  const auto scales = critical_scales(plain_network(64, 3, 64, 2, Activation("exponential")));
  EXPECT_NEAR(scales[0].weight_std, found.scale.weight_std * std::sqrt(found.input_variance),
              1e-12);
  EXPECT_EQ(scales[1].weight_std, found.scale.weight_std);
}

struct Weights {
  const char* how;
  double spread;  // of a mean square over 200 x 200 weights
};
class CriticalWeights : public testing::TestWithParam<Weights> {};
INSTANTIATE_TEST_SUITE_P(Kinds, CriticalWeights,
                         testing::Values(Weights{"critical(1.2)", 0.03},
                                         Weights{"critical_orthogonal(1.2)", 1e-12}));

TEST_P(CriticalWeights, are_drawn_at_that_scale_and_biases_too) {
  constexpr int kWidth = 200;
  const auto [how, spread] = GetParam();
  const Initialiser initialiser = parse_initialiser(how);
  for (const char* f : {"tanh", "gelu"}) {
    const NetworkSpec spec = plain_network(kWidth, 5, kWidth, 2, Activation(f));
    const auto scale = critical_scales(spec)[2];
    Network<double> net(spec, 1);
    initialise(net, initialiser, 3);
    const double wanted = std::pow(initialiser.scale * scale.weight_std, 2);
    EXPECT_NEAR(kWidth * mean_square(net.weights(2)) / wanted, 1, spread) << f;
    double biases = 0;
    for (int i = 0; i < 5; ++i) biases += mean_square(net.biases(i)) / 5;
    const double expected = scale.bias_std * scale.bias_std;
    EXPECT_NEAR(biases, expected, 0.2 * expected) << f;
  }
}

TEST(Critical, some_activation_is_given_biases) {
  EXPECT_GT(critical_scales(plain_network(8, 5, 300, 2, Activation("gelu")))[2].bias_std, 0);
}

// 24 layers: with Glorot's scale a sigmoid's gradient would lose 29 orders of magnitude. What is left
// to lose is what the recommendation says, give or take the spread that it gives.
TEST(Critical, signal_and_gradient_do_what_the_recommendation_says) {
  constexpr int kWidth = 200, kDepth = 24, kRows = 32;
  using Kind = Initialiser::Kind;
  for (const auto& [f, kind] : {std::pair{"relu", Kind::critical},
                                {"tanh", Kind::critical_orthogonal},
                                {"sigmoid", Kind::critical},
                                {"selu", Kind::critical_orthogonal}}) {
    SCOPED_TRACE(f);
    const MeanField field{Activation(f)};
    const auto told = recommend(field, kWidth, kDepth);
    const auto predicted = predict(field, {.scale = told.scale, .depth = kDepth, .width = kWidth});
    Network<double> net(plain_network(kWidth, kDepth, kWidth, 2, Activation(f)), kRows);
    initialise(net, {kind}, 7);
    data::Random random(11);
    Buffer<double> x(static_cast<std::size_t>(kRows) * kWidth);
    for (double& v : x.span()) v = random.normal();
    net.forward(x.matrix(kRows, kWidth));
    for (double& v : net.loss_gradient().flat()) v = random.normal();
    net.backward();
    const auto first = net.layer(0), last = net.layer(kDepth - 1);
    const double spread = std::sqrt(told.log_variance);
    // A length with a fixed point comes back to it; relu's walks at random.
    const double growth = predicted.layers.back().signal.q / predicted.layers.front().signal.q;
    EXPECT_NEAR(std::log(mean_square(last.h) / mean_square(first.h)), std::log(growth),
                told.footing == Footing::whole_line ? 4 * spread : 0.2);
    EXPECT_NEAR(std::log(mean_square(first.dh) / mean_square(last.dh)),
                std::log(told.gradient_gain) - told.log_variance / 2, 4 * spread);
  }
}

TEST(Critical, tied_layers_are_drawn_once_a_group) {
  NetworkSpec spec = plain_network(16, 2, 16, 2, Activation("relu"));
  for (int i = 0; i < 2; ++i) spec.layers[i].tie = tie_convolution(4);
  Network<double> net(spec, 1);
  initialise(net, {Initialiser::Kind::critical_orthogonal}, 3);
  EXPECT_EQ(net.weights(0)(5, 5), net.weights(0)(10, 10));
  EXPECT_NE(net.weights(0)(5, 5), 0);
}

TEST(Critical, other_biases_beside_it_are_an_error) {
  Network<float> net(plain_network(4, 1, 4, 2, Activation("relu")), 1);
  const Initialiser critical{Initialiser::Kind::critical};
  EXPECT_THROW(initialise(net, critical, 1, {Initialiser::Kind::constant, 0.1}), Error);
  EXPECT_NO_THROW(initialise(net, critical, 1, {Initialiser::Kind::constant, 0}));
}

}  // namespace
}  // namespace gradkeep::nn
