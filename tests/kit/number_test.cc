// Numbers of the four formats as bits, ordinals, bytes and text.
// SPDX-License-Identifier: Apache-2.0
#include "kit/number.h"

#include <gradkeep/core.h>

#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <limits>

#include "kit/inputs.h"

namespace gradkeep::kit {
namespace {

TEST(Numbers, OrdinalsAreInTheOrderOfTheNumbers) {
  for (const NumberType& type : number_types()) {
    const Number number = type.number;
    double last = -std::numeric_limits<double>::infinity();
    const std::int64_t first = ordinal(number, -std::numeric_limits<double>::infinity());
    EXPECT_EQ(ordinal(number, 0.0), 0);
    EXPECT_EQ(ordinal(number, -0.0), -1);
    for (std::int64_t n = first + 1; n < first + 3000; ++n) {
      const double v = from_ordinal(number, n);
      EXPECT_GT(v, last) << type.name;
      EXPECT_EQ(ordinal(number, v), n);
      last = v;
    }
    EXPECT_EQ(from_ordinal(number, 1), std::ldexp(1.0, type.format.least_exponent()));
  }
}

TEST(Numbers, GoThroughBytesAndText) {
  for (const NumberType& type : number_types()) {
    std::vector<double> x;
    for (std::int64_t n = -200000000; n < 200000000; n += 1234567) {
      x.push_back(from_ordinal(type.number, n % 30000));
    }
    EXPECT_EQ(from_bytes(type.number, to_bytes(type.number, x)), x);
    for (const double v : x) {
      const double back = std::strtod(shortest_text(type.number, v).c_str(), nullptr);
      EXPECT_EQ(bits_of(type.number, back), bits_of(type.number, v)) << type.name << " " << v;
    }
  }
  EXPECT_EQ(bits_text(Number::f32, -5.5), "0xc0b00000");
  EXPECT_EQ(bits_text(Number::bf16, 1), "0x3f80");
  EXPECT_EQ(shortest_text(Number::f32, 0.1f), "0.1");
  EXPECT_EQ(shortest_text(Number::bf16, number_of(Number::bf16, 0x3dcd)), "0.1");
  EXPECT_EQ(shortest_text(Number::f16, -kInfinity), "-inf");
}

// Every float that is no NaN once, in runs that meet.
TEST(Inputs, PartsAreAllFloats) {
  for (const int part : {0, 1023, 3069}) EXPECT_EQ(all_floats(part).size(), 1u << 20);
  for (const int part : {7, 1000, 2047, 2048, 3000}) {
    const std::vector<double> x = all_floats(part);
    for (std::size_t i = 1; i < x.size(); ++i) {
      ASSERT_EQ(ordinal(Number::f32, x[i]) - ordinal(Number::f32, x[i - 1]), 1);
    }
  }
  const std::vector<double> last = all_floats(2039), nothing = all_floats(2047);
  EXPECT_EQ(last.back(), std::numeric_limits<float>::max());
  EXPECT_TRUE(nothing.empty());
  EXPECT_EQ(all_floats(2040), std::vector<double>{kInfinity});
}

}  // namespace
}  // namespace gradkeep::kit
