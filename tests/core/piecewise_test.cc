// Polynomials by segment: who gets them, what they are worth against the kernel they were laid through,
// and that what lies outside their interval is still the kernel's, wherever it stands in an array.
// SPDX-License-Identifier: Apache-2.0
#include "core/piecewise.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <random>
#include <vector>

#include "core/storage.h"

namespace gradkeep::detail {
namespace {

bool has_them(const char* text, int order, Tier tier = Tier::fast) {
  const Activation f(text, Bounds::any);
  const double* p = f.parameters().data();
  return tier == Tier::fast ? fast_polynomials(f.definition(), order, p) != nullptr
                            : exact_polynomials(f.definition(), order, p) != nullptr;
}

std::array<double, kMaxParameters> default_parameters(const Definition& definition) {
  std::array<double, kMaxParameters> p{};
  for (std::size_t k = 0; k < definition.info.parameters.size(); ++k) {
    p[k] = definition.info.parameters[k].value;
  }
  return p;
}

class Polynomials : public testing::Test {
 protected:
  void SetUp() override {
    if (target_name() != "AVX3") GTEST_SKIP() << "this processor or target has no lookup of 32";
  }
};

TEST_F(Polynomials, TakeThePlaceOfExponentialsButNotOfBranches) {
  for (const char* smooth : {"sigmoid", "tanh", "silu", "gelu", "gelu_tanh", "mish", "elu"}) {
    EXPECT_TRUE(has_them(smooth, 0)) << smooth;
    EXPECT_TRUE(has_them(smooth, 1)) << smooth;
  }
  for (const char* broken : {"relu", "hard_swish", "hard_tanh", "identity", "leaky_relu"}) {
    EXPECT_FALSE(has_them(broken, 0)) << broken;
  }
  EXPECT_FALSE(has_them("elu(alpha=0.5)", 0)) << "they are laid for the defaults only";
}

TEST_F(Polynomials, AreLaidOnce) {
  const Activation f("sigmoid");
  EXPECT_EQ(fast_polynomials(f.definition(), 0, nullptr),
            fast_polynomials(f.definition(), 0, nullptr));
}

TEST_F(Polynomials, LeaveTheRestToTheKernelWhereverItStands) {
  std::mt19937 random(5);
  std::normal_distribution<float> normal(0, 6);
  std::vector<float> x(10'001);
  for (float& v : x) v = normal(random);
  x[3] = std::nanf("");
  x[4097] = INFINITY;
  x[9000] = -INFINITY;
  for (const Definition* definition : definitions()) {
    const auto p = default_parameters(*definition);
    for (int order = 0; order < 3; ++order) {
      const Piecewise<float>* q = fast_polynomials(*definition, order, p.data());
      if (!q) continue;
      SCOPED_TRACE(definition->info.name + " " + std::to_string(order));
      const Loop<float> kernel = definition->kernels->f32.evaluate[order];
      std::vector<float> all(x.size()), by_kernel(x.size()), in_place = x;
      evaluate(*q, kernel, p.data(), x.data(), all.data(), x.size());
      evaluate(*q, kernel, p.data(), in_place.data(), in_place.data(), x.size());
      kernel(x.data(), by_kernel.data(), x.size(), p.data());
      EXPECT_EQ(std::memcmp(all.data(), in_place.data(), x.size() * sizeof(float)), 0);
      int outside = 0;
      for (std::size_t i = 0; i < x.size(); ++i) {
        float one;
        evaluate(*q, kernel, p.data(), &x[i], &one, 1);
        EXPECT_EQ(std::memcmp(&one, &all[i], sizeof(float)), 0) << x[i];
        const float a = q->folded ? std::abs(x[i]) : x[i];
        if (a > q->low && (a <= q->high || q->end <= q->high)) continue;
        ++outside;
        EXPECT_EQ(std::memcmp(&by_kernel[i], &all[i], sizeof(float)), 0) << x[i];
      }
      EXPECT_GT(outside, 0);
    }
  }
}

TEST_F(Polynomials, ServeTheExactTierWhereEveryFloatIsProved) {
  for (const char* smooth : {"sigmoid", "tanh", "silu", "gelu", "mish", "elu", "softplus"}) {
    EXPECT_TRUE(has_them(smooth, 0, Tier::exact)) << smooth;
    EXPECT_FALSE(has_them(smooth, 2, Tier::exact)) << smooth << ": only value and slope are";
  }
  EXPECT_FALSE(has_them("elu(alpha=0.5)", 0, Tier::exact)) << "not by other parameters";
  EXPECT_FALSE(has_them("relu", 0, Tier::exact));
}

// In the exact tier the kernel's rough lanes and its rounding test must never be missed.
TEST_F(Polynomials, RoundAsTheRoughKernelDoes) {
  std::mt19937 random(6);
  std::normal_distribution<float> normal(0, 6);
  std::vector<float> x(100'001);
  for (std::size_t i = 0; i < x.size(); ++i) {
    x[i] = i % 4 != 0 ? normal(random) : std::bit_cast<float>(static_cast<std::uint32_t>(random()));
  }
  for (const Definition* definition : definitions()) {
    const auto p = default_parameters(*definition);
    for (int order = 0; order < 2; ++order) {
      const Piecewise<double>* q = exact_polynomials(*definition, order, p.data());
      if (!q) continue;
      SCOPED_TRACE(definition->info.name + " " + std::to_string(order));
      const Decider decide{*definition, order, p.data()};
      // Next to a zero of the function an error that is small elsewhere is large.
      const Activation f(definition->info.name);
      const Cancellations near = definition->cancellations(order, p.data());
      std::vector<float> all = x;
      for (int k = 0; k < near.count; ++k) {
        double low = std::max(near.interval[k].low, -20.0);
        double high = std::min(near.interval[k].high, 20.0);
        const bool falls = f(low, order) > 0;
        for (int i = 0; i < 60; ++i) {
          const double middle = (low + high) / 2;
          ((f(middle, order) > 0) == falls ? low : high) = middle;
        }
        auto at = static_cast<float>(low);
        for (int i = 0; i < 100; ++i) at = std::nextafter(at, -HUGE_VALF);
        for (int i = 0; i < 200; ++i) all.push_back(at = std::nextafter(at, HUGE_VALF));
      }
      std::vector<double> rough(all.size());
      std::vector<float> want(all.size()), got = all;
      definition->kernels->rough[order](all.data(), rough.data(), all.size(), p.data());
      round_exactly(all.data(), rough.data(), want.data(), all.size(), decide);
      evaluate(*q, decide, got.data(), got.data(), all.size());
      int differ = 0;
      for (std::size_t i = 0; i < all.size(); ++i) {
        const bool same = std::isnan(want[i]) ? std::isnan(got[i])
                                              : std::memcmp(&want[i], &got[i], sizeof(float)) == 0;
        if (!same && differ++ < 5) ADD_FAILURE() << all[i] << ": " << got[i] << ", " << want[i];
      }
    }
  }
}

}  // namespace
}  // namespace gradkeep::detail
