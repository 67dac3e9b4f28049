// Dropout: how much is dropped and what becomes of the rest, which draws depend on what, that
// evaluation is left alone, and that signal and gradient of a wide network grow as theory says. Its
// gradients are tested in gradient_test.cc.
// SPDX-License-Identifier: Apache-2.0
#include "nn/dropout.h"

#include <gradkeep/blocks.h>
#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "nn/initialise.h"
#include "nn/train.h"

namespace gradkeep::nn {
namespace {

std::vector<double> factors(double share, std::uint64_t seed, std::uint64_t step,
                            std::size_t layer) {
  std::vector<double> drawn(20000);
  draw_factors<double>(share, seed, step, layer, drawn);
  return drawn;
}

TEST(Dropout, drops_the_share_and_scales_what_is_kept) {
  for (const double share : {0.01, 0.5, 0.9}) {
    int dropped = 0;
    for (const double f : factors(share, 1, 0, 0)) {
      if (f == 0) {
        ++dropped;
      } else {
        EXPECT_EQ(f, 1 / (1 - share));
      }
    }
    EXPECT_NEAR(dropped, 20000 * share, 5 * std::sqrt(20000 * share * (1 - share)));
  }
}

TEST(Dropout, seed_step_and_layer_each_change_the_draw_and_nothing_else_does) {
  const auto first = factors(0.5, 1, 0, 0);
  EXPECT_EQ(first, factors(0.5, 1, 0, 0));
  EXPECT_NE(first, factors(0.5, 2, 0, 0));
  EXPECT_NE(first, factors(0.5, 1, 1, 0));
  EXPECT_NE(first, factors(0.5, 1, 0, 1));
}

NetworkSpec dropping(int inputs, int depth, int width, const char* f, double share) {
  NetworkSpec spec = plain_network(inputs, depth, width, 2, Activation(f));
  for (int i = 0; i < depth; ++i) spec.layers[i].dropout = share;
  return spec;
}

TEST(Dropout, evaluation_drops_nothing) {
  const NetworkSpec spec = dropping(3, 2, 40, "identity", 0.5);
  Network<double> net(spec, 4), plain(plain_network(3, 2, 40, 2, Activation("identity")), 4);
  initialise(net, {}, 1);
  plain.copy_from(net);
  const double x[] = {1, 2, 3, -1, 0.5, 2, 0, 1, 0, 4, 4, 4};
  Pass<double> pass(spec, 4);
  const auto evaluated = net.forward({x, 4, 3}, pass), without = plain.forward({x, 4, 3});
  for (std::size_t j = 0; j < 8; ++j) EXPECT_EQ(evaluated.data[j], without.data[j]);

  // The mean over what is dropped is the evaluation, as the network is linear.
  constexpr int kDraws = 4000;
  double sum = 0, squares = 0;
  for (int step = 0; step < kDraws; ++step) {
    net.choose_dropped(1, step);
    const double z = net.forward({x, 4, 3})(3, 1);
    sum += z;
    squares += z * z;
  }
  const double mean = sum / kDraws, spread = std::sqrt(squares / kDraws - mean * mean);
  EXPECT_GT(spread, 0.1);
  EXPECT_NEAR(mean, evaluated(3, 1), 4 * spread / std::sqrt(kDraws));
}

TEST(Dropout, every_step_of_training_drops_others_and_a_seed_repeats_them) {
  const auto set = data::two_spirals(64, 0.1, 1);
  const auto outputs = [&](std::uint64_t seed) {
    Network<float> net(dropping(2, 2, 16, "tanh", 0.4), 64);
    initialise(net, {}, 1);
    Trainer<float> trainer(net, set, {.batch = 64, .seed = seed});
    std::vector<std::vector<bool>> dropped;
    trainer.after_backward([&](const Step<float>& step) {
      const auto y = step.net.layer(0).y.flat(), slope = step.net.layer(0).slope.flat();
      dropped.emplace_back();
      for (std::size_t j = 0; j < y.size(); ++j) {
        EXPECT_EQ(y[j] == 0, slope[j] == 0);
        dropped.back().push_back(y[j] == 0);
      }
    });
    for (int i = 0; i < 3; ++i) trainer.step();
    return dropped;
  };
  const auto once = outputs(1);
  EXPECT_NE(once[0], once[1]);
  EXPECT_NE(once[1], once[2]);
  EXPECT_EQ(once, outputs(1));
  EXPECT_NE(once, outputs(2));
}

// Twelve wide tanh layers at a fixed point of the length map under dropout: q stays, and the squared
// gradient changes by chi_1 a layer.
TEST(Dropout, a_wide_network_has_the_length_and_the_gradient_of_mean_field_theory) {
  constexpr int kWidth = 600, kDepth = 12, kRows = 64;
  constexpr double kWeightStd = 1.6, kShare = 0.2;
  const auto points =
      dropout_fixed_points(MeanField(Activation("tanh")), {kWeightStd, 0}, 1 - kShare);
  const DropoutFixedPoint predicted = points.back();
  ASSERT_EQ(predicted.status, FixedPointStatus::stable);
  NetworkSpec spec = dropping(kWidth, kDepth, kWidth, "tanh", kShare);
  Network<double> net(spec, kRows);
  initialise(net, {Initialiser::Kind::plain, kWeightStd}, 1);
  data::Random random(5);
  Buffer<double> x(static_cast<std::size_t>(kRows) * kWidth);
  for (double& v : x.span()) v = std::sqrt(predicted.q) / kWeightStd * random.normal();
  net.forward(x.matrix(kRows, kWidth));
  for (double& v : net.loss_gradient().flat()) v = random.normal();
  net.backward();
  const auto mean_square = [](Matrix<const double> m) {
    double sum = 0;
    for (const double v : m.flat()) sum += v * v;
    return sum / static_cast<double>(m.size());
  };
  EXPECT_NEAR(mean_square(net.layer(kDepth - 1).h) / predicted.q, 1, 0.03);
  const double growth = std::pow(
      mean_square(net.layer(1).dh) / mean_square(net.layer(kDepth - 1).dh), 1.0 / (kDepth - 2));
  EXPECT_NEAR(growth / predicted.chi_1, 1, 0.03);
}

TEST(Dropout, of_everything_or_less_than_nothing_is_an_error) {
  for (const double share : {1.0, -0.1, std::nan("")}) {
    EXPECT_THROW(Network<float>(dropping(2, 1, 4, "tanh", share), 1), Error);
  }
}

}  // namespace
}  // namespace gradkeep::nn
