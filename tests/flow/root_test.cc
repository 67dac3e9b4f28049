// A root is found to the last bit in few evaluations: the Illinois rule converges faster than linearly.
// SPDX-License-Identifier: Apache-2.0
#include "flow/root.h"

#include <gtest/gtest.h>

#include <cmath>

namespace gradkeep {
namespace {

TEST(Root, TakesFewEvaluations) {
  int evaluations = 0;
  const auto f = [&](double x) {
    ++evaluations;
    return std::exp(x) - 2;
  };
  EXPECT_NEAR(flow::root(f, 0, 4), std::log(2.0), 1e-15);
  EXPECT_LE(evaluations, 20);
}

// Flat to the left of the root and steep to the right: four evaluations for each halving of the range.
TEST(Root, DoesNotStall) {
  int evaluations = 0;
  const auto f = [&](double x) {
    ++evaluations;
    return x < 0.1 ? -0.1 * std::pow(0.1 - x, 9) : std::pow(x - 0.1, 1.0 / 9);
  };
  EXPECT_NEAR(flow::root(f, -1, 2), 0.1, 1e-15);
  EXPECT_LE(evaluations, 4 * 60);
}

}  // namespace
}  // namespace gradkeep
