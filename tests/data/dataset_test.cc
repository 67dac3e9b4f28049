// Data sets: the generators are what they claim, splits are stratified and repeatable,
// scalings are fitted on the training part alone, and what cannot be used is refused.
// SPDX-License-Identifier: Apache-2.0
#include "data/dataset.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <vector>

#include "tests/data/files.h"

namespace gradkeep::data {
namespace {

std::vector<int> class_counts(const Dataset& set) {
  std::vector<int> counts(set.classes);
  for (const int label : set.label) ++counts[label];
  return counts;
}

TEST(Generators, are_repeatable_and_balanced) {
  for (const char* name : {"two_spirals", "xor", "separable"}) {
    Source source{.name = name, .rows = 200, .noise = 0.1, .seed = 5};
    const Dataset a = load(source), b = load(source);
    EXPECT_EQ(a.x, b.x) << name;
    EXPECT_EQ(class_counts(a), (std::vector<int>{100, 100})) << name;
    source.seed = 6;
    EXPECT_NE(a.x, load(source).x) << name;
  }
}

TEST(Generators, do_what_their_names_say) {
  const Dataset clouds = xor_clouds(400, 0.1, 1);
  for (std::size_t r = 0; r < clouds.rows; ++r) {
    EXPECT_EQ(clouds.label[r], clouds.x[2 * r] * clouds.x[2 * r + 1] < 0);
  }
  const Dataset spirals = two_spirals(400, 0, 1);
  for (std::size_t r = 0; r < spirals.rows; ++r) {
    const double radius = std::hypot(spirals.x[2 * r], spirals.x[2 * r + 1]);
    const double angle = M_PI * (radius / 2 + spirals.label[r]);
    EXPECT_NEAR(spirals.x[2 * r], radius * std::cos(angle), 1e-9);
  }
}

// The two classes' hulls are apart: some direction separates them by the margin.
TEST(Generators, separable_keeps_its_margin) {
  const Dataset set = separable(300, 0.3, 2);
  double best = 0;
  for (int degree = 0; degree < 360; ++degree) {
    const double c = std::cos(degree * M_PI / 180), s = std::sin(degree * M_PI / 180);
    double low = INFINITY, high = -INFINITY;
    for (std::size_t r = 0; r < set.rows; ++r) {
      const double along = set.x[2 * r] * c + set.x[2 * r + 1] * s;
      if (set.label[r]) {
        low = std::min(low, along);
      } else {
        high = std::max(high, along);
      }
    }
    best = std::max(best, low - high);
  }
  EXPECT_GT(best, 0.28);  // whole degrees miss the exact direction by a little
}

TEST(Generators, refuse_impossible_wishes) {
  expect_error([] { two_spirals(3, 0.1, 1); }, "two_spirals", "3 rows");
  expect_error([] { xor_clouds(100, -1, 1); }, "xor", "noise");
  expect_error([] { separable(100, 1.5, 1); }, "separable", "margin");
}

TEST(Split, is_stratified_disjoint_and_complete) {
  const Dataset set = digits();
  const Split parts = split(set, 0.1, 0.2, 3);
  EXPECT_EQ(parts.train.rows + parts.validation.rows + parts.test.rows, set.rows);
  const auto all = class_counts(set), validation = class_counts(parts.validation),
             test = class_counts(parts.test);
  for (int c = 0; c < 10; ++c) {
    EXPECT_NEAR(validation[c], 0.1 * all[c], 0.5);
    EXPECT_NEAR(test[c], 0.2 * all[c], 0.5);
  }
  std::multiset<std::vector<double>> before, after;
  const auto collect = [](const Dataset& part, auto& rows) {
    for (std::size_t r = 0; r < part.rows; ++r) {
      std::vector<double> row(&part.x[r * 64], &part.x[r * 64] + 64);
      row.push_back(part.label[r]);
      rows.insert(row);
    }
  };
  collect(set, before);
  for (const Dataset* part : {&parts.train, &parts.validation, &parts.test}) collect(*part, after);
  EXPECT_EQ(before, after);
}

TEST(Split, depends_on_the_seed_alone) {
  const Dataset set = digits();
  EXPECT_EQ(split(set, 0.1, 0.2, 3).test.x, split(set, 0.1, 0.2, 3).test.x);
  EXPECT_NE(split(set, 0.1, 0.2, 3).test.x, split(set, 0.1, 0.2, 4).test.x);
  EXPECT_EQ(split(set, 0, 0, 3).train.rows, set.rows);
}

// Which rows, not only in which order.
TEST(Split, draws_other_rows_for_another_seed) {
  const Dataset set = digits();
  const auto rows = [&](std::uint64_t seed) {
    const Dataset part = split(set, 0.1, 0.2, seed).test;
    std::set<std::vector<double>> seen;
    for (std::size_t r = 0; r < part.rows; ++r) seen.emplace(&part.x[r * 64], &part.x[r * 64] + 64);
    return seen;
  };
  EXPECT_NE(rows(3), rows(4));
}

TEST(Split, mixes_the_classes) {
  const auto labels = split(digits(), 0.1, 0.2, 3).train.label;
  EXPECT_FALSE(std::is_sorted(labels.begin(), labels.end()));
}

TEST(Split, refuses_shares_that_leave_nothing) {
  const Dataset set = xor_clouds(8, 0.1, 1);
  expect_error([&] { split(set, 0.5, 0.5, 1); }, "below 1");
  expect_error([&] { split(set, -0.1, 0.5, 1); }, "[0, 1)");
  expect_error([&] { split(set, 0.5, 0.49, 1); }, "class '0'", "too few");
}

TEST(Scale, is_fitted_on_the_training_part_alone) {
  Split parts = split(digits(), 0.1, 0.2, 1);
  const std::vector<double> raw = parts.test.x;
  const Scaler scaler = fit_scaler(Scale::zscore, parts.train);
  scale_inputs(Scale::zscore, parts);
  for (std::size_t f = 0; f < 64; ++f) {
    double mean = 0, squares = 0;
    for (std::size_t r = 0; r < parts.train.rows; ++r) {
      const double v = parts.train.x[r * 64 + f];
      mean += v / static_cast<double>(parts.train.rows);
      squares += v * v / static_cast<double>(parts.train.rows);
    }
    EXPECT_NEAR(mean, 0, 1e-12);
    // Some corner pixels are always 0: they stay.
    EXPECT_NEAR(squares, squares > 0 ? 1 : 0, 1e-12);
    EXPECT_EQ(parts.test.x[f], (raw[f] - scaler.shift[f]) * scaler.factor[f]);
  }
}

TEST(Scale, minmax_and_none) {
  Split parts = split(digits(), 0, 0.2, 1);
  const auto raw = parts.train.x;
  scale_inputs(Scale::none, parts);
  EXPECT_EQ(parts.train.x, raw);
  scale_inputs(Scale::minmax, parts);
  EXPECT_EQ(*std::min_element(parts.train.x.begin(), parts.train.x.end()), 0);
  EXPECT_EQ(*std::max_element(parts.train.x.begin(), parts.train.x.end()), 1);
}

TEST(Scale, refuses_what_no_scaling_brings_into_range) {
  const auto parts_with = [](double a, double b) {
    Split parts = split(xor_clouds(8, 0.1, 1), 0, 0.5, 1);
    for (std::size_t r = 0; r < parts.train.rows; ++r) parts.train.x[2 * r] = r % 2 ? a : b;
    return parts;
  };
  Split large = parts_with(1e20, -1e20), tiny = parts_with(1e-200, 2e-200), fine = large;
  expect_error([&] { scale_inputs(Scale::none, large); }, "xor", "feature 1 reaches", "1e+20",
               "expected at most 1e+18");
  expect_error([&] { scale_inputs(Scale::zscore, tiny); }, "feature 1 varies too little", "1e-200");
  EXPECT_NO_THROW(scale_inputs(Scale::zscore, fine));
}

TEST(Load, refuses_what_it_does_not_know) {
  expect_error([] { load({.name = "digit"}); }, "unknown data 'digit'", "did you mean digits");
  expect_error([] { load({.name = "csv"}); }, "csv", "file is missing");
  expect_error([] { load({.name = "csv", .file = "a.csv"}); }, "target");
  expect_error([] { load({.name = "npy", .file = "a.npy"}); }, "target_file");
  expect_error([] { parse_scale("z"); }, "none, zscore or minmax");
  expect_error([] { parse_task("regresion"); }, "did you mean regression");
}

TEST(Check, refuses_what_cannot_be_learned_from) {
  Dataset set = xor_clouds(8, 0.1, 1);
  EXPECT_NO_THROW(check(set));
  set.x[5] = NAN;
  expect_error([&] { check(set); }, "row 3, feature 2");
  expect_error([] { check(Dataset{}); }, "no rows");
}

}  // namespace
}  // namespace gradkeep::data
