// Random numbers: their bits are pinned, since results of studies hang on them, and they have the
// moments that they should.
// SPDX-License-Identifier: Apache-2.0
#include "data/random.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

namespace gradkeep::data {
namespace {

// The numbers come from the same formulas written in Python.
TEST(Random, bits_are_pinned) {
  Random random(1, 2);
  EXPECT_EQ(random.bits(), 0x3e12204644234bb0u);
  EXPECT_EQ(random.bits(), 0xfeab9a052c034d9fu);
}

TEST(Random, streams_and_seeds_differ) {
  EXPECT_NE(Random(1, 0).bits(), Random(1, 1).bits());
  EXPECT_NE(Random(1, 0).bits(), Random(2, 0).bits());
}

TEST(Random, uniform_is_uniform) {
  Random random(3);
  double sum = 0, squares = 0, low = 1, high = 0;
  constexpr int n = 100000;
  for (int i = 0; i < n; ++i) {
    const double u = random.uniform();
    low = std::min(low, u);
    high = std::max(high, u);
    sum += u;
    squares += u * u;
  }
  EXPECT_GE(low, 0);
  EXPECT_LT(high, 1);
  EXPECT_NEAR(sum / n, 0.5, 0.005);
  EXPECT_NEAR(squares / n, 1.0 / 3, 0.005);
}

TEST(Random, normal_is_normal) {
  Random random(4);
  double moments[5] = {};
  constexpr int n = 200000;
  for (int i = 0; i < n; ++i) {
    const double z = random.normal();
    for (int k = 1; k < 5; ++k) moments[k] += std::pow(z, k) / n;
  }
  EXPECT_NEAR(moments[1], 0, 0.01);
  EXPECT_NEAR(moments[2], 1, 0.02);
  EXPECT_NEAR(moments[3], 0, 0.05);
  EXPECT_NEAR(moments[4], 3, 0.1);
}

TEST(Random, below_reaches_every_value_equally) {
  Random random(5);
  std::vector<int> count(7);
  for (int i = 0; i < 70000; ++i) ++count[random.below(7)];
  for (const int c : count) EXPECT_NEAR(c, 10000, 500);
}

TEST(Random, shuffle_is_a_permutation_and_every_order_is_possible) {
  std::vector<int> seen(6);
  for (std::uint64_t seed = 0; seed < 6000; ++seed) {
    std::vector<int> items{0, 1, 2};
    Random random(seed);
    random.shuffle(std::span(items));
    ++seen[items[0] * 2 + (items[1] > items[2])];
    std::sort(items.begin(), items.end());
    EXPECT_EQ(items, (std::vector<int>{0, 1, 2}));
  }
  for (const int c : seen) EXPECT_NEAR(c, 1000, 150);
}

}  // namespace
}  // namespace gradkeep::data
