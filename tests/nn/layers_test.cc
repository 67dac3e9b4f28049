// What normalisation, skips and ties do besides having right gradients (gradient_test.cc): their
// statistics, running averages, the growth that theory predicts, a convolution written as a matrix
// against one written as four loops.
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <numbers>
#include <string>
#include <vector>

#include "data/random.h"
#include "nn/initialise.h"
#include "nn/network.h"
#include "nn/tie.h"

namespace gradkeep::nn {
namespace {

Buffer<double> normal_numbers(std::size_t size, std::uint64_t seed) {
  data::Random random(seed);
  Buffer<double> numbers(size);
  for (double& v : numbers.span()) v = random.normal();
  return numbers;
}

double mean_square(Matrix<const double> m) {
  double sum = 0;
  for (const double v : m.flat()) sum += v * v;
  return sum / static_cast<double>(m.size());
}

struct Moments {
  double mean = 0, variance = 0;
};
template <class At>
Moments moments(int count, At at) {
  Moments m;
  for (int i = 0; i < count; ++i) m.mean += at(i) / count;
  for (int i = 0; i < count; ++i) m.variance += (at(i) - m.mean) * (at(i) - m.mean) / count;
  return m;
}

// One layer of `units` over four inputs whose scales and centres differ.
Network<double> one_layer(Normalisation normalisation, int units, int rows) {
  NetworkSpec spec{4, {{units, Activation("tanh")}}, Derivative::input};
  spec.layers[0].normalisation = normalisation;
  Network<double> net(spec, rows);
  initialise(net, {Initialiser::Kind::normal, 3}, 1, {Initialiser::Kind::normal, 2});
  return net;
}

TEST(Normalise, batch_gives_every_unit_mean_0_and_variance_1) {
  constexpr int kRows = 50, kUnits = 70;  // more than a strip of columns
  auto net = one_layer(Normalisation::batch, kUnits, kRows);
  const auto x = normal_numbers(kRows * 4, 2);
  net.forward(x.matrix(kRows, 4));
  const auto view = net.layer(0);
  for (int j = 0; j < kUnits; ++j) {
    const auto [mean, variance] = moments(kRows, [&](int r) { return view.h(r, j); });
    EXPECT_NEAR(mean, 0, 1e-14);
    EXPECT_NEAR(variance, 1, 1e-4);
  }
}

// Columns are worked on in strips; alone, each must come out the same.
TEST(Normalise, a_column_does_not_depend_on_its_neighbours) {
  constexpr int kRows = 7, kUnits = 150;
  struct Worked {
    std::vector<double> n, da, mean, variance, inverse, dgamma, dbeta, by;
  };
  const auto work = [](std::vector<double> a, std::vector<double> dh,
                       const std::vector<double>& gamma) {
    const int units = static_cast<int>(gamma.size());
    Worked w{a, dh, gamma, gamma, gamma, gamma, gamma, a};
    normalise_columns<double>({w.n.data(), kRows, units}, w.mean.data(), w.variance.data(),
                              w.inverse.data());
    normalise_columns_by<double>({w.by.data(), kRows, units}, w.mean.data(), w.variance.data());
    scale_and_centre_backward<double>({dh.data(), kRows, units}, {w.n.data(), kRows, units},
                                      w.dgamma.data(), w.dbeta.data());
    normalise_columns_backward<double>({w.da.data(), kRows, units}, {w.n.data(), kRows, units},
                                       gamma.data(), w.inverse.data());
    return w;
  };
  const auto numbers = [](std::size_t size, std::uint64_t seed) {
    const auto buffer = normal_numbers(size, seed);
    return std::vector<double>(buffer.span().begin(), buffer.span().end());
  };
  const auto a = numbers(kRows * kUnits, 1), dh = numbers(kRows * kUnits, 2),
             gamma = numbers(kUnits, 3);
  const Worked all = work(a, dh, gamma);
  for (int j = 0; j < kUnits; ++j) {
    const auto column = [&](const std::vector<double>& m) {
      std::vector<double> out(kRows);
      for (int r = 0; r < kRows; ++r) out[r] = m[static_cast<std::size_t>(r) * kUnits + j];
      return out;
    };
    const Worked one = work(column(a), column(dh), {gamma[j]});
    EXPECT_EQ(column(all.n), one.n) << j;
    EXPECT_EQ(column(all.by), one.by) << j;
    EXPECT_EQ(column(all.da), one.da) << j;
    EXPECT_EQ(all.mean[j], one.mean[0]) << j;
    EXPECT_EQ(all.variance[j], one.variance[0]) << j;
    EXPECT_EQ(all.dgamma[j], one.dgamma[0]) << j;
    EXPECT_EQ(all.dbeta[j], one.dbeta[0]) << j;
  }
}

TEST(Normalise, layer_gives_every_row_mean_0_and_variance_1) {
  constexpr int kRows = 5, kUnits = 70;
  auto net = one_layer(Normalisation::layer, kUnits, kRows);
  const auto x = normal_numbers(kRows * 4, 2);
  net.forward(x.matrix(kRows, 4));
  const auto view = net.layer(0);
  for (int r = 0; r < kRows; ++r) {
    const auto [mean, variance] = moments(kUnits, [&](int j) { return view.h(r, j); });
    EXPECT_NEAR(mean, 0, 1e-14);
    EXPECT_NEAR(variance, 1, 1e-4);
  }
}

TEST(Normalise, evaluation_uses_the_running_averages_and_training_alone_moves_them) {
  constexpr int kRows = 20;
  auto net = one_layer(Normalisation::batch, 3, kRows);
  const auto x = normal_numbers(kRows * 4, 2);
  Pass<double> pass(net.spec(), kRows);
  const auto first = [&] { return net.forward(x.matrix(kRows, 4), pass)(0, 0); };
  const double start = first();
  net.forward(x.matrix(kRows, 4));
  EXPECT_EQ(first(), start);  // until told
  const double training = net.layer(0).y(0, 0);
  EXPECT_NE(start, training);
  for (int i = 0; i < 400; ++i) {
    net.forward(x.matrix(kRows, 4));
    net.update_running_averages();
  }
  // What remains is the variance, divided by 19 instead of 20.
  const double n = net.layer(0).h(0, 0);
  EXPECT_NEAR(first(), std::tanh(n * std::sqrt(19.0 / 20)), 1e-6);
  EXPECT_EQ(net.running_averages(0).rows, 2);
  // One row depends on no other.
  EXPECT_NEAR(net.forward(x.matrix(1, 4), pass)(0, 0), first(), 1e-15);
}

TEST(Normalise, a_batch_of_one_row_leaves_the_running_averages_alone) {
  auto net = one_layer(Normalisation::batch, 3, 4);
  const double x[4] = {1, 2, 3, 4};
  net.forward({x, 1, 4});
  net.update_running_averages();
  EXPECT_EQ(net.running_averages(0)(0, 0), 0);
  EXPECT_EQ(net.running_averages(0)(1, 0), 1);
  EXPECT_EQ(net.layer(0).h(0, 0), 0);
}

TEST(Network, copies_take_the_running_averages_along) {
  constexpr int kRows = 20;
  auto net = one_layer(Normalisation::batch, 3, kRows);
  const auto x = normal_numbers(kRows * 4, 2);
  net.forward(x.matrix(kRows, 4));
  net.update_running_averages();
  Network<double> twin(net.spec(), kRows);
  twin.copy_from(net);
  Pass<double> pass(net.spec(), kRows), other(net.spec(), kRows);
  const auto a = net.forward(x.matrix(kRows, 4), pass).flat();
  const auto b = twin.forward(x.matrix(kRows, 4), other).flat();
  EXPECT_TRUE(std::equal(a.begin(), a.end(), b.begin()));
  Network<double> another(plain_network(4, 1, 3, 2, Activation("tanh")), kRows);
  EXPECT_THROW(another.copy_from(net), Error);
}

// relu layers of one width; returns the factors a layer by which q = mean h^2 grows on the way up
// and the mean square of dL/dh on the way down.
struct Growth {
  double up, down;
};
Growth growth(const char* weights, double branch, Normalisation normalisation, int rows,
              std::uint64_t seed) {
  constexpr int kWidth = 500, kDepth = 12;
  NetworkSpec spec{kWidth, {}, Derivative::input};
  for (int i = 0; i < kDepth; ++i) {
    LayerSpec layer{kWidth, Activation("relu")};
    layer.normalisation = normalisation;
    if (i > 0) layer.branch = branch;
    spec.layers.push_back(layer);
  }
  Network<double> net(spec, rows);
  initialise(net, parse_initialiser(weights), seed);
  const auto x = normal_numbers(static_cast<std::size_t>(rows) * kWidth, seed + 100);
  net.forward(x.matrix(rows, kWidth));
  const auto from = normal_numbers(static_cast<std::size_t>(rows) * kWidth, seed + 200);
  std::copy(from.span().begin(), from.span().end(), net.loss_gradient().data);
  net.backward();
  const int first = 2, last = kDepth - 2;  // away from the ends
  const auto per_layer = [&](double a, double b) { return std::pow(a / b, 1.0 / (last - first)); };
  return {per_layer(mean_square(net.layer(last).h), mean_square(net.layer(first).h)),
          per_layer(mean_square(net.layer(first).dh), mean_square(net.layer(last).dh))};
}

// h_l = h_{l-1} + W relu(h_{l-1}): E relu^2 = q/2 and E relu'^2 = 1/2.
TEST(Skip, relu_grows_by_half_the_weights_variance_in_length_and_gradient) {
  for (const double sw : {0.5, 1.0, std::numbers::sqrt2}) {
    const auto [up, down] =
        growth(("plain(" + std::to_string(sw) + ")").c_str(), 1, Normalisation::none, 64, 1);
    EXPECT_NEAR(up / (1 + sw * sw / 2), 1, 0.03) << sw;
    EXPECT_NEAR(down / (1 + sw * sw / 2), 1, 0.03) << sw;
  }
}

TEST(Skip, a_scaled_branch_scales_the_growth) {
  const auto [up, down] = growth("plain(1)", 0.5, Normalisation::none, 64, 2);
  EXPECT_NEAR(up, 1 + 0.25 / 2, 0.03);
  EXPECT_NEAR(down, 1 + 0.25 / 2, 0.03);
}

// Yang and others 2019: pi / (pi - 1) a layer, whatever the weights; theirs is for many rows.
TEST(Normalise, batch_normalised_relu_explodes_and_layer_normalised_does_not) {
  for (const char* weights : {"plain(0.5)", "he_normal"}) {
    const auto batch = growth(weights, 0, Normalisation::batch, 256, 3);
    EXPECT_NEAR(batch.down / (std::numbers::pi / (std::numbers::pi - 1)), 1, 0.04) << weights;
    EXPECT_NEAR(batch.up, 1, 1e-3);
    const auto layer = growth(weights, 0, Normalisation::layer, 64, 3);
    EXPECT_NEAR(layer.down, 1, 0.03) << weights;
  }
}

TEST(Skip, with_a_branch_of_nothing_learned_is_the_layer_below) {
  NetworkSpec spec{3, {{4, Activation("tanh")}, {4, Activation("tanh")}}, Derivative::input};
  spec.layers[1].branch = 2;
  Network<double> net(spec, 5);
  initialise(net, {}, 1);
  std::fill_n(net.weights(1).data, 16, 0.0);
  const auto x = normal_numbers(15, 1);
  net.forward(x.matrix(5, 3));
  for (int r = 0; r < 5; ++r) {
    for (int j = 0; j < 4; ++j) EXPECT_EQ(net.layer(1).h(r, j), net.layer(0).h(r, j));
  }
}

// At the start every hidden layer repeats the first one and gradients come down unchanged; what is 0
// (weights, or gamma) learns from the first step on.
TEST(Skip, a_branch_that_starts_at_0_is_silent_and_learns) {
  constexpr int kRows = 7, kDepth = 5, kWidth = 6;
  for (const auto normalisation :
       {Normalisation::none, Normalisation::batch, Normalisation::layer}) {
    NetworkSpec spec = plain_network(4, kDepth, kWidth, 2, Activation("tanh"));
    for (int i = 0; i < kDepth; ++i) {
      spec.layers[i].normalisation = normalisation;
      if (i > 0) spec.layers[i].branch = 0.7;
      spec.layers[i].zero_branch = i > 0;
    }
    Network<double> net(spec, kRows);
    initialise(net, {}, 1, {Initialiser::Kind::constant, 0.5});
    const auto x = normal_numbers(kRows * 4, 2), dz = normal_numbers(kRows * 2, 3);
    net.forward(x.matrix(kRows, 4));
    std::copy(dz.span().begin(), dz.span().end(), net.loss_gradient().data);
    net.backward();
    EXPECT_GT(mean_square(net.layer(0).h), 0.1);
    for (int i = 1; i < kDepth; ++i) {
      const auto below = net.layer(i - 1), here = net.layer(i);
      EXPECT_TRUE(std::equal(here.h.data, here.h.data + here.h.size(), below.h.data));
      const auto learns = normalisation == Normalisation::none ? here.dw : here.dgamma;
      EXPECT_GT(mean_square(learns), 0);
      EXPECT_EQ(mean_square(here.w) == 0, normalisation == Normalisation::none);
      if (i + 1 == kDepth) continue;
      // With nothing above but the skip dL/dh grows by the slope's own part alone.
      const auto above = net.layer(i + 1);
      for (std::size_t j = 0; j < here.dh.size(); ++j) {
        EXPECT_EQ(here.dy.data[j], 0);
        EXPECT_EQ(here.dh.data[j], above.dh.data[j]);
      }
    }
  }
}

TEST(Tie, a_convolution_as_a_matrix_is_a_convolution) {
  constexpr int kSide = 6, kPixels = kSide * kSide;
  NetworkSpec spec{kPixels, {{kPixels, Activation("identity")}}, Derivative::input};
  spec.layers[0].tie = tie_convolution(kSide);
  EXPECT_EQ(groups(spec.layers[0].tie), 9);
  Network<double> net(spec, 1);
  const auto kernel = normal_numbers(9, 1), image = normal_numbers(kPixels, 2);
  for (std::size_t i = 0; i < spec.layers[0].tie.size(); ++i) {
    const int group = spec.layers[0].tie[i];
    net.weights(0).data[i] = group < 0 ? 0 : kernel.data()[group];
  }
  const auto out = net.forward(image.matrix(1, kPixels));
  for (int r = 0; r < kSide; ++r) {
    for (int c = 0; c < kSide; ++c) {
      double expected = 0;
      for (int i = -1; i <= 1; ++i) {
        for (int j = -1; j <= 1; ++j) {
          const bool inside = r + i >= 0 && r + i < kSide && c + j >= 0 && c + j < kSide;
          if (inside) {
            expected += kernel.data()[3 * (i + 1) + j + 1] * image.data()[(r + i) * kSide + c + j];
          }
        }
      }
      EXPECT_NEAR(out(0, r * kSide + c), expected, 1e-13);
    }
  }
}

TEST(Errors, layers_that_do_not_fit_are_said) {
  const auto attempt = [](const std::function<void(NetworkSpec&)>& change) {
    NetworkSpec spec = plain_network(4, 2, 4, 2, Activation("tanh"));
    change(spec);
    Network<float> net(spec, 1);
  };
  using Spec = NetworkSpec&;
  EXPECT_NO_THROW(attempt([](Spec s) { s.layers[1].branch = 1; }));
  EXPECT_THROW(attempt([](Spec s) { s.layers[0].branch = 1; }), Error);
  EXPECT_THROW(attempt([](Spec s) { s.layers[2].branch = 1; }), Error);
  EXPECT_THROW(attempt([](Spec s) { s.layers[1].branch = NAN; }), Error);
  EXPECT_THROW(attempt([](Spec s) { s.layers[1].zero_branch = true; }), Error);
  EXPECT_NO_THROW(attempt([](Spec s) { s.layers[1].tie = tie_convolution(2); }));
  EXPECT_THROW(attempt([](Spec s) { s.layers[1].tie = tie_convolution(3); }), Error);
  EXPECT_THROW(attempt([](Spec s) { s.layers[1].tie.assign(16, 16); }), Error);
  EXPECT_THROW(attempt([](Spec s) { s.layers[1].tie.assign(16, -2); }), Error);
  EXPECT_THROW(attempt([](Spec s) {
                 s.layers[2].units = 1;
                 s.layers[2].normalisation = Normalisation::layer;
               }),
               Error);
  EXPECT_THROW(parse_normalisation("group"), Error);
}

}  // namespace
}  // namespace gradkeep::nn
