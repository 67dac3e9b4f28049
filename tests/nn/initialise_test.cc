// Initialisers have the spread they promise, orthogonal matrices are orthogonal, layers draw from
// streams of their own, and their texts parse back.
// SPDX-License-Identifier: Apache-2.0
#include "nn/initialise.h"

#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "nn/tie.h"

namespace gradkeep::nn {
namespace {

constexpr int kInputs = 300, kUnits = 200;

Network<double> layer(const char* how, std::uint64_t seed = 1, int inputs = kInputs,
                      int units = kUnits) {
  Network<double> net({inputs, {{units, Activation("tanh")}}, Derivative::input}, 1);
  initialise(net, parse_initialiser(how), seed);
  return net;
}

struct Spread {
  double mean = 0, variance = 0, largest = 0;
};
Spread spread(const Network<double>& net) {
  Spread s;
  const auto w = net.weights(0).flat();
  const double n = static_cast<double>(w.size());
  for (const double v : w) {
    s.mean += v / n;
    s.variance += v * v / n;
    s.largest = std::max(s.largest, std::abs(v));
  }
  return s;
}

struct Promise {
  const char* how;
  double variance;
  bool uniform = false;
};
class Variance : public testing::TestWithParam<Promise> {};
INSTANTIATE_TEST_SUITE_P(Initialisers, Variance,
                         testing::Values(Promise{"normal(0.05)", 0.0025},
                                         Promise{"plain", 1.0 / kInputs},
                                         Promise{"normal(1/sqrt(n))", 1.0 / kInputs},
                                         Promise{"plain(1.5)", 2.25 / kInputs},
                                         Promise{"log_normal(0.5)", 1.0 / kInputs},
                                         Promise{"triangular(0.5, 1.5)", 2.25 / kInputs},
                                         Promise{"glorot_normal", 2.0 / (kInputs + kUnits)},
                                         Promise{"glorot_normal(2)", 8.0 / (kInputs + kUnits)},
                                         Promise{"glorot_uniform", 2.0 / (kInputs + kUnits), true},
                                         Promise{"he_normal", 2.0 / kInputs},
                                         Promise{"he_uniform", 2.0 / kInputs, true},
                                         Promise{"lecun_normal", 1.0 / kInputs},
                                         Promise{"lecun_uniform", 1.0 / kInputs, true},
                                         Promise{"orthogonal(1.5)", 2.25 / kInputs}));

// 60,000 weights: the sample variance is within 3 % of a normal's in all but absurd cases.
TEST_P(Variance, is_as_promised) {
  const auto [how, variance, uniform] = GetParam();
  const Spread s = spread(layer(how));
  EXPECT_NEAR(s.variance / variance, 1, 0.03);
  EXPECT_NEAR(s.mean / std::sqrt(variance), 0, 0.02);
  const double edge = std::sqrt(3 * variance);
  if (uniform) {
    EXPECT_LE(s.largest, edge);
    EXPECT_GT(s.largest, 0.99 * edge);
  }
}

// Against the mean square of weights as they are drawn, for wide, tall and square layers.
TEST_P(Variance, has_the_weight_std_that_mean_field_theory_speaks_of) {
  for (const auto& [inputs, units] : {std::pair{kInputs, kUnits}, {kUnits, kInputs}, {250, 250}}) {
    const Initialiser how = parse_initialiser(GetParam().how);
    const auto told = weight_std(how, inputs, units);
    if (how.kind == Initialiser::Kind::triangular && inputs == units) {
      EXPECT_FALSE(told);
      continue;
    }
    ASSERT_TRUE(told);
    const double drawn = inputs * spread(layer(GetParam().how, 2, inputs, units)).variance;
    EXPECT_NEAR(*told / std::sqrt(drawn), 1, 0.015) << inputs << " x " << units;
  }
}

TEST(Initialise, what_is_not_drawn_has_no_weight_std) {
  EXPECT_FALSE(weight_std(parse_initialiser("zeros"), 8, 8));
  EXPECT_FALSE(weight_std(parse_initialiser("constant(0.5)"), 8, 8));
  EXPECT_FALSE(weight_std(parse_initialiser("lsuv"), 8, 8));
  EXPECT_EQ(*weight_std(parse_initialiser("orthogonal(1.5)"), 64, 64), 1.5);
  EXPECT_EQ(*weight_std(parse_initialiser("orthogonal(1.5)"), 16, 64), 0.75);
}

TEST(Initialise, zeros) { EXPECT_EQ(spread(layer("zeros")).largest, 0); }

TEST(Initialise, orthogonal_rows_or_columns) {
  for (const auto& [inputs, units] : {std::pair{30, 20}, {20, 30}, {16, 16}}) {
    const auto net = layer("orthogonal(2)", 5, inputs, units);
    const auto w = net.weights(0);
    const bool wide = inputs >= units;
    const int n = std::min(inputs, units), length = std::max(inputs, units);
    for (int i = 0; i < n; ++i) {
      for (int j = 0; j < n; ++j) {
        double dot = 0;
        for (int k = 0; k < length; ++k) dot += wide ? w(i, k) * w(j, k) : w(k, i) * w(k, j);
        EXPECT_NEAR(dot, i == j ? 4 : 0, 1e-13);
      }
    }
  }
}

double frobenius(Matrix<const double> w) {
  double squares = 0;
  for (const double v : w.flat()) squares += v * v;
  return std::sqrt(squares);
}

// The power sum of the singular values' squares, sum of sigma^4 = ||W^T W||^2, tells their spread
// without finding them: for ln sigma ~ N(0, s^2) n sum sigma^4 / (sum sigma^2)^2 = exp(4 s^2).
double spread_of_singular_values(Matrix<const double> w) {
  double fourth = 0;
  for (int i = 0; i < w.cols; ++i) {
    for (int j = 0; j < w.cols; ++j) {
      double dot = 0;
      for (int r = 0; r < w.rows; ++r) dot += w(r, i) * w(r, j);
      fourth += dot * dot;
    }
  }
  return w.cols * fourth / std::pow(frobenius(w), 4);
}

TEST(Initialise, log_normal_has_the_norm_of_plain_and_the_spread_it_is_told) {
  constexpr int kSize = 200;
  for (const double s : {0.01, 0.3}) {
    const auto text = "log_normal(" + std::to_string(s) + ")";
    const auto net = layer(text.c_str(), 3, kSize, kSize);
    const auto w = net.weights(0);
    EXPECT_NEAR(frobenius(w), std::sqrt(kSize), 1e-11);
    EXPECT_NEAR(spread_of_singular_values(w) / std::exp(4 * s * s), 1, 0.15) << s;
  }
  EXPECT_NEAR(frobenius(layer("log_normal(0.3, 2)", 3, 50, 50).weights(0)), 2 * std::sqrt(50),
              1e-11);
  // Gaussian matrices have 2 here, by the law of Marchenko and Pastur.
  EXPECT_NEAR(spread_of_singular_values(layer("plain", 3, kSize, kSize).weights(0)), 2, 0.1);
  // Rotations on both sides: no entry stands out, the diagonal included.
  double trace = 0;
  const auto net = layer("log_normal(0.3)", 4, kSize, kSize);
  const auto w = net.weights(0);
  for (int i = 0; i < kSize; ++i) trace += w(i, i);
  EXPECT_LT(std::abs(trace), 5);
}

// The eigenvalues of a triangular matrix stand on its diagonal.
TEST(Initialise, triangular_has_equal_eigenvalues_and_the_norm_of_plain) {
  constexpr int kSize = 64;
  const auto net = layer("triangular(0.75)", 3, kSize, kSize);
  const auto w = net.weights(0);
  double above = 0;
  for (int r = 0; r < kSize; ++r) {
    EXPECT_DOUBLE_EQ(w(r, r), 0.5);  // sqrt(1 - 0.75)
    for (int c = 0; c < r; ++c) EXPECT_EQ(w(r, c), 0);
    for (int c = r + 1; c < kSize; ++c) above += w(r, c) * w(r, c);
  }
  EXPECT_NEAR(above, 0.75 * kSize, 1e-11);
  EXPECT_NEAR(frobenius(w), 8, 1e-12);
  EXPECT_EQ(layer("triangular(0.75)", 3, 1, 1).weights(0)(0, 0), 1);
}

TEST(Initialise, tied_weights_are_equal_with_the_variance_of_their_fan_in) {
  constexpr int kSide = 5;
  NetworkSpec spec{kSide * kSide, {{kSide * kSide, Activation("tanh")}}, Derivative::input};
  spec.layers[0].tie = tie_convolution(kSide);
  const auto& tie = spec.layers[0].tie;
  Network<double> net(spec, 1);
  double squares = 0;
  for (std::uint64_t seed = 0; seed < 2000; ++seed) {
    initialise(net, {Initialiser::Kind::he_normal}, seed);
    const auto w = net.weights(0).flat();
    std::vector<double> shared(9);
    for (std::size_t i = 0; i < tie.size(); ++i) {
      if (tie[i] >= 0) shared[tie[i]] = w[i];
    }
    for (std::size_t i = 0; i < tie.size(); ++i) {
      ASSERT_EQ(w[i], tie[i] < 0 ? 0 : shared[tie[i]]);
    }
    for (const double v : shared) squares += v * v / (9 * 2000);
  }
  EXPECT_NEAR(squares / (2.0 / 9), 1, 0.05);
}

TEST(Initialise, a_constant_bias_is_that_of_the_hidden_layers) {
  Network<double> net(plain_network(5, 2, 6, 2, Activation("relu")), 1);
  initialise(net, {}, 1, parse_initialiser("constant(-0.5)"));
  for (const double b : net.biases(0).flat()) EXPECT_EQ(b, -0.5);
  for (const double b : net.biases(1).flat()) EXPECT_EQ(b, -0.5);
  for (const double b : net.biases(2).flat()) EXPECT_EQ(b, 0);
}

TEST(Initialise, the_same_seed_gives_the_same_bits_and_another_seed_others) {
  const auto a = layer("he_normal", 7), b = layer("he_normal", 7), c = layer("he_normal", 8);
  EXPECT_TRUE(std::equal(a.parameters().begin(), a.parameters().end(), b.parameters().begin()));
  EXPECT_NE(a.weights(0)(0, 0), c.weights(0)(0, 0));
}

TEST(Initialise, a_layer_does_not_disturb_the_others) {
  const Activation f("tanh");
  Network<float> two(plain_network(5, 1, 6, 2, f), 1), three(plain_network(5, 2, 6, 2, f), 1);
  initialise(two, {}, 3);
  initialise(three, {}, 3);
  const auto a = two.weights(0).flat(), b = three.weights(0).flat();
  EXPECT_TRUE(std::equal(a.begin(), a.end(), b.begin()));
  EXPECT_NE(three.weights(0)(0, 0), three.weights(1)(0, 0));
}

TEST(Initialise, marks_the_start) {
  auto net = layer("plain");
  const double first = net.weights(0)(0, 0);
  net.weights(0)(0, 0) = 5;
  EXPECT_EQ(net.layer(0).initial_w(0, 0), first);
  EXPECT_EQ(net.layer(0).w(0, 0), 5);
}

TEST(Initialise, texts_parse_back) {
  for (const char* text :
       {"normal(0.05)", "plain", "he_uniform", "orthogonal(1.5)", "zeros", "plain(2)",
        "log_normal(0.5)", "log_normal(0.5, 1.4)", "triangular(1)", "triangular(0.25, 2)", "lsuv",
        "lsuv(2)", "critical", "critical_orthogonal(1.1)", "constant(-0.5)", "constant(1)"}) {
    EXPECT_EQ(parse_initialiser(text).text(), text);
  }
}

TEST(Initialise, wrong_texts_are_errors) {
  for (const char* text : {"",
                           "xavier",
                           "normal",
                           "normal()",
                           "normal(-1)",
                           "normal(0)",
                           "he_normal(1",
                           "he_normal(1)x",
                           "plain(nan)",
                           "plain(inf)",
                           "normal(1,2)",
                           "log_normal",
                           "log_normal(0)",
                           "log_normal(1,2,3)",
                           "log_normal(1,0)",
                           "log_normal(1,)",
                           "triangular",
                           "triangular(1.5)",
                           "triangular(0.5,-1)",
                           "triangular(0)",
                           "constant",
                           "constant()",
                           "constant(nan)"}) {
    EXPECT_THROW(parse_initialiser(text), Error) << text;
  }
}

}  // namespace
}  // namespace gradkeep::nn
