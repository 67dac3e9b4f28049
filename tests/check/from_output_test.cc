// The slope from the output: y is f(x) rounded, so what can be known of f'(x) is limited by y. The
// bound checked is that loss, |d f'/dy| ulp(y) / 2 with d f'/dy = f''/f' (twice that where y is
// subnormal, and a square root bends within its last bit), plus the form's own error: one ulp(y) where
// it subtracts from y, and the four ulps of a kernel.
// SPDX-License-Identifier: Apache-2.0

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "check/samples.h"
#include "check/truth.h"

namespace gradkeep::check {
namespace {

std::vector<std::string> functions_with_that_form() {
  std::vector<std::string> chosen;
  for (const std::string& name : names()) {
    if (find_info(name)->slope_from_output) chosen.push_back(name);
  }
  return chosen;
}

class FromOutput : public ::testing::TestWithParam<std::string> {};

template <class T>
void check_slope(const Activation& f) {
  const Truth truth(f);
  const Format& format = kFormatOf<T>;
  std::vector<T> x = common_samples<T>(
      {.mantissa_bits = 3, .steps = 2, .stride = 400009, .random = 2000, .random_bits = 100});
  std::erase_if(x, [](T v) { return !std::isfinite(v) || std::abs(v) > 1e4; });
  std::vector<T> y(x.size()), slope(x.size());
  f.value<T>(x, y, Tier::exact);
  f.slope_from_output<T>(y, slope);
  for (std::size_t i = 0; i < x.size(); ++i) {
    if (std::isinf(y[i])) continue;  // an output that overflowed knows nothing
    const double want = truth.at(Ask::slope, x[i], kBinary64).rounded;
    const double curvature = truth.at(Ask::curvature, x[i], kBinary64).rounded;
    const double steepness = want == 0 ? 0 : std::abs(curvature / want);
    const double lost = std::abs(y[i]) < std::numeric_limits<T>::min() ? 1 : 0.5;
    const double bound = (steepness * lost + 1) * ulp(y[i], format) + 4 * ulp(want, format);
    ASSERT_LE(std::abs(slope[i] - want), bound)
        << "x " << x[i] << ", y " << y[i] << ": got " << slope[i] << ", want " << want;
  }
}

TEST_P(FromOutput, LosesNoMoreThanTheOutputLost) {
  const Activation f(GetParam());
  check_slope<float>(f);
  check_slope<double>(f);
}

TEST_P(FromOutput, BackwardMultipliesBySlope) {
  const Activation f(GetParam());
  const std::vector<float> y{0.125f, 0.5f, 0.875f}, dy{1, -2, 3};
  std::vector<float> slope(3), dx(3);
  f.slope_from_output<float>(y, slope);
  f.backward_from_output<float>(y, dy, dx);
  for (std::size_t i = 0; i < 3; ++i) EXPECT_EQ(dx[i], dy[i] * slope[i]);
}

INSTANTIATE_TEST_SUITE_P(Registry, FromOutput, ::testing::ValuesIn(functions_with_that_form()),
                         [](const auto& instance) { return instance.param; });

TEST(FromOutput, IsRefusedWhereTheFormDoesNotExist) {
  const std::vector<float> y{0.5f};
  std::vector<float> dy(1);
  int refused = 0;
  for (const std::string& name : names()) {
    const Activation f(name);
    if (f.info().slope_from_output) continue;
    EXPECT_THROW(f.slope_from_output<float>(y, dy), Error) << name;
    EXPECT_THROW(f.backward_from_output<float>(y, y, dy), Error) << name;
    ++refused;
  }
  EXPECT_GT(refused, 0);
  // With a < 0 prelu folds: one y belongs to two x.
  EXPECT_THROW(Activation("prelu(-0.5)", Bounds::any).slope_from_output<float>(y, dy), Error);
}

}  // namespace
}  // namespace gradkeep::check
