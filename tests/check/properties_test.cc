// What must hold of every function in the registry, whatever it computes: limits, NaN, signed zeros,
// the same bits at every length and offset and in place, symmetry, range, and kinks where info says.
// SPDX-License-Identifier: Apache-2.0

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <random>
#include <string>
#include <tuple>
#include <type_traits>
#include <vector>

#include "check/samples.h"
#include "check/truth.h"

namespace gradkeep::check {
namespace {

template <class T>
std::vector<T> evaluate(const Activation& f, int order, const std::vector<T>& x, Tier tier) {
  std::vector<T> out(x.size());
  f.evaluate<T>(order, x, out, tier);
  return out;
}

template <class T>
T at(const Activation& f, int order, T x, Tier tier = Tier::exact) {
  return evaluate<T>(f, order, {x}, tier)[0];
}

template <class T>
const std::vector<T>& sample() {
  static const std::vector<T> x = common_samples<T>(
      {.mantissa_bits = 2, .steps = 2, .stride = 1999993, .random = 1000, .random_bits = 500});
  return x;
}

// f over sample<T>(), for all tests that look at it: in float64 the exact tier takes a long time.
template <class T>
const std::vector<T>& over_sample(const Activation& f, int order, Tier tier) {
  static std::map<std::tuple<std::string, int, Tier>, std::vector<T>> known;
  std::vector<T>& y = known[{f.text(), order, tier}];
  if (y.empty()) y = evaluate(f, order, sample<T>(), tier);
  return y;
}

class Property : public ::testing::TestWithParam<std::string> {
 protected:
  // Calls test(float()) and test(double()) with the tier.
  template <class Test>
  void for_types_and_tiers(Test test) {
    for (Tier tier : {Tier::fast, Tier::exact}) {
      SCOPED_TRACE(tier == Tier::fast ? "fast" : "exact");
      {
        SCOPED_TRACE("f32");
        test(float(), tier);
      }
      SCOPED_TRACE("f64");
      test(double(), tier);
    }
  }
  const Activation f{GetParam()};
};

// The domain's ends are infinite for almost all functions.
TEST_P(Property, EndsOfTheDomainGoToTheLimits) {
  for_types_and_tiers([&](auto zero, Tier tier) {
    using T = decltype(zero);
    for (int order = 0; order < 3; ++order) {
      for (const bool low : {true, false}) {
        const auto end = static_cast<T>(low ? f.domain().low : f.domain().high);
        const double limit = (low ? f.limits().minus : f.limits().plus)[order];
        const T got = at(f, order, end, tier);
        EXPECT_TRUE(got == static_cast<T>(limit) || (std::isnan(got) && std::isnan(limit)))
            << order << " at " << end << ": " << got;
      }
    }
  });
}

TEST_P(Property, OutsideTheDomainIsNan) {
  const Interval domain = f.domain();
  const Truth truth(f);
  int outside = 0;
  for_types_and_tiers([&](auto zero, Tier tier) {
    using T = decltype(zero);
    std::vector<T> ends;
    for (const double end : {domain.low, domain.high}) {
      const T inf = std::numeric_limits<T>::infinity(), t = static_cast<T>(end);
      ends.insert(ends.end(), {std::nextafter(t, -inf), std::nextafter(t, inf)});
    }
    std::vector<T> x = sample<T>();
    x.insert(x.end(), ends.begin(), ends.end());
    for (int order = 0; order < 3; ++order) {
      std::vector<T> y = over_sample<T>(f, order, tier);
      const std::vector<T> at_ends = evaluate(f, order, ends, tier);
      y.insert(y.end(), at_ends.begin(), at_ends.end());
      for (std::size_t i = 0; i < x.size(); ++i) {
        if (std::isnan(x[i])) continue;
        const bool out = x[i] < domain.low || x[i] > domain.high;
        outside += out;
        const bool limitless = std::isinf(x[i]) && std::isnan(f.limits().plus[order]);
        ASSERT_EQ(std::isnan(y[i]), out || limitless) << order << " at " << x[i];
        if (out) {
          ASSERT_TRUE(std::isnan(truth.rounded<T>(ask_order(order), x[i]))) << x[i];
        }
      }
    }
  });
  EXPECT_EQ(outside > 0, std::isfinite(domain.low) || std::isfinite(domain.high));
}

TEST_P(Property, LimitsAreApproached) {
  const Interval domain = f.domain();
  for (int order = 0; order < 3; ++order) {
    for (const bool low : {true, false}) {
      const double end = low ? domain.low : domain.high;
      const double limit = (low ? f.limits().minus : f.limits().plus)[order];
      if (std::isfinite(end)) {
        const double near = std::nextafter(end, low ? kInfinity : -kInfinity);
        if (std::isinf(limit)) {
          EXPECT_GT(at(f, order, near) * std::copysign(1, limit), 100) << order;
        } else {
          EXPECT_NEAR(at(f, order, near), limit, 1e-6) << order;
        }
        continue;
      }
      const double x = low ? -1e50 : 1e50;
      if (std::isnan(limit)) {  // there is none: far out it still goes up and down
        const auto [least, most] = std::minmax(
            {at(f, order, x), at(f, order, 1.1 * x), at(f, order, 1.2 * x), at(f, order, 1.3 * x)});
        EXPECT_GT(most - least, 1e-3) << order;
      } else if (std::isinf(limit)) {
        EXPECT_GT(at(f, order, x) * std::copysign(1, limit), 1e20) << order;
      } else {
        EXPECT_NEAR(at(f, order, x), limit, 1e-12) << order;
      }
    }
  }
}

TEST_P(Property, NanGivesNan) {
  for_types_and_tiers([&](auto zero, Tier tier) {
    using T = decltype(zero);
    const T nan = std::numeric_limits<T>::quiet_NaN();
    for (T x : {nan, -nan}) {
      for (int order = 0; order < 3; ++order)
        EXPECT_TRUE(std::isnan(at(f, order, x, tier))) << order;
    }
  });
}

TEST_P(Property, NanGivesNanInParameterSlopesAndFromOutput) {
  const std::vector<float> x{1, std::nanf(""), -1};
  std::vector<float> out(3);
  for (int k = 0; k < static_cast<int>(f.parameters().size()); ++k) {
    f.parameter_slope<float>(k, x, out);
    EXPECT_TRUE(std::isnan(out[1])) << k;
    EXPECT_FALSE(std::isnan(out[0]) || std::isnan(out[2])) << k;
  }
  if (!f.info().slope_from_output) return;
  const std::vector<float> y{0.5f, std::nanf(""), 0.25f};
  f.slope_from_output<float>(y, out);
  EXPECT_TRUE(std::isnan(out[1]));
  EXPECT_FALSE(std::isnan(out[0]) || std::isnan(out[2]));
}

TEST_P(Property, ZeroKeepsItsSign) {
  for_types_and_tiers([&](auto zero, Tier tier) {
    using T = decltype(zero);
    const T plus = at(f, 0, T(0), tier), minus = at(f, 0, -T(0), tier);
    EXPECT_EQ(plus, minus);
    if (plus != 0) return;
    EXPECT_FALSE(std::signbit(plus));
    EXPECT_EQ(std::signbit(minus), f.info().symmetry != Symmetry::even);
  });
}

// The widest vectors have 64 bytes, and the loops take one at a time.
TEST_P(Property, EveryLengthAndOffsetGivesTheSameBits) {
  for_types_and_tiers([&](auto zero, Tier tier) {
    using T = decltype(zero);
    constexpr std::size_t kLanes = 64 / sizeof(T);
    std::mt19937 random(3);
    std::normal_distribution<double> normal(0, 4);
    std::vector<T> x(5 * kLanes);
    for (T& v : x) v = static_cast<T>(normal(random));
    for (int order = 0; order < 3; ++order) {
      std::vector<T> want;
      for (T v : x) want.push_back(at(f, order, v, tier));
      for (std::size_t length = 0; length <= 3 * kLanes + 1; ++length) {
        for (std::size_t offset = 0; offset <= kLanes; ++offset) {
          std::vector<T> out(x.size(), T(-77));
          f.evaluate<T>(order, std::span<const T>(x).subspan(offset, length),
                        std::span<T>(out).subspan(offset, length), tier);
          for (std::size_t i = 0; i < x.size(); ++i) {
            const bool inside = offset <= i && i < offset + length;
            ASSERT_TRUE(same_bits(out[i], inside ? want[i] : T(-77)))
                << "order " << order << ", length " << length << ", offset " << offset << ", x "
                << x[i] << ": " << out[i] << " is not " << want[i];
          }
        }
      }
    }
  });
}

// A third of the inputs, so that in its vector each has other neighbours than in the whole sample.
TEST_P(Property, InPlaceIsTheSame) {
  for_types_and_tiers([&](auto zero, Tier tier) {
    using T = decltype(zero);
    for (int order = 0; order < 3; ++order) {
      const std::vector<T>& want = over_sample<T>(f, order, tier);
      std::vector<T> both;
      for (std::size_t i = 0; i < want.size(); i += 3) both.push_back(sample<T>()[i]);
      f.evaluate<T>(order, both, both, tier);
      for (std::size_t k = 0; k < both.size(); ++k) {
        ASSERT_TRUE(same_bits(both[k], want[3 * k])) << sample<T>()[3 * k];
      }
    }
  });
}

TEST_P(Property, ValueAndSlopeTogetherAreTheSame) {
  const std::vector<float>& x = sample<float>();
  std::vector<float> y(x.size()), dy(x.size());
  f.value_and_slope<float>(x, y, dy);
  const auto &value = over_sample<float>(f, 0, Tier::fast),
             &slope = over_sample<float>(f, 1, Tier::fast);
  for (std::size_t i = 0; i < x.size(); ++i) {
    ASSERT_TRUE(same_bits(y[i], value[i]) && same_bits(dy[i], slope[i])) << x[i];
  }
}

TEST_P(Property, BackwardMultipliesBySlope) {
  const std::vector<double>& x = sample<double>();
  std::vector<double> dx(x.size());
  f.backward<double>(x, std::vector<double>(x.size(), -3.0), dx);
  const std::vector<double>& slope = over_sample<double>(f, 1, Tier::fast);
  for (std::size_t i = 0; i < x.size(); ++i) ASSERT_TRUE(same_bits(dx[i], -3.0 * slope[i])) << x[i];
}

TEST_P(Property, SymmetryIsAsInfoSays) {
  const Symmetry symmetry = f.info().symmetry;
  const std::vector<float>& x = sample<float>();
  for (float v : x) {
    if (std::isnan(v)) continue;
    const float right = at(f, 0, v), left = at(f, 0, -v);
    if (symmetry == Symmetry::odd) {  // a zero has the sign of x at x = 0 only
      EXPECT_TRUE(same_bits(left, -right) || (left == 0 && right == 0)) << v;
    }
    if (symmetry == Symmetry::even) {
      EXPECT_TRUE(same_bits(left, right)) << v;
    }
    if (symmetry == Symmetry::point && std::abs(v) < 1e6f) {
      EXPECT_NEAR(left + right, 2 * at(f, 0, 0.0f), 1e-6f * (1 + std::abs(right))) << v;
    }
  }
  if (symmetry == Symmetry::none && f.parameters().empty()) {
    const double sum = at(f, 0, 2.0) + at(f, 0, -2.0);
    EXPECT_NE(at(f, 0, 2.0), at(f, 0, -2.0));
    EXPECT_NE(sum, 2 * at(f, 0, 0.0));
  }
}

TEST_P(Property, ValuesStayInRange) {
  const Interval range = f.range();
  for_types_and_tiers([&](auto zero, Tier tier) {
    using T = decltype(zero);
    for (T v : over_sample<T>(f, 0, tier)) {
      if (std::isnan(v)) continue;
      EXPECT_GE(v, static_cast<T>(range.low));
      EXPECT_LE(v, static_cast<T>(range.high));
    }
  });
}

// A limit of 0 has the sign that the function has far out, in every tier and in truth.
TEST_P(Property, ZeroLimitsHaveTheSignOfTheirSide) {
  const Truth truth(f);
  for_types_and_tiers([&](auto zero, Tier tier) {
    using T = decltype(zero);
    for (int order = 0; order < 3; ++order) {
      for (const T side : {T(-1), T(1)}) {
        if (std::isfinite(side < 0 ? f.domain().low : f.domain().high)) continue;
        const T limit = at(f, order, side * std::numeric_limits<T>::infinity(), tier);
        const T truly =
            truth.rounded<T>(ask_order(order), side * std::numeric_limits<T>::infinity());
        EXPECT_TRUE(same_bits(limit, truly)) << order << " at " << side << " inf";
        if (limit != 0) continue;
        const T far = at(f, order, side * std::numeric_limits<T>::max(), tier);
        EXPECT_EQ(std::signbit(limit), std::signbit(far)) << order << " at " << side << " inf";
      }
    }
  });
}

// At a kink value, slope or curvature jumps, and results there are those of one side; elsewhere (tried
// at 0 and +-1) all are continuous.
TEST_P(Property, KinksAreWhereInfoSays) {
  const std::vector<double> kinks = f.kinks();
  EXPECT_EQ(kinks.size(), f.info().kinks.size());
  const auto is_kink = [&](double x) {
    return std::find(kinks.begin(), kinks.end(), x) != kinks.end();
  };
  std::vector<double> points{0, 1, -1};
  points.insert(points.end(), kinks.begin(), kinks.end());
  std::erase_if(points, [&](double x) { return !f.domain().contains(x); });
  for (double point : points) {
    const double below = std::nextafter(point, -kInfinity),
                 above = std::nextafter(point, kInfinity);
    bool jump = false;
    for (int order : {0, 1, 2}) {
      const double left = at(f, order, below), right = at(f, order, above),
                   here = at(f, order, point);
      jump |= std::abs(left - right) > 1e-3;
      EXPECT_LT(std::min(std::abs(here - left), std::abs(here - right)), 1e-9)
          << "order " << order << " at " << point;
    }
    EXPECT_EQ(jump, is_kink(point)) << "at " << point;
  }
  for (const Kink& kink : f.info().kinks) {
    EXPECT_FALSE(kink.convention.empty());
    if (kink.convention.find("x <= 0") == std::string::npos) continue;
    for (int order : {0, 1, 2}) {
      EXPECT_NEAR(at(f, order, 0.0), at(f, order, -0x1p-1074), 1e-9) << "not the branch x <= 0";
    }
  }
}

TEST_P(Property, OneNumberIsTheExactDouble) {
  const Truth truth(f);
  for (double x : {-40.25, -5.5, -1.0, -0.3, 0.0, 1e-9, 0.7, 1.0, 6.5, 88.0}) {
    for (int order = 0; order < 3; ++order) {
      EXPECT_LE(error_in_ulps(truth.at(ask_order(order), x, kBinary64), f(x, order)), 0.51)
          << "order " << order << " at " << x;
    }
  }
}

TEST_P(Property, WrongSizesAreErrors) {
  const std::vector<float> x(4);
  std::vector<float> y(3);
  EXPECT_THROW(f.value<float>(x, y), Error);
  EXPECT_THROW(f.slope<float>(x, y), Error);
  EXPECT_THROW(f.curvature<float>(x, y), Error);
}

INSTANTIATE_TEST_SUITE_P(Registry, Property, ::testing::ValuesIn(names()),
                         [](const auto& instance) { return instance.param; });

}  // namespace
}  // namespace gradkeep::check
