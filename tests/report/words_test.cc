// Numbers as people read them, and the rule for differences.
// SPDX-License-Identifier: Apache-2.0
#include "report/words.h"

#include <gtest/gtest.h>

#include <limits>

#include "report/compare.h"

namespace gradkeep::report {
namespace {

TEST(Words, NumbersHaveFewDigits) {
  EXPECT_EQ(number(0.2361), "0.236");
  EXPECT_EQ(number(0.25), "0.25");
  EXPECT_EQ(number(240.96), "241");
  EXPECT_EQ(number(99999), "100000");
  EXPECT_EQ(number(0.9996), "1");
  EXPECT_EQ(number(-1.5), "−1.5");
  EXPECT_EQ(number(0), "0");
  EXPECT_EQ(number(2.168e-19), "2.2×10⁻¹⁹");
  EXPECT_EQ(number(3.1e12), "3.1×10¹²");
  EXPECT_EQ(number(std::numeric_limits<double>::quiet_NaN()), "–");
  EXPECT_EQ(number(std::numeric_limits<double>::infinity()), "–");
}

TEST(Words, UnitsAndLists) {
  EXPECT_EQ(percent(0.1012), "10.1 %");
  EXPECT_EQ(points(-0.852), "85.2 points");
  EXPECT_EQ(seconds(3.1e-4), "310 µs");
  EXPECT_EQ(seconds(0.0176), "17.6 ms");
  EXPECT_EQ(seconds(72.04), "72 s");
  EXPECT_EQ(thousands(1797), "1,797");
  EXPECT_EQ(thousands(324), "324");
  EXPECT_EQ(format_name("f16"), "float16");
  EXPECT_EQ(format_name("bf16"), "bfloat16");
  EXPECT_EQ(thousands(-1234567), "-1,234,567");
  EXPECT_EQ(join({}), "");
  EXPECT_EQ(join({"a"}), "a");
  EXPECT_EQ(join({"a", "b", "c"}), "a, b and c");
  EXPECT_EQ(count(1, "network"), "1 network");
  EXPECT_EQ(count(3, "network"), "3 networks");
  EXPECT_EQ(width("10⁻¹²"), 5);
  EXPECT_EQ(padded("é", 3, true), "  é");
}

TEST(Words, MarkupIsText) {
  EXPECT_EQ(escaped("<b a=\"1\">&"), "&lt;b a=&quot;1&quot;&gt;&amp;");
  EXPECT_EQ(escaped("10.1 % of"), "10.1&nbsp;% of");
}

TEST(Compare, SpreadsSkipWhatIsNotFinite) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const auto s = arithmetic_spread(std::vector{1.0, nan, 4.0});
  EXPECT_EQ(s.mid, 2.5);
  EXPECT_EQ(s.low, 1);
  EXPECT_EQ(s.high, 4);
  EXPECT_FALSE(arithmetic_spread(std::vector{nan}).known());
  EXPECT_NEAR(geometric_spread(std::vector{1e-3, 1e-5}).mid, 1e-4, 1e-16);
  EXPECT_EQ(geometric_spread(std::vector{1e-3, 0.0}).mid, 0);
}

TEST(Compare, OverlapIsNoDifference) {
  const Spread low{0.90, 0.88, 0.92}, high{0.95, 0.93, 0.97}, far{0.99, 0.985, 0.995};
  EXPECT_FALSE(apart(low, high, 100000));  // ranges of 0.04 each
  EXPECT_TRUE(apart(low, far, 100000));
  EXPECT_FALSE(apart(low, far, 40));  // so few examples cannot tell
  EXPECT_FALSE(apart(low, low, 100000));
  EXPECT_FALSE(apart({0.102, 0.102, 0.102}, {0.1, 0.1, 0.1}, 450));
}

TEST(Compare, UnknownIsNoDifference) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  EXPECT_FALSE(apart({nan, nan, nan}, {1, 1, 1}, 1000));
  EXPECT_FALSE(apart({nan, nan, nan}, {1, 1, 1}));
  EXPECT_TRUE(apart({10, 9, 11}, {14, 14, 14}));
}

TEST(Words, ColumnsOfNumbersAreKnown) {
  const std::vector<std::vector<std::string>> rows = {
      {"1", "−12.4", "in months", "–", "< 0.1", "not reached"},
      {"2", "–", "not used", "–", "2.2×10⁻¹⁹", "40"},
      {"3", "31", "7 days", "–", "+3 points", "50"}};
  EXPECT_EQ(number_columns(rows), (std::vector<bool>{false, true, false, true, true, true}));
  EXPECT_TRUE(number_columns({}).empty());
}

}  // namespace
}  // namespace gradkeep::report
