// Two stores of the same study hold the same numbers, to the last bit; only seconds may differ.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>

#include <bit>
#include <cstdint>

#include "lab/store.h"

namespace gradkeep::lab {

inline bool same_bits(double a, double b) {
  return std::bit_cast<std::uint64_t>(a) == std::bit_cast<std::uint64_t>(b);
}

inline void expect_same_numbers(const Store& a, const Store& b) {
  const auto left = a.runs(), right = b.runs();
  ASSERT_EQ(left.size(), right.size());
  for (std::size_t i = 0; i < left.size(); ++i) {
    ASSERT_EQ(left[i].key, right[i].key);
    const auto x = a.run(left[i].id), y = b.run(right[i].id);
    ASSERT_EQ(x.curve.size(), y.curve.size());
    for (std::size_t k = 0; k < x.curve.size(); ++k) {
      EXPECT_EQ(x.curve[k].step, y.curve[k].step);
      EXPECT_TRUE(same_bits(x.curve[k].train_loss, y.curve[k].train_loss)) << x.key;
      EXPECT_TRUE(same_bits(x.curve[k].held_accuracy, y.curve[k].held_accuracy)) << x.key;
    }
    EXPECT_TRUE(same_bits(x.test_loss, y.test_loss)) << x.key;
    ASSERT_EQ(x.measures.size(), y.measures.size());
    for (std::size_t k = 0; k < x.measures.size(); ++k) {
      EXPECT_EQ(x.measures[k].probe, y.measures[k].probe);
      EXPECT_TRUE(same_bits(x.measures[k].value, y.measures[k].value))
          << x.key << " " << x.measures[k].probe;
    }
    ASSERT_EQ(x.targets.size(), y.targets.size());
    for (std::size_t k = 0; k < x.targets.size(); ++k)
      EXPECT_EQ(x.targets[k].step, y.targets[k].step);
  }
}

}  // namespace gradkeep::lab
