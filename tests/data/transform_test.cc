// Repeating keeps proportions and moments; drawing together makes rows correlate as asked and keeps
// their length.
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "data/dataset.h"
#include "tests/data/files.h"

namespace gradkeep::data {
namespace {

Split scaled_digits() {
  Split parts = split(digits(), 0.1, 0.2, 1);
  scale_inputs(Scale::zscore, parts);
  return parts;
}

double dot(const Dataset& set, std::size_t a, std::size_t b) {
  double sum = 0;
  for (std::size_t f = 0; f < set.features; ++f) {
    sum += set.x[a * set.features + f] * set.x[b * set.features + f];
  }
  return sum;
}

double mean_squared_length(const Dataset& set) {
  double sum = 0;
  for (std::size_t r = 0; r < set.rows; ++r) sum += dot(set, r, r) / static_cast<double>(set.rows);
  return sum;
}

// Mean over all pairs of different rows of their product, over the mean squared length.
double mean_correlation(const Dataset& set) {
  double sum = 0;
  for (std::size_t a = 0; a < set.rows; ++a) {
    for (std::size_t b = 0; b < a; ++b) sum += dot(set, a, b);
  }
  const double pairs = 0.5 * static_cast<double>(set.rows) * static_cast<double>(set.rows - 1);
  return sum / pairs / mean_squared_length(set);
}

double mean_cosine(const Dataset& set) {
  double sum = 0;
  for (std::size_t a = 0; a < set.rows; ++a) {
    for (std::size_t b = 0; b < a; ++b) {
      sum += dot(set, a, b) / std::sqrt(dot(set, a, a) * dot(set, b, b));
    }
  }
  return sum / (0.5 * static_cast<double>(set.rows) * static_cast<double>(set.rows - 1));
}

TEST(Repeat, every_row_comes_k_times_and_nothing_else) {
  Dataset set = xor_clouds(10, 0.1, 1);
  const Dataset before = set;
  repeat(set, 3);
  EXPECT_EQ(set.rows, 30u);
  ASSERT_EQ(set.x.size(), 60u);
  ASSERT_EQ(set.label.size(), 30u);
  for (std::size_t r = 0; r < 30; ++r) {
    EXPECT_EQ(set.label[r], before.label[r % 10]);
    EXPECT_EQ(set.x[2 * r], before.x[2 * (r % 10)]);
    EXPECT_EQ(set.x[2 * r + 1], before.x[2 * (r % 10) + 1]);
  }
  EXPECT_EQ(set.classes, 2);
  EXPECT_EQ(set.feature_names, before.feature_names);
  EXPECT_TRUE(set.target.empty());
}

TEST(Repeat, keeps_proportions_and_moments) {
  Dataset set = credit();
  const Scaler once = fit_scaler(Scale::zscore, set);
  const auto good = std::count(set.label.begin(), set.label.end(), 1);
  repeat(set, 7);
  EXPECT_EQ(std::count(set.label.begin(), set.label.end(), 1), 7 * good);
  const Scaler often = fit_scaler(Scale::zscore, set);
  for (std::size_t f = 0; f < set.features; ++f) {
    EXPECT_NEAR(often.shift[f], once.shift[f], 1e-12 * std::abs(once.shift[f]));
    EXPECT_NEAR(often.factor[f], once.factor[f], 1e-12 * once.factor[f]);
  }
}

TEST(Repeat, once_changes_nothing_and_a_regression_keeps_its_targets) {
  Dataset set;
  set.rows = 2;
  set.features = 1;
  set.x = {1, 2};
  set.target = {0.5, 0.25};
  repeat(set, 1);
  EXPECT_EQ(set.x, (std::vector<double>{1, 2}));
  repeat(set, 2);
  EXPECT_EQ(set.target, (std::vector<double>{0.5, 0.25, 0.5, 0.25}));
  EXPECT_NO_THROW(check(set));
}

TEST(Repeat, refuses_what_makes_no_table) {
  Dataset set = digits();
  expect_error([&] { repeat(set, 0); }, "digits", "0 times", "at least once");
  expect_error([&] { repeat(set, -3); }, "-3 times");
  expect_error([&] { repeat(set, 1'000'000); }, "1797 rows of 64 features 1000000 times",
               "at most");
  EXPECT_EQ(set.rows, 1797u);
}

TEST(DrawTogether, rows_correlate_as_asked) {
  EXPECT_NEAR(mean_correlation(scaled_digits().test), 0, 0.005);
  for (const double rho : {0.3, 0.9, 0.999}) {
    for (const std::uint64_t seed : {1, 2, 3}) {
      Split parts = scaled_digits();
      const double length = mean_squared_length(parts.train);
      draw_together(parts, rho, seed);
      EXPECT_NEAR(mean_correlation(parts.train), rho, 0.001) << rho << ", seed " << seed;
      EXPECT_NEAR(mean_correlation(parts.test), rho, 0.04) << rho << ", seed " << seed;
      EXPECT_NEAR(mean_cosine(parts.test), rho, 0.08) << rho << ", seed " << seed;
      // The mean of a z-scored feature is 0, so nothing is left of the mixed term.
      EXPECT_NEAR(mean_squared_length(parts.train), length, 1e-9 * length);
    }
  }
}

// What all rows share is one vector, the same in all parts; what is their own is as it was, smaller.
TEST(DrawTogether, adds_one_vector_and_shrinks_the_rest) {
  const Split before = scaled_digits();
  Split parts = before;
  draw_together(parts, 0.75, 4);
  const double first = parts.train.x[5] - 0.5 * before.train.x[5];
  EXPECT_GT(std::abs(first), 1e-3);
  const auto expect = [&](const Dataset& now, const Dataset& then) {
    EXPECT_EQ(now.label, then.label);
    for (std::size_t r = 0; r < now.rows; ++r) {
      EXPECT_NEAR(now.x[r * 64 + 5] - 0.5 * then.x[r * 64 + 5], first, 1e-14);
    }
  };
  expect(parts.train, before.train);
  expect(parts.validation, before.validation);
  expect(parts.test, before.test);
}

TEST(DrawTogether, depends_on_the_seed_alone_and_rho_0_changes_nothing) {
  const Split before = scaled_digits();
  const auto drawn = [&](double rho, std::uint64_t seed) {
    Split parts = before;
    draw_together(parts, rho, seed);
    return parts.train.x;
  };
  EXPECT_EQ(drawn(0, 1), before.train.x);
  EXPECT_EQ(drawn(0.5, 1), drawn(0.5, 1));
  EXPECT_NE(drawn(0.5, 1), drawn(0.5, 2));
  for (const double wrong : {-0.1, 1.0, std::nan("")}) {
    expect_error([&] { drawn(wrong, 1); }, "digits", "correlation is", "below 1");
  }
}

}  // namespace
}  // namespace gradkeep::data
