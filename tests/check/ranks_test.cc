// The rank test against the numbers of scipy.stats.mannwhitneyu(a, b, method="asymptotic").
// SPDX-License-Identifier: Apache-2.0
#include "check/ranks.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace gradkeep::check {
namespace {

const std::vector<double> kLow{1.1, 2.2, 3.3, 4.4, 5.5, 6.6, 7.7, 8.8};
const std::vector<double> kHigh{5, 6, 7, 8, 9, 10, 11, 12};
const std::vector<double> kTied{1, 2, 2, 3, 3, 3, 4, 5};

TEST(Ranks, AgreeWithScipy) {
  EXPECT_NEAR(rank_test(kLow, kHigh), 0.023948674879759435, 1e-12);
  EXPECT_NEAR(rank_test(kLow, kTied), 0.081990321000383, 1e-12);
  EXPECT_NEAR(rank_test(kHigh, kTied), 0.0010750562593411978, 1e-12);
}

TEST(Ranks, DoNotDependOnOrderOrDirection) {
  const std::vector<double> turned(kLow.rbegin(), kLow.rend());
  EXPECT_EQ(rank_test(turned, kHigh), rank_test(kLow, kHigh));
  EXPECT_EQ(rank_test(kHigh, kLow), rank_test(kLow, kHigh));
}

TEST(Ranks, OneOutlierDecidesNothing) {
  std::vector<double> disturbed = kLow;
  disturbed.back() = 1e9;
  EXPECT_GT(rank_test(disturbed, kLow), 0.5);
}

TEST(Ranks, EqualOrEmptyListsDoNotDiffer) {
  EXPECT_EQ(rank_test(kLow, kLow), 1);
  EXPECT_EQ(rank_test(kLow, {}), 1);
  const std::vector<double> one(5, 1.0);
  EXPECT_EQ(rank_test(one, one), 1);
}

TEST(Ranks, Median) {
  EXPECT_EQ(median(std::vector<double>{3, 1, 2}), 2);
  EXPECT_EQ(median(std::vector<double>{4, 1, 2, 3}), 2.5);
  EXPECT_TRUE(std::isnan(median({})));
}

}  // namespace
}  // namespace gradkeep::check
