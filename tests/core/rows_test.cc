// What functions of rows promise besides their values: rows that are not numbers, any axis and any
// strides, one row's bits wherever it lies, errors.
// SPDX-License-Identifier: Apache-2.0
#include <gradkeep/rows.h>
#include <gradkeep/threads.h>
#include <gtest/gtest.h>

#include <cstring>
#include <random>
#include <utility>

#include "tests/core/ulp.h"

namespace gradkeep {
namespace {

constexpr RowFunction kAll[] = {RowFunction::softmax, RowFunction::log_softmax,
                                RowFunction::softmin, RowFunction::hardmax, RowFunction::sparsemax};

template <class T>
std::vector<T> drawn(std::size_t n, double spread, unsigned seed = 1) {
  std::mt19937 bits(seed);
  std::normal_distribution<double> normal(0, spread);
  std::vector<T> v(n);
  for (T& x : v) x = static_cast<T>(normal(bits));
  return v;
}

template <class T>
std::vector<T> row(RowFunction f, std::vector<T> x) {
  std::vector<T> y(x.size());
  rowwise<T>(f, x, y);
  return y;
}

template <class T>
bool same_bits(const T* a, const T* b, std::size_t n) {
  return std::memcmp(a, b, n * sizeof(T)) == 0;
}

template <class T>
class Rows : public testing::Test {};
using Types = testing::Types<float, double>;
TYPED_TEST_SUITE(Rows, Types);

TYPED_TEST(Rows, ValuesOfLongAndShortRowsAreWithinTwoUlp) {
  using T = TypeParam;
  double worst = 0;
  for (unsigned seed = 0; seed < 300; ++seed) {
    const std::size_t n = seed % 3 == 0 ? 1 + seed % 7 : 1 + (seed * 37) % 700;
    const std::vector<T> x = drawn<T>(n, seed % 2 ? 1.5 : 25, seed);
    const long double most = *std::max_element(x.begin(), x.end());
    long double rest = 0;  // sum e^(x - most), without one of the largest
    bool first = true;
    for (const T v : x) {
      if (v != most || !std::exchange(first, false)) rest += std::exp(v - most);
    }
    const std::vector<T> y = row(RowFunction::softmax, x), log_y = row(RowFunction::log_softmax, x);
    for (std::size_t i = 0; i < n; ++i) {
      worst = std::max(worst, error_in_ulp(y[i], std::exp(x[i] - most) / (1 + rest)));
      worst = std::max(worst, error_in_ulp(log_y[i], (x[i] - most) - std::log1p(rest)));
    }
  }
  EXPECT_LE(worst, 2);
  EXPECT_GT(worst, 0.5);  // or nothing was measured
}

// Exponentials that are subnormal numbers have digits in their sum.
TYPED_TEST(Rows, ALogarithmNextToZeroKeepsItsDigits) {
  using T = TypeParam;
  for (const std::size_t n : {2u, 17u, 1000u}) {
    std::vector<T> x(n, T{0});
    x[0] = sizeof(T) == 4 ? 100 : 740;
    const long double rest =
        static_cast<long double>(n - 1) * std::exp(-static_cast<long double>(x[0]));
    EXPECT_LE(error_in_ulp(row(RowFunction::log_softmax, x)[0], -rest), 1) << n;
  }
}

TYPED_TEST(Rows, RowsOfInfinitiesAndNanAreAsInPyTorch) {
  using T = TypeParam;
  const T inf = std::numeric_limits<T>::infinity(), nan = std::numeric_limits<T>::quiet_NaN();
  const std::vector<T> none_finite[] = {{-inf, -inf, -inf}, {0, inf, 1}, {nan, 0, 1}, {0, 1, nan},
                                        {-inf, nan, 3},     {inf, inf},  {inf, -inf}};
  for (const RowFunction f : kAll) {
    if (f == RowFunction::hardmax) continue;
    for (std::vector<T> x : none_finite) {
      if (f == RowFunction::softmin) {
        for (T& v : x) v = -v;
      }
      // The whole row, also where it is longer than a vector.
      for (const std::size_t more : {0, 40}) {
        x.resize(x.size() + more, f == RowFunction::softmin ? inf : -inf);
        for (const T v : row(f, x)) EXPECT_TRUE(std::isnan(v)) << row_function_name(f);
      }
    }
  }
  EXPECT_EQ(row<T>(RowFunction::softmax, {0, -inf, 0}), (std::vector<T>{0.5, 0, 0.5}));
  EXPECT_EQ(row<T>(RowFunction::log_softmax, {0, -inf}), (std::vector<T>{0, -inf}));
  EXPECT_EQ(row<T>(RowFunction::softmin, {0, inf, 0}), (std::vector<T>{0.5, 0, 0.5}));
  EXPECT_EQ(row<T>(RowFunction::sparsemax, {2, -inf, 2}), (std::vector<T>{0.5, 0, 0.5}));
  const T big = std::numeric_limits<T>::max();
  EXPECT_EQ(row<T>(RowFunction::softmax, {big, -big, big}), (std::vector<T>{0.5, 0, 0.5}));
  EXPECT_EQ(row<T>(RowFunction::sparsemax, {big, -big}), (std::vector<T>{1, 0}));
}

TYPED_TEST(Rows, HardmaxMarksTheFirstOfTheLargest) {
  using T = TypeParam;
  const T inf = std::numeric_limits<T>::infinity(), nan = std::numeric_limits<T>::quiet_NaN();
  EXPECT_EQ(row<T>(RowFunction::hardmax, {1, 3, 2, 3}), (std::vector<T>{0, 1, 0, 0}));
  EXPECT_EQ(row<T>(RowFunction::hardmax, {-inf, -inf}), (std::vector<T>{1, 0}));
  EXPECT_EQ(row<T>(RowFunction::hardmax, {5, nan, inf, nan}), (std::vector<T>{0, 1, 0, 0}));
  std::vector<T> far(1000, T{0});
  far[700] = 1;
  EXPECT_EQ(row(RowFunction::hardmax, far), far);
}

TYPED_TEST(Rows, ARowHasTheSameBitsWhereverItLies) {
  using T = TypeParam;
  for (const std::size_t n : {1u, 2u, 15u, 16u, 17u, 31u, 100u, 255u, 256u, 257u, 600u}) {
    const std::size_t columns = 19;
    const std::vector<T> x = drawn<T>(n * columns, 3), dy = drawn<T>(n * columns, 1, 2);
    for (const RowFunction f : kAll) {
      // Down the columns of a matrix, and backwards.
      std::vector<T> y(x.size()), dx(x.size());
      rowwise<T>(f, Strided<const T>(x.data(), {n, columns}), Strided<T>(y.data(), {n, columns}),
                 0);
      rowwise_backward<T>(f, Strided<const T>(y.data(), {n, columns}),
                          Strided<const T>(dy.data(), {n, columns}),
                          Strided<T>(dx.data(), {n, columns}), 0);
      for (std::size_t c = 0; c < columns; ++c) {
        std::vector<T> alone(n), value(n), gradient(n), alone_dy(n), back(n);
        for (std::size_t i = 0; i < n; ++i) {
          alone[i] = x[i * columns + c];
          value[i] = y[i * columns + c];
          alone_dy[i] = dy[i * columns + c];
          gradient[i] = dx[i * columns + c];
        }
        const std::vector<T> expected = row(f, alone);
        ASSERT_TRUE(same_bits(expected.data(), value.data(), n)) << row_function_name(f) << n;
        rowwise_backward<T>(f, std::span<const T>(expected), std::span<const T>(alone_dy),
                            std::span<T>(back));
        ASSERT_TRUE(same_bits(back.data(), gradient.data(), n)) << row_function_name(f) << n;
        // In place, and with a step.
        std::vector<T> spread(3 * n, T{7});
        for (std::size_t i = 0; i < n; ++i) spread[3 * i + 1] = alone[i];
        const Strided<T> view(spread.data() + 1, {n}, {3});
        rowwise<T>(f, view, view);
        for (std::size_t i = 0; i < n; ++i) {
          ASSERT_TRUE(same_bits(&spread[3 * i + 1], &expected[i], 1));
          ASSERT_EQ(spread[3 * i], 7);
          ASSERT_EQ(spread[3 * i + 2], 7);
        }
        rowwise<T>(f, alone, alone);
        ASSERT_TRUE(same_bits(alone.data(), expected.data(), n)) << "in place";
      }
    }
  }
}

TYPED_TEST(Rows, AnAxisInTheMiddleAndThreadsChangeNoBit) {
  using T = TypeParam;
  const std::vector<T> x = drawn<T>(9 * 70 * 130, 2);
  for (const RowFunction f : kAll) {
    std::vector<T> y(x.size()), again(x.size()), one(70), expected(70);
    const Strided<const T> in(x.data(), {9, 70, 130});
    rowwise<T>(f, in, Strided<T>(y.data(), {9, 70, 130}), -2);
    set_threads(4);
    rowwise<T>(f, in, Strided<T>(again.data(), {9, 70, 130}), 1);
    set_threads(1);
    EXPECT_TRUE(same_bits(y.data(), again.data(), y.size()));
    for (std::size_t i = 0; i < 70; ++i) {
      one[i] = x[(4 * 70 + i) * 130 + 77];
      expected[i] = y[(4 * 70 + i) * 130 + 77];
    }
    EXPECT_EQ(row(f, one), expected);
  }
}

TYPED_TEST(Rows, SparsemaxSumsToOneWithFewOfMany) {
  using T = TypeParam;
  const std::vector<T> y = row(RowFunction::sparsemax, drawn<T>(5000, 1));
  long double sum = 0;
  std::size_t inside = 0;
  for (const T v : y) {
    sum += v;
    inside += v > 0;
  }
  EXPECT_NEAR(static_cast<double>(sum), 1, 4 * std::numeric_limits<T>::epsilon());
  EXPECT_LT(inside, 20u);
  EXPECT_GT(inside, 1u);
}

template <class T>
void compare_with_float(RowFunction f) {
  const std::size_t n = 300, columns = 33;
  const std::vector<float> wide = drawn<float>(n * columns, 3);
  std::vector<T> x, y(wide.size()), dx(wide.size());
  for (const float v : wide) x.push_back(T(v));
  rowwise<T>(f, Strided<const T>(x.data(), {n, columns}), Strided<T>(y.data(), {n, columns}), 0);
  rowwise_backward<T>(f, Strided<const T>(y.data(), {n, columns}),
                      Strided<const T>(x.data(), {n, columns}), Strided<T>(dx.data(), {n, columns}),
                      0);
  for (std::size_t c = 0; c < columns; ++c) {
    std::vector<float> in(n), out(n), rounded(n), back(n);
    for (std::size_t i = 0; i < n; ++i) in[i] = static_cast<float>(x[i * columns + c]);
    rowwise<float>(f, in, out);
    for (std::size_t i = 0; i < n; ++i) {
      ASSERT_EQ(T(out[i]).bits, y[i * columns + c].bits) << row_function_name(f);
      rounded[i] = static_cast<float>(T(out[i]));
    }
    rowwise_backward<float>(f, rounded, in, back);
    for (std::size_t i = 0; i < n; ++i) {
      ASSERT_EQ(T(back[i]).bits, dx[i * columns + c].bits) << row_function_name(f);
    }
  }
}

TEST(RowFunctions, SixteenBitsAreFloatsRoundedOnce) {
  for (const RowFunction f : kAll) {
    compare_with_float<Float16>(f);
    compare_with_float<BFloat16>(f);
  }
}

TEST(RowFunctions, NamesAndAxesAreChecked) {
  EXPECT_EQ(row_function("LogSoftmax"), RowFunction::log_softmax);
  for (const std::string& name : row_function_names()) {
    EXPECT_EQ(row_function_name(row_function(name)), name);
  }
  try {
    row_function("soft\nmux");
    ADD_FAILURE() << "not refused";
  } catch (const Error& error) {
    EXPECT_EQ(std::string(error.what()).find('\n'), std::string::npos);
  }
  std::vector<float> x(6), y(6);
  const Strided<float> a(x.data(), {2, 3}), b(y.data(), {3, 2}), c(y.data(), {2, 3});
  EXPECT_THROW(rowwise<float>(RowFunction::softmax, a, b), Error);
  EXPECT_THROW(rowwise<float>(RowFunction::softmax, a, c, 2), Error);
  EXPECT_THROW(rowwise<float>(RowFunction::softmax, a, c, -3), Error);
  const Strided<float> scalar(x.data(), {});
  EXPECT_THROW(rowwise<float>(RowFunction::softmax, scalar, scalar), Error);
  EXPECT_THROW(rowwise<float>(RowFunction::softmax, a, Strided<float>(x.data() + 1, {2, 2})),
               Error);
  rowwise<float>(RowFunction::softmax, Strided<float>(x.data(), {0, 3}),
                 Strided<float>(nullptr, {0, 3}));
  rowwise<float>(RowFunction::softmax, Strided<float>(x.data(), {2, 0}),
                 Strided<float>(nullptr, {2, 0}));
}

}  // namespace
}  // namespace gradkeep
