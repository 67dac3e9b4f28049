// Initialisers have the spread they promise, orthogonal matrices are orthogonal, layers draw from
// streams of their own, and their texts parse back.
// SPDX-License-Identifier: Apache-2.0
#include "nn/initialise.h"

#include <gtest/gtest.h>

#include <cmath>

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
  for (const char* text : {"normal(0.05)", "plain", "he_uniform", "orthogonal(1.5)", "zeros"}) {
    EXPECT_EQ(parse_initialiser(text).text(), text);
  }
}

TEST(Initialise, wrong_texts_are_errors) {
  for (const char* text :
       {"", "xavier", "normal", "normal()", "normal(-1)", "normal(0)", "he_normal(1",
        "he_normal(1)x", "plain(nan)", "plain(inf)", "normal(1,2)"}) {
    EXPECT_THROW(parse_initialiser(text), Error) << text;
  }
}

}  // namespace
}  // namespace gradkeep::nn
