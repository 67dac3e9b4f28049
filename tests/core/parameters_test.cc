// Slopes drawn at random, parameters by channel, and a bias before the activation.
// SPDX-License-Identifier: Apache-2.0
#include <gradkeep/channels.h>
#include <gradkeep/fused.h>
#include <gradkeep/rrelu.h>
#include <gradkeep/threads.h>
#include <gtest/gtest.h>

#include <cmath>

namespace gradkeep {
namespace {

std::vector<double> wave(std::size_t n, double step) {
  std::vector<double> v(n);
  for (std::size_t i = 0; i < n; ++i) v[i] = 2.5 * std::sin(step * static_cast<double>(i + 1));
  return v;
}

TEST(RandomRelu, SlopesDependOnSeedAndIndexAlone) {
  // From a few lines of Python; data::Random(7).uniform() gives the same sequence.
  const RandomSlopes known{.lower = 0, .upper = 1, .seed = 7};
  EXPECT_EQ(known.slope(0), 0x1.38028f22c378bp-1);
  EXPECT_EQ(known.slope(1000), 0x1.9cb418349a3a9p-1);
  const RandomSlopes r{.seed = 7};
  const RandomSlopes unit{.lower = 0, .upper = 1, .seed = 0};
  std::vector<double> x(100000, -1.0), y(x.size()), dx(x.size()), slope(x.size());
  rrelu_value<double>(r, x, y);
  rrelu_slope<double>(r, x, slope);
  rrelu_backward<double>(r, x, x, dx);
  double mean = 0, square = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    ASSERT_EQ(y[i], -r.slope(i));
    ASSERT_EQ(slope[i], r.slope(i));
    ASSERT_EQ(dx[i], y[i]);
    ASSERT_GE(slope[i], r.lower);
    ASSERT_LT(slope[i], r.upper);
    mean += unit.slope(i) / 1e5;
    square += unit.slope(i) * unit.slope(i) / 1e5;
  }
  EXPECT_NEAR(mean, 0.5, 0.005);
  EXPECT_NEAR(square, 1.0 / 3, 0.005);
  // Another part, another seed; the threads of another call.
  std::vector<double> part(500), again(x.size());
  rrelu_slope<double>({.seed = 7, .first = 1000}, std::span(x).subspan(0, 500), std::span(part));
  EXPECT_TRUE(std::equal(part.begin(), part.end(), slope.begin() + 1000));
  rrelu_slope<double>({.seed = 8}, std::span(x).subspan(0, 500), std::span(part));
  EXPECT_FALSE(std::equal(part.begin(), part.end(), slope.begin()));
  set_threads(3);
  rrelu_value<double>(r, x, again);
  set_threads(1);
  EXPECT_EQ(again, y);
}

TEST(RandomRelu, PositiveNumbersPassAndNonsenseIsRefused) {
  const std::vector<float> x = {2, 0, -0.0f, NAN, INFINITY};
  std::vector<float> y(5);
  rrelu_value<float>({}, x, y);
  EXPECT_EQ(y[0], 2);
  EXPECT_TRUE(std::signbit(y[2]) && y[2] == 0);
  EXPECT_TRUE(std::isnan(y[3]));
  EXPECT_EQ(y[4], INFINITY);
  EXPECT_THROW(rrelu_value<float>({.lower = 1, .upper = 0}, x, y), Error);
  EXPECT_THROW(rrelu_value<float>({.lower = 0, .upper = NAN}, x, y), Error);
  EXPECT_THROW(rrelu_value<float>({}, x, std::span(y).subspan(1)), Error);
}

TEST(Channels, EachHasItsOwnParameters) {
  for (const ChannelShape s :
       {ChannelShape{3, 5, 40}, ChannelShape{600, 7, 1}, ChannelShape{1, 4, 999}}) {
    const std::size_t n = s.outer * s.count * s.inner;
    const std::vector<double> x = wave(n, 0.7), dy = wave(n, 0.3);
    std::vector<double> p(s.count), y(n), dx(n), dp(s.count), expected(s.count);
    for (std::size_t c = 0; c < s.count; ++c) p[c] = 0.1 + 0.2 * static_cast<double>(c);
    const Activation elu("elu");
    channels_value<double>(elu, s, p, x, y);
    channels_backward<double>(elu, s, p, x, dy, dx);
    channels_parameter_gradients<double>(elu, s, p, x, dy, dp);
    for (std::size_t i = 0; i < n; ++i) {
      const std::size_t c = i / s.inner % s.count;
      ASSERT_NEAR(y[i], x[i] > 0 ? x[i] : p[c] * std::expm1(x[i]), 1e-15);
      ASSERT_NEAR(dx[i], dy[i] * (x[i] > 0 ? 1 : p[c] * std::exp(x[i])), 1e-15);
      if (x[i] <= 0) expected[c] += dy[i] * std::expm1(x[i]);
    }
    for (std::size_t c = 0; c < s.count; ++c) EXPECT_NEAR(dp[c], expected[c], 1e-11);
    std::vector<double> again(s.count), in_place = x;
    set_threads(4);
    channels_parameter_gradients<double>(elu, s, p, x, dy, again);
    channels_value<double>(elu, s, p, in_place, in_place);
    set_threads(1);
    EXPECT_EQ(again, dp);
    EXPECT_EQ(in_place, y);
  }
}

TEST(Channels, AFloatsGradientIsRoundedOnce) {
  // 1 and 2^24 times -2^-24 each: a float's running sum would stay at 1 or lose the 1.
  const std::size_t n = 1 << 16;
  std::vector<float> x(n, -0x1p-16f), dy(n, 1), p = {0.25f}, dp(1);
  x[0] = -1;
  channels_parameter_gradients<float>(Activation("prelu"), {1, 1, n}, p, x, dy, dp);
  EXPECT_EQ(dp[0], static_cast<float>(-1 - (n - 1) * 0x1p-16));
}

TEST(Channels, WhatDoesNotFitIsRefused) {
  std::vector<float> x(12), y(12, 5), p = {0.1f, 0.2f, NAN};
  const Activation prelu("prelu");
  EXPECT_THROW(channels_value<float>(prelu, {2, 3, 2}, p, x, y), Error);
  EXPECT_EQ(y, std::vector<float>(12, 5)) << "nothing was written";
  p[2] = 0;
  EXPECT_THROW(channels_value<float>(prelu, {2, 2, 2}, p, x, y), Error);
  EXPECT_THROW(channels_value<float>(prelu, {1, 3, 2}, p, x, y), Error);
  EXPECT_THROW(channels_backward<float>(prelu, {2, 3, 2}, p, x, y, std::span(y).subspan(1)), Error);
  EXPECT_THROW(
      channels_parameter_gradients<float>(prelu, {2, 3, 2}, p, x, x, std::span(x).subspan(0, 3)),
      Error);
  EXPECT_THROW(
      channels_value<float>(prelu, {std::size_t{1} << 40, std::size_t{1} << 40, 1}, p, x, y),
      Error);
}

// Parameters are read all the while, so that writing on them would change what is still to come.
TEST(Channels, ParametersMayNotBeWrittenOn) {
  std::vector<float> all(8, 0.5f);
  const std::span<float> span(all), p = span.subspan(0, 2);
  const std::vector<float> x(4, -1), before = all;
  const Activation prelu("prelu");
  EXPECT_THROW(channels_value<float>(prelu, {2, 2, 1}, p, x, span.subspan(0, 4)), Error);
  EXPECT_THROW(channels_value<float>(prelu, {2, 2, 1}, p, x, span.subspan(1, 4)), Error);
  EXPECT_THROW(channels_backward<float>(prelu, {2, 2, 1}, p, x, x, span.subspan(1, 4)), Error);
  EXPECT_THROW(channels_parameter_gradients<float>(prelu, {2, 2, 1}, p, x, x, p), Error);
  EXPECT_EQ(all, before);
  channels_value<float>(prelu, {2, 2, 1}, p, x, span.subspan(2, 4));
  EXPECT_EQ(all[5], -0.5f);
}

TEST(Channels, ShapesWithoutElementsAndSizesThatOverflow) {
  const std::vector<float> none, two = {0.25f, 0.5f};
  std::vector<float> out, gradients = {7, 7};
  const Activation prelu("prelu"), relu("relu"), hard_tanh("hard_tanh");
  constexpr std::size_t large = std::size_t{1} << 62;
  channels_value<float>(prelu, {0, 2, 5}, two, none, out);
  channels_value<float>(prelu, {5, 2, 0}, two, none, out);
  channels_value<float>(prelu, {large, 0, 1}, none, none, out);
  channels_value<float>(relu, {0, large, 1}, none, none, out);
  channels_backward<float>(prelu, {large / 2, 2, 0}, two, none, none, out);
  channels_parameter_gradients<float>(prelu, {0, 2, 5}, two, none, none, gradients);
  EXPECT_EQ(gradients, std::vector<float>(2, 0));
  // Two parameters for each of 2^63 channels: a product that is 0.
  EXPECT_THROW(channels_value<float>(hard_tanh, {0, large * 2, 1}, none, none, out), Error);
}

TEST(Fused, BiasAndActivationAreTheTwoStepsInOne) {
  const Activation f("gelu");
  for (const std::size_t columns : {1u, 7u, 255u, 256u, 700u}) {
    const std::size_t rows = 90, n = rows * columns;
    std::vector<float> x(n), dy(n), bias(columns), sums(n), y(n), dx(n), two(n), dbias(columns);
    for (std::size_t i = 0; i < n; ++i) {
      x[i] = static_cast<float>(std::sin(0.1 * static_cast<double>(i)) * 4);
      dy[i] = static_cast<float>(std::cos(0.2 * static_cast<double>(i)));
      bias[i % columns] = static_cast<float>(i % columns % 5) - 2;
    }
    for (std::size_t i = 0; i < n; ++i) sums[i] = x[i] + bias[i % columns];
    bias_value<float>(f, x, bias, y);
    f.value<float>(sums, two);
    EXPECT_EQ(y, two);
    bias_backward<float>(f, x, bias, dy, dx, dbias);
    f.backward<float>(sums, dy, two);
    EXPECT_EQ(dx, two);
    f.slope<float>(sums, two);
    std::vector<long double> expected(columns);
    for (std::size_t i = 0; i < n; ++i) {
      expected[i % columns] += static_cast<long double>(dy[i]) * two[i];
    }
    for (std::size_t c = 0; c < columns; ++c) EXPECT_EQ(dbias[c], static_cast<float>(expected[c]));
    std::vector<float> again(columns);
    set_threads(3);
    bias_backward<float>(f, x, bias, dy, dy, again);
    bias_value<float>(f, x, bias, x);
    set_threads(1);
    EXPECT_EQ(again, dbias);
    EXPECT_EQ(dy, dx);
    EXPECT_EQ(x, y);
  }
}

TEST(Fused, WhatDoesNotFitIsRefused) {
  const Activation f("relu");
  std::vector<float> x(12), bias(5), y(12);
  EXPECT_THROW(bias_value<float>(f, x, bias, y), Error);
  EXPECT_THROW(bias_value<float>(f, x, {}, y), Error);
  bias.resize(4);
  EXPECT_THROW(bias_value<float>(f, x, bias, std::span(y).subspan(1)), Error);
  EXPECT_THROW(bias_value<float>(f, x, std::span(y).subspan(0, 4), y), Error);
  EXPECT_THROW(bias_backward<float>(f, x, bias, x, y, std::span(y).subspan(0, 4)), Error);
  EXPECT_THROW(bias_backward<float>(f, x, bias, x, y, std::span(bias).subspan(1)), Error);
  bias_value<float>(f, {}, {}, std::span<float>());
}

}  // namespace
}  // namespace gradkeep
