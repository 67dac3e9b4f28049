// Do the samples hold what they promise?
// SPDX-License-Identifier: Apache-2.0

#include "check/samples.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "check/accuracy.h"

namespace gradkeep::check {
namespace {

template <class T>
bool holds(const std::vector<T>& x, T v) {
  return std::any_of(x.begin(), x.end(), [&](T u) { return same_bits(u, v); });
}

TEST(Samples, HoldAllShortMantissas) {
  const std::vector<float> x = common_samples<float>({.stride = 0});
  const auto is_short = [](float v) {
    return (std::bit_cast<std::uint32_t>(v) & 0x7ff) == 0 && std::isnormal(v);
  };
  // 2^12 / 2 mantissas, 254 exponents, two signs.
  EXPECT_EQ(std::count_if(x.begin(), x.end(), is_short), 2048 * 254 * 2);
  for (float v : {0x1.ffep-149f, 0x7ffp-149f, 0xfffp-149f, 0xfffp-140f, -0x3p-149f}) {
    EXPECT_TRUE(holds(x, v)) << v;
  }
}

TEST(Samples, HoldNeighboursAndSpecialValues) {
  const std::vector<float> x = common_samples<float>({.mantissa_bits = 1, .stride = 0});
  for (float centre : {1.0f, -1.0f, 0x1p-126f, 0x1p100f, 0.0f}) {
    for (int k : {-64, -1, 0, 1, 64}) EXPECT_TRUE(holds(x, from_ordinal(ordinal(centre) + k)));
  }
  using Limits = std::numeric_limits<float>;
  for (float v : {0.0f, -0.0f, Limits::max(), -Limits::infinity(), Limits::quiet_NaN(), -5.5f}) {
    EXPECT_TRUE(holds(x, v)) << v;
  }
}

TEST(Samples, TheStrideCoversAllBitPatterns) {
  const SampleSize none{.mantissa_bits = 1, .steps = 0, .stride = 0};
  SampleSize some = none;
  some.stride = 16381;
  const auto extra = common_samples<float>(some).size() - common_samples<float>(none).size();
  EXPECT_NEAR(static_cast<double>(extra), 0x1p32 / 16381 * (1 - 0x1p-8), 300);
  EXPECT_NE(common_samples<float>(some, 1), common_samples<float>(some, 2));
}

TEST(Samples, FindKinksAndZerosOfTheFunction) {
  const Activation silu("silu");
  const auto minimum = own_samples<double>(Truth(silu), Ask::slope, silu.kinks(), 2);
  ASSERT_FALSE(minimum.empty());
  EXPECT_TRUE(std::any_of(minimum.begin(), minimum.end(),
                          [](double v) { return std::abs(v + 1.2784645427610738) < 1e-15; }));
  const Activation clip("hard_tanh(min=-0.5, max=2)");
  const auto kinks = own_samples<float>(Truth(clip), Ask::curvature, clip.kinks(), 1);
  EXPECT_TRUE(holds(kinks, -0.5f));
  EXPECT_TRUE(holds(kinks, std::nextafter(2.0f, 3.0f)));
}

TEST(Accuracy, FindsWrongResultsAndCountsThem) {
  const Truth sigmoid(Activation("sigmoid"));
  const std::vector<float> x = common_samples<float>({.mantissa_bits = 4, .steps = 2, .stride = 0});
  const std::vector<Implementation<float>> tried{
      [&](std::span<const float> in, std::span<float> out) {
        for (std::size_t i = 0; i < in.size(); ++i) out[i] = sigmoid.rounded(Ask::value, in[i]);
      },
      [](std::span<const float> in, std::span<float> out) {  // the textbook in float: overflows
        for (std::size_t i = 0; i < in.size(); ++i) out[i] = 1 / (1 + std::exp(-in[i]));
      },
  };
  Sweep sweep;
  sweep.bands = {{}, {.low = -1, .high = 1}, {.low = 2, .high = 3, .scale = 1}};
  const Accuracy found = measure_accuracy<float>(sigmoid, Ask::value, x, tried, sweep);
  EXPECT_EQ(found.tallies[0][0].misrounded, 0);
  EXPECT_LE(found.tallies[0][0].max_ulp, 0.5);
  EXPECT_LT(found.tallies[0][0].count, static_cast<long>(x.size()));  // the scaled band has its own
  EXPECT_GT(found.tallies[1][0].misrounded, 0);
  EXPECT_GT(found.tallies[1][0].max_ulp, 1e3);  // exp(96) overflows, the result does not
  EXPECT_LT(found.tallies[1][0].worst_x, -87);
  EXPECT_LT(found.tallies[1][1].max_ulp, 3);
  EXPECT_LT(found.tallies[1][2].max_ulp, 1);
  EXPECT_EQ(found.work.values, static_cast<long>(x.size()));
}

TEST(Accuracy, CanBeStopped) {
  const Truth sigmoid(Activation("sigmoid"));
  const std::vector<float> x = common_samples<float>({.mantissa_bits = 6, .stride = 0});
  Sweep sweep;
  sweep.threads = 1;
  sweep.progress = [](double) { return false; };
  const Accuracy found = measure_accuracy<float>(sigmoid, Ask::value, x, {}, sweep);
  EXPECT_TRUE(found.stopped);
  EXPECT_LT(found.work.values, static_cast<long>(x.size()));
}

}  // namespace
}  // namespace gradkeep::check
