// Mini-batches: an epoch visits every row once, whatever the batch size; the order depends on seed
// and epoch alone; labels and targets stay with their rows.
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <vector>

#include "nn/train.h"

namespace gradkeep::nn {
namespace {

// Row r is (r, -r), its label r % 3 or its target 10 r.
data::Dataset numbered(std::size_t rows, bool regression) {
  data::Dataset set;
  set.name = "numbered";
  set.rows = rows;
  set.features = 2;
  set.classes = regression ? 0 : 3;
  for (std::size_t r = 0; r < rows; ++r) {
    set.x.push_back(static_cast<double>(r));
    set.x.push_back(-static_cast<double>(r));
    if (regression) {
      set.target.push_back(10.0 * static_cast<double>(r));
    } else {
      set.label.push_back(static_cast<int>(r % 3));
    }
  }
  return set;
}

std::vector<int> epoch_of(Batches<float>& batches, int rows, int batch) {
  std::vector<int> seen;
  while (static_cast<int>(seen.size()) < rows) {
    const auto b = batches.next();
    EXPECT_EQ(b.x.rows, std::min(batch, rows - static_cast<int>(seen.size())));
    for (int r = 0; r < b.x.rows; ++r) {
      const int row = static_cast<int>(b.x(r, 0));
      EXPECT_EQ(b.x(r, 1), -b.x(r, 0));
      EXPECT_EQ(b.wanted.label[r], row % 3);
      seen.push_back(row);
    }
  }
  return seen;
}

TEST(Batches, an_epoch_visits_every_row_once) {
  const auto set = numbered(25, false);
  for (const int batch : {1, 7, 25, 100}) {
    Batches<float> batches(set, batch, 3);
    for (int epoch = 0; epoch < 3; ++epoch) {
      auto seen = epoch_of(batches, 25, batch);
      EXPECT_EQ(batches.epoch(), epoch);
      std::sort(seen.begin(), seen.end());
      std::vector<int> all(25);
      std::iota(all.begin(), all.end(), 0);
      EXPECT_EQ(seen, all);
    }
  }
}

TEST(Batches, order_depends_on_seed_and_epoch_alone) {
  const auto set = numbered(25, false);
  Batches<float> one(set, 7, 3), same(set, 5, 3), other(set, 7, 4);
  const auto first = epoch_of(one, 25, 7);
  EXPECT_EQ(first, epoch_of(same, 25, 5));
  EXPECT_NE(first, epoch_of(other, 25, 7));
  const auto second = epoch_of(one, 25, 7);
  EXPECT_NE(first, second);
  EXPECT_EQ(second, epoch_of(same, 25, 5));
}

TEST(Batches, targets_stay_with_their_rows) {
  const auto set = numbered(10, true);
  Batches<double> batches(set, 4, 1);
  for (int i = 0; i < 6; ++i) {
    const auto b = batches.next();
    for (int r = 0; r < b.x.rows; ++r) EXPECT_EQ(b.wanted.target(r, 0), 10 * b.x(r, 0));
  }
}

}  // namespace
}  // namespace gradkeep::nn
