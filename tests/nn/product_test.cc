// The library's matrix product against the three loops, in every combination of transposes and on
// shapes with remainders; rounding differs, so the tolerance is that of a sum of k terms.
// SPDX-License-Identifier: Apache-2.0
#include "nn/product.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "data/random.h"

namespace gradkeep::nn {
namespace {

template <class T>
class Product : public testing::Test {};
using Types = testing::Types<float, double>;
TYPED_TEST_SUITE(Product, Types);

template <class T>
Buffer<T> random_numbers(std::size_t size, std::uint64_t seed) {
  data::Random random(seed);
  Buffer<T> out(size);
  for (T& v : out.span()) v = static_cast<T>(random.normal());
  return out;
}

TYPED_TEST(Product, equals_the_naive_one) {
  using T = TypeParam;
  const int shapes[][3] = {{1, 1, 1},    {1, 10, 64},  {3, 5, 7},
                           {17, 10, 33}, {32, 64, 64}, {65, 31, 128}};
  for (const auto& [m, n, k] : shapes) {
    for (const Op op_a : {Op::plain, Op::transposed}) {
      for (const Op op_b : {Op::plain, Op::transposed}) {
        const auto a = random_numbers<T>(m * k, 1), b = random_numbers<T>(k * n, 2);
        Buffer<T> fast = random_numbers<T>(m * n, 3), naive(m * n);
        const Matrix<const T> left = op_a == Op::plain ? a.matrix(m, k) : a.matrix(k, m);
        const Matrix<const T> right = op_b == Op::plain ? b.matrix(k, n) : b.matrix(n, k);
        product<T>(op_a, left, op_b, right, fast.matrix(m, n));
        product_naive<T>(op_a, left, op_b, right, naive.matrix(m, n));
        const double tolerance = 4 * std::sqrt(k) * std::numeric_limits<T>::epsilon();
        for (std::size_t i = 0; i < fast.size(); ++i) {
          ASSERT_NEAR(fast.data()[i], naive.data()[i], tolerance * 4)
              << m << " x " << n << " x " << k << ", element " << i;
        }
      }
    }
  }
}

// What stood in C before must not matter, not even NaN.
TYPED_TEST(Product, overwrites) {
  using T = TypeParam;
  const auto a = random_numbers<T>(6, 1), b = random_numbers<T>(6, 2);
  Buffer<T> c(4);
  for (T& v : c.span()) v = std::numeric_limits<T>::quiet_NaN();
  product<T>(Op::plain, a.matrix(2, 3), Op::plain, b.matrix(3, 2), c.matrix(2, 2));
  for (const T v : c.span()) EXPECT_TRUE(std::isfinite(v));
}

TYPED_TEST(Product, carries_nan_from_its_inputs) {
  using T = TypeParam;
  auto a = random_numbers<T>(64, 1);
  const auto b = random_numbers<T>(64, 2);
  a.data()[0] = std::numeric_limits<T>::quiet_NaN();
  Buffer<T> c(64);
  product<T>(Op::plain, a.matrix(8, 8), Op::plain, b.matrix(8, 8), c.matrix(8, 8));
  for (int j = 0; j < 8; ++j) EXPECT_TRUE(std::isnan(c.matrix(8, 8)(0, j)));
  EXPECT_TRUE(std::isfinite(c.matrix(8, 8)(1, 0)));
}

}  // namespace
}  // namespace gradkeep::nn
