// Gated functions: their halves, their gradients, and what is refused.
// SPDX-License-Identifier: Apache-2.0
#include <gradkeep/gated.h>
#include <gradkeep/threads.h>
#include <gtest/gtest.h>

#include <cmath>

namespace gradkeep {
namespace {

TEST(Gated, EveryNameIsValueTimesActivationOfTheGate) {
  const std::size_t rows = 120, half = 300, n = rows * half;
  std::vector<double> x(2 * n), dy(n, 0.5), gate(n), value(n), opened(n), slope(n);
  for (std::size_t i = 0; i < 2 * n; ++i) x[i] = 3 * std::sin(0.37 * static_cast<double>(i));
  for (const std::string& name : gated_function_names()) {
    for (const Gate place : {Gate::first, Gate::second}) {
      Gated g = gated_function(name);
      g.gate = place;
      for (std::size_t i = 0; i < n; ++i) {
        const double* row = x.data() + i / half * 2 * half + i % half;
        gate[i] = row[place == Gate::first ? 0 : half];
        value[i] = row[place == Gate::first ? half : 0];
      }
      g.f.value<double>(gate, opened);
      g.f.slope<double>(gate, slope);
      std::vector<double> y(n), dx(2 * n);
      const Strided<const double> in(x.data(), {rows, 2 * half});
      gated(g, in, Strided<double>(y.data(), {rows, half}));
      gated_backward(g, in, Strided<const double>(dy.data(), {rows, half}),
                     Strided<double>(dx.data(), {rows, 2 * half}));
      std::size_t wrong = 0;
      for (std::size_t i = 0; i < n; ++i) {
        const double* row = dx.data() + i / half * 2 * half + i % half;
        wrong += y[i] != value[i] * opened[i];
        wrong += row[place == Gate::first ? 0 : half] != 0.5 * value[i] * slope[i];
        wrong += row[place == Gate::first ? half : 0] != 0.5 * opened[i];
      }
      ASSERT_EQ(wrong, 0u) << name;
      // Where x lies, and with threads: the same bits.
      set_threads(3);
      std::vector<double> again = x;
      const Strided<double> same(again.data(), {rows, 2 * half});
      gated_backward<double>(g, same, Strided<const double>(dy.data(), {rows, half}), same);
      set_threads(1);
      ASSERT_EQ(again, dx);
    }
  }
}

TEST(Gated, TheAxisMayBeAnyAndTheConventionsAreThoseOfThePapers) {
  // PyTorch's glu([1, 2, 0, 0]) = [1, 2] * sigmoid(0); ONNX's swiglu gates by the first half.
  const float x[] = {1, 2, 0, 0};
  float y[2];
  gated<float>(gated_function("glu"), x, Strided<float>(y, {2}));
  EXPECT_EQ(y[0], 0.5f);
  EXPECT_EQ(y[1], 1.0f);
  gated<float>(gated_function("swiglu"), x, Strided<float>(y, {2}));
  EXPECT_EQ(y[0], 0.0f);
  gated<float>(gated_function("reglu"), Strided<const float>(x, {4, 1}), Strided<float>(y, {2, 1}),
               0);
  EXPECT_EQ(y[1], 0.0f);
  const Float16 narrow[] = {Float16(3.0), Float16(-2.0)};
  Float16 out;
  gated<Float16>({Activation("relu"), Gate::first}, narrow, Strided<Float16>(&out, {1}));
  EXPECT_EQ(static_cast<float>(out), -6);
}

template <class T>
void compare_products() {
  const std::size_t n = 700;
  std::vector<T> x(2 * n), dy(n), y(n), dx(2 * n), opened(n), slope(n);
  for (std::size_t i = 0; i < 2 * n; ++i) x[i] = T(3 * std::sin(0.37 * static_cast<double>(i)));
  for (std::size_t i = 0; i < n; ++i) dy[i] = T(std::cos(0.9 * static_cast<double>(i)));
  const Gated swiglu = gated_function("swiglu");
  swiglu.f.value<T>(std::span(x).subspan(0, n), opened);
  swiglu.f.slope<T>(std::span(x).subspan(0, n), slope);
  gated<T>(swiglu, x, Strided<T>(y));
  gated_backward<T>(swiglu, x, dy, Strided<T>(dx));
  const auto wide = [](T v) { return static_cast<float>(v); };
  for (std::size_t i = 0; i < n; ++i) {
    const float value = wide(x[n + i]), gradient = wide(dy[i]);
    ASSERT_EQ(y[i].bits, T(value * wide(opened[i])).bits);
    ASSERT_EQ(dx[i].bits, T(gradient * value * wide(slope[i])).bits);
    ASSERT_EQ(dx[n + i].bits, T(gradient * wide(opened[i])).bits);
  }
}

TEST(Gated, ProductsOfSixteenBitsAreFloatsRoundedOnce) {
  compare_products<Float16>();
  compare_products<BFloat16>();
}

TEST(Gated, WhatDoesNotFitIsRefused) {
  std::vector<float> x(12), y(12);
  const Gated g = gated_function("glu");
  const Strided<float> in(x.data(), {2, 6});
  EXPECT_THROW(gated_function("gelu"), Error);
  EXPECT_THROW(gated<float>(g, Strided<float>(x.data(), {4, 3}), Strided<float>(y.data(), {4, 1})),
               Error);
  EXPECT_THROW(gated<float>(g, in, Strided<float>(y.data(), {2, 4})), Error);
  EXPECT_THROW(gated<float>(g, in, Strided<float>(x.data(), {2, 3})), Error);
  EXPECT_THROW(gated<float>(g, in, Strided<float>(y.data(), {2, 3}), 2), Error);
  EXPECT_THROW(gated_backward<float>(g, in, Strided<float>(y.data(), {2, 3}),
                                     Strided<float>(y.data(), {2, 6})),
               Error);
  gated<float>(g, Strided<float>(x.data(), {2, 0}), Strided<float>(nullptr, {2, 0}));
}

}  // namespace
}  // namespace gradkeep
