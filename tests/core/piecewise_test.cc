// Polynomials by segment: who gets them, what they are worth against the kernel they were laid through,
// and that what lies outside their interval is still the kernel's, wherever it stands in an array.
// SPDX-License-Identifier: Apache-2.0
#include "core/piecewise.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <cstring>
#include <random>
#include <vector>

namespace gradkeep::detail {
namespace {

bool has_them(const char* text, int order) {
  const Activation f(text, Bounds::any);
  return piecewise_for(f.definition(), order, f.parameters().data()) != nullptr;
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
  EXPECT_EQ(piecewise_for(f.definition(), 0, nullptr), piecewise_for(f.definition(), 0, nullptr));
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
    std::array<double, kMaxParameters> p{};
    for (std::size_t k = 0; k < definition->info.parameters.size(); ++k) {
      p[k] = definition->info.parameters[k].value;
    }
    for (int order = 0; order < 3; ++order) {
      const Piecewise* q = piecewise_for(*definition, order, p.data());
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

}  // namespace
}  // namespace gradkeep::detail
