// Parameters of every size that a definition allows, up to both ends: where a product with one would
// leave the range of float or double, other arithmetic takes over, and promises hold all the same.
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

constexpr double kMax = std::numeric_limits<double>::max();

// Sizes at the ends of double and float, at the borders between kinds of arithmetic
// (core/definition.h) and beyond both sides of them.
std::vector<double> sizes() {
  std::vector<double> all{0, 0x1p-1074, 1e-290, 1e-40, 1e39, 1e290, kMax};
  for (const double border : {0x1p14, 0x1p-14, 0x1p160, 0x1p-160}) {
    all.push_back(border);
    all.push_back(std::nextafter(border, border > 1 ? kMax : 0));
  }
  return all;
}

// The function with one parameter of each size, the others at their defaults, and with all of it.
std::vector<Activation> variants(const std::string& name) {
  const Activation f(name);
  const std::size_t count = f.parameters().size();
  std::vector<Activation> all;
  for (const double size : sizes()) {
    for (const double v : {size, -size}) {
      for (std::size_t k = 0; k <= count; ++k) {
        std::vector<double> p(f.parameters().begin(), f.parameters().end());
        for (std::size_t i = 0; i < count; ++i) {
          if (k == i || k == count) p[i] = v;
        }
        try {
          all.emplace_back(name, p, Bounds::any);
        } catch (const Error&) {  // outside what is possible
        }
      }
    }
  }
  return all;
}

// Of everyday size, at the ends of T, where the product with a parameter is of everyday size, and
// where e^x makes up for its size.
template <class T>
std::vector<T> inputs(const Activation& f) {
  std::vector<double> sizes{std::numeric_limits<T>::denorm_min(),
                            std::numeric_limits<T>::max(),
                            1e-30,
                            1e-3,
                            0.3,
                            1,
                            2.5,
                            30,
                            1e10,
                            1e30};
  for (const double p : f.parameters()) {
    for (const double z : {0.01, 0.7, 3.0, 20.0, 100.0, 500.0}) sizes.push_back(z / std::abs(p));
    for (const double d : {-50.0, -3.0, 0.0, 4.0}) {
      if (p != 0) sizes.push_back(std::abs(std::log(std::abs(p)) + d));
    }
  }
  std::vector<T> x{0};
  for (const double v : sizes) {
    if (!(v <= std::numeric_limits<T>::max())) continue;
    x.push_back(static_cast<T>(v));
    x.push_back(static_cast<T>(-v));
  }
  return x;
}

class Parameters : public ::testing::TestWithParam<std::string> {};

template <class T>
void check_promises(const Activation& f) {
  const Truth truth(f);
  const std::vector<T> x = inputs<T>(f);
  std::vector<T> fast(x.size()), exact(x.size());
  const auto parameters = static_cast<int>(f.parameters().size());
  for (int order = 0; order < 3 + parameters; ++order) {
    const auto ask = static_cast<Ask>(order);
    if (order < 3) {
      f.evaluate<T>(order, x, fast, Tier::fast);
      f.evaluate<T>(order, x, exact, Tier::exact);
    } else {
      f.parameter_slope<T>(order - 3, x, fast);
    }
    for (std::size_t i = 0; i < x.size(); ++i) {
      const Reference t = truth.at(ask, x[i], kFormatOf<T>);
      EXPECT_LE(error_in_ulps(t, fast[i]), sizeof(T) == 4 ? 4 : 2)
          << f.text() << ", " << to_string(ask) << " at " << x[i] << ": got " << fast[i]
          << ", want " << t.rounded;
      if (order < 3) {
        // In double a tie that something below 2^-106 decides is left to chance.
        const bool right = sizeof(T) == 4 ? rounded_correctly(t, exact[i])
                                          : error_in_ulps(t, exact[i]) < 0.5000001;
        EXPECT_TRUE(right) << f.text() << ", exact " << to_string(ask) << " at " << x[i] << ": got "
                           << exact[i] << ", want " << t.rounded;
      }
    }
  }
}

TEST_P(Parameters, OfAnySizeKeepThePromises) {
  for (const Activation& f : variants(GetParam())) {
    check_promises<float>(f);
    check_promises<double>(f);
  }
}

template <class T>
void check_other_doors(const Activation& f) {
  const std::vector<T> x = inputs<T>(f);
  const std::size_t n = x.size();
  std::vector<T> value(n), slope(n), y(n), dy(n), dx(n);
  f.value<T>(x, value);
  f.slope<T>(x, slope);
  y = x;
  f.value_and_slope<T>(y, y, dy);
  f.backward<T>(x, std::vector<T>(n, T(0.5)), dx);
  for (std::size_t i = 0; i < n; ++i) {
    EXPECT_TRUE(same_bits(y[i], value[i])) << f.text() << " at " << x[i];
    EXPECT_TRUE(same_bits(dy[i], slope[i])) << f.text() << " at " << x[i];
    EXPECT_TRUE(same_bits(dx[i], T(0.5) * slope[i])) << f.text() << " at " << x[i];
  }
  if (!f.has_output_form()) return;
  f.slope_from_output<T>(value, dy);
  f.backward_from_output<T>(value, std::vector<T>(n, T(0.5)), dx);
  for (std::size_t i = 0; i < n; ++i) {
    EXPECT_FALSE(std::isnan(dy[i])) << f.text() << " from the output " << value[i];
    EXPECT_TRUE(same_bits(dx[i], T(0.5) * dy[i])) << f.text() << " from the output " << value[i];
  }
}

TEST_P(Parameters, OfAnySizeGiveTheSameThroughEveryDoor) {
  for (const Activation& f : variants(GetParam())) {
    check_other_doors<float>(f);
    check_other_doors<double>(f);
  }
}

// 1 + x/16 is a tie of two floats, and the sigmoid is short of 1 by e^-1002.
TEST(Ties, AreDecidedByATailBelowEverything) {
  const Activation f("improved_sigmoid(2, 0.0625)");
  const Truth truth(f);
  for (const float x : {501.0f + 0x1p-15f, 501.0f + 0x3p-15f, 501.0f + 0x5p-15f}) {
    float y;
    f.value<float>({&x, 1}, {&y, 1}, Tier::exact);
    EXPECT_EQ(y, truth.rounded<float>(Ask::value, x)) << x;
  }
}

// A cut that float rounds away from zero is still where the slope from the output ends.
TEST(Cuts, AreWhereTheOutputSaysTheyAre) {
  const Activation f("hard_tanh(min=-1e-5, max=1e-5)");
  const std::vector<float> x{-1, -5e-6f, 5e-6f, 1};
  std::vector<float> y(4), slope(4);
  f.value<float>(x, y);
  f.slope_from_output<float>(y, slope);
  EXPECT_EQ(slope, (std::vector<float>{0, 1, 1, 0}));
}

std::vector<std::string> functions_with_parameters() {
  std::vector<std::string> chosen;
  for (const std::string& name : names()) {
    if (!find_info(name)->parameters.empty()) chosen.push_back(name);
  }
  return chosen;
}

INSTANTIATE_TEST_SUITE_P(Registry, Parameters, ::testing::ValuesIn(functions_with_parameters()),
                         [](const auto& instance) { return instance.param; });

}  // namespace
}  // namespace gradkeep::check
