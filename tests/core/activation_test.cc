// What an Activation promises about the arrays that it is given.
// SPDX-License-Identifier: Apache-2.0
#include <gradkeep/core.h>
#include <gtest/gtest.h>

#include <cstring>

#include <cmath>
#include <vector>

namespace gradkeep {
namespace {

std::vector<float> ramp(std::size_t n) {
  std::vector<float> x(n);
  for (std::size_t i = 0; i < n; ++i) x[i] = 0.37f * static_cast<float>(i) - 5.0f;
  return x;
}

// NaN, outside a domain, is no number and yet the same.
::testing::AssertionResult same_bits(std::span<const float> a, std::span<const float> b) {
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size_bytes()) == 0
             ? ::testing::AssertionSuccess()
             : ::testing::AssertionFailure();
}

TEST(Activation, RefusesSizesThatDiffer) {
  const Activation f("tanh");
  std::vector<float> x(5), y(4);
  EXPECT_THROW(f.value<float>(x, y), Error);
  EXPECT_THROW(f.backward<float>(x, y, x), Error);
  EXPECT_THROW(f.evaluate<float>(3, x, x), Error);
}

TEST(Activation, WorksInPlaceAndRefusesPartialOverlap) {
  for (const std::string& name : names()) {
    const Activation f(name);
    const std::vector<float> x = ramp(37);
    std::vector<float> y(37), same = x;
    f.value<float>(x, y);
    f.value<float>(same, same);
    EXPECT_TRUE(same_bits(y, same)) << name;
    std::span<float> all(same);
    EXPECT_THROW(f.value<float>(all.subspan(0, 30), all.subspan(3, 30)), Error);
  }
}

TEST(Activation, BackwardIsTheSlopeTimesTheGradient) {
  for (const std::string& name : names()) {
    const Activation f(name);
    const std::vector<float> x = ramp(600);
    std::vector<float> slope(600), dy(600, 3.0f), dx(600);
    f.slope<float>(x, slope);
    f.backward<float>(x, dy, dx);
    for (float& v : slope) v *= 3.0f;
    EXPECT_TRUE(same_bits(dx, slope)) << name;
    f.backward<float>(x, dy, dy);
    EXPECT_TRUE(same_bits(dx, dy)) << name << " in place";
  }
}

TEST(Activation, ValueAndSlopeTogetherAreTheSameAsApart) {
  for (const std::string& name : names()) {
    const Activation f(name);
    const std::vector<double> x = {-800, -20, -1.5, -0.0, 0.0, 0.25, 1.5, 20, 800, kInfinity};
    std::vector<double> y(x.size()), dy(x.size()), value(x.size()), slope(x.size());
    f.value_and_slope<double>(x, y, dy);
    f.value<double>(x, value);
    f.slope<double>(x, slope);
    // Bit for bit, since sine has no limit to compare.
    EXPECT_EQ(std::memcmp(y.data(), value.data(), sizeof(double) * y.size()), 0) << name;
    EXPECT_EQ(std::memcmp(dy.data(), slope.data(), sizeof(double) * y.size()), 0) << name;
    EXPECT_THROW(f.value_and_slope<double>(x, y, y), Error);
    const std::span<double> all(y);
    const std::span<const double> some = std::span(x).subspan(0, 6);
    EXPECT_THROW(f.value_and_slope<double>(some, all.subspan(0, 6), all.subspan(4, 6)), Error);
    EXPECT_THROW(f.value_and_slope<double>(some, all.subspan(1, 6), all.subspan(0, 6)), Error);
  }
}

TEST(Activation, TheOutputFormFollowsTheParameters) {
  const Activation silu("silu");
  EXPECT_FALSE(silu.has_output_form());
  std::vector<float> y(3);
  EXPECT_THROW(silu.slope_from_output<float>(y, y), Error);
  Activation prelu("prelu");
  EXPECT_TRUE(prelu.has_output_form());
  const double negative[] = {-0.5};
  prelu.set_parameters(negative);
  EXPECT_FALSE(prelu.has_output_form());
}

TEST(Activation, ParametersCanBeReplacedButNotByNonsense) {
  Activation f("elu");
  const double two[] = {2.0}, none[] = {std::nan("")};
  f.set_parameters(two);
  EXPECT_EQ(f(-kInfinity), -2.0);
  EXPECT_THROW(f.set_parameters(none), Error);
  EXPECT_THROW(f.set_parameters({}), Error);
  EXPECT_EQ(f.parameters()[0], 2.0);
}

}  // namespace
}  // namespace gradkeep
