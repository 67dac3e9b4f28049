// Data-driven scales: every layer's x W^T has the deviation asked for on the batch, whatever stands
// in the layer; directions stay those of orthogonal; what cannot be scaled is left or said.
// SPDX-License-Identifier: Apache-2.0
#include "nn/lsuv.h"

#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "data/random.h"
#include "nn/initialise.h"
#include "nn/product.h"
#include "nn/tie.h"

namespace gradkeep::nn {
namespace {

constexpr int kRows = 60, kSide = 6, kWidth = kSide * kSide, kDepth = 12;

template <class T>
Buffer<T> uneven_numbers(std::size_t size) {
  data::Random random(3);
  Buffer<T> numbers(size);
  for (T& v : numbers.span()) v = static_cast<T>(3 + 7 * random.normal());
  return numbers;
}

template <class T>
double variance(std::span<const T> values) {
  const double count = static_cast<double>(values.size());
  double mean = 0, squares = 0;
  for (const T v : values) mean += v / count;
  for (const T v : values) squares += (v - mean) * (v - mean) / count;
  return squares;
}

// x W^T of every layer, over the batch and all units, by three loops.
template <class T>
std::vector<double> variances(Network<T>& net, Matrix<const T> x) {
  net.forward(x);
  std::vector<double> found;
  for (int i = 0; i < net.layers(); ++i) {
    const auto view = net.layer(i);
    std::vector<T> sums(static_cast<std::size_t>(view.x.rows) * view.w.rows);
    product_naive<T>(Op::plain, view.x, Op::transposed, view.w,
                     {sums.data(), view.x.rows, view.w.rows});
    found.push_back(variance<T>(sums));
  }
  return found;
}

struct Kind {
  const char* activation;
  Normalisation normalisation = Normalisation::none;
  double branch = 0, shift = 0, dropout = 0;
  bool tied = false;
};

template <class T>
Network<T> network(const Kind& kind) {
  NetworkSpec spec = plain_network(kWidth, kDepth, kWidth, 3, Activation(kind.activation));
  for (int i = 0; i < kDepth; ++i) {
    spec.layers[i].normalisation = kind.normalisation;
    if (i > 0) spec.layers[i].branch = kind.branch;
    spec.layers[i].shift = kind.shift;
    spec.layers[i].dropout = kind.dropout;
    if (kind.tied) spec.layers[i].tie = tie_convolution(kSide);
  }
  return Network<T>(spec, kRows);
}

template <class T>
void expect_unit_variances(const Kind& kind, double deviation) {
  SCOPED_TRACE(kind.activation);
  auto net = network<T>(kind);
  const auto numbers = uneven_numbers<T>(kRows * kWidth);
  const Matrix<const T> x = numbers.matrix(kRows, kWidth);
  initialise(net, {Initialiser::Kind::lsuv, deviation}, 1, {Initialiser::Kind::constant, 0.4}, x);
  for (const double found : variances(net, x)) {
    EXPECT_NEAR(found / (deviation * deviation), 1, 1e-3);
  }
}

TEST(Lsuv, gives_every_layer_the_variance_asked_for) {
  for (const char* f : {"relu", "tanh", "sigmoid", "gelu", "selu"}) {
    expect_unit_variances<float>({f}, 1);
    expect_unit_variances<double>({f}, 1.5);
  }
  for (const auto n : {Normalisation::batch, Normalisation::layer}) {
    expect_unit_variances<double>({"relu", n}, 1);
    expect_unit_variances<double>({"relu", n, 0.7}, 1);
  }
  expect_unit_variances<double>({.activation = "relu", .branch = 1, .shift = -0.5}, 1);
  expect_unit_variances<double>({.activation = "relu", .dropout = 0.3}, 1);
  expect_unit_variances<double>({.activation = "tanh", .tied = true}, 1);
}

TEST(Lsuv, scales_orthogonal_weights_and_nothing_else) {
  auto net = network<double>({"relu"}), start = network<double>({"relu"});
  const auto x = uneven_numbers<double>(kRows * kWidth);
  initialise(net, {Initialiser::Kind::lsuv}, 5, {}, x.matrix(kRows, kWidth));
  initialise(start, {Initialiser::Kind::orthogonal}, 5);
  for (int i = 0; i < net.layers(); ++i) {
    const auto scaled = net.weights(i).flat(), from = start.weights(i).flat();
    const double factor = scaled[0] / from[0];
    for (std::size_t j = 0; j < scaled.size(); ++j) EXPECT_NEAR(scaled[j], factor * from[j], 1e-14);
    EXPECT_GT(factor, 0);
    EXPECT_EQ(net.layer(i).initial_w(0, 0), scaled[0]);
  }
}

TEST(Lsuv, keeps_tied_weights_equal) {
  auto net = network<double>({.activation = "relu", .tied = true});
  const auto x = uneven_numbers<double>(kRows * kWidth);
  initialise(net, {Initialiser::Kind::lsuv}, 5, {}, x.matrix(kRows, kWidth));
  EXPECT_EQ(net.weights(3)(kSide + 1, kSide + 1), net.weights(3)(2 * kSide + 2, 2 * kSide + 2));
}

// Every relu is off, so that the layers above see nothing that varies.
TEST(Lsuv, leaves_layers_alone_in_which_nothing_varies) {
  auto net = network<double>({"relu"}), start = network<double>({"relu"});
  const auto x = uneven_numbers<double>(kRows * kWidth);
  initialise(net, {Initialiser::Kind::lsuv}, 5, {Initialiser::Kind::constant, -1000},
             x.matrix(kRows, kWidth));
  initialise(start, {Initialiser::Kind::orthogonal}, 5);
  EXPECT_NE(net.weights(0)(0, 0), start.weights(0)(0, 0));
  EXPECT_EQ(net.weights(1)(0, 0), start.weights(1)(0, 0));
}

TEST(Lsuv, without_data_is_an_error) {
  auto net = network<float>({"relu"});
  EXPECT_THROW(initialise(net, {Initialiser::Kind::lsuv}, 1), Error);
}

}  // namespace
}  // namespace gradkeep::nn
