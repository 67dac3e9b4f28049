// Ends of spectra by Lanczos against all of them by LAPACK, and the Jacobian as an operator against the
// Jacobian as a matrix.
// SPDX-License-Identifier: Apache-2.0
#include "probe/lanczos.h"

#include <gtest/gtest.h>

#include <cmath>

#include "measured.h"
#include "nn/initialise.h"
#include "probe/affine.h"
#include "probe/observer.h"
#include "probe/spectrum.h"

namespace gradkeep::probe {
namespace {

Table normal(int rows, int columns) {
  Table result{rows, columns, {}};
  data::Random random(3);
  for (int i = 0; i < rows * columns; ++i) result.values.push_back(random.normal());
  return result;
}

Operator by_loops(const Table& a) {
  return {a.rows, a.columns,
          [&a](std::span<const double> x, std::span<double> y) {
            for (int i = 0; i < a.rows; ++i) {
              y[i] = 0;
              for (int k = 0; k < a.columns; ++k) y[i] += a.row(i)[k] * x[k];
            }
          },
          [&a](std::span<const double> y, std::span<double> x) {
            for (double& v : x) v = 0;
            for (int i = 0; i < a.rows; ++i)
              for (int k = 0; k < a.columns; ++k) x[k] += a.row(i)[k] * y[i];
          }};
}

TEST(Lanczos, AsLapackAt300) {
  for (const auto& [rows, columns] : {std::pair{300, 300}, {90, 60}, {60, 90}}) {
    const Table a = normal(rows, columns);
    const auto exact = singular_values(a);
    const auto ends = extreme_singular_values(by_loops(a), 300);
    ASSERT_TRUE(ends.largest && ends.smallest);
    EXPECT_NEAR(*ends.largest, *exact.largest, 1e-12 * *exact.largest);
    EXPECT_NEAR(*ends.smallest, *exact.smallest, 1e-9 * *exact.smallest);
  }
}

TEST(Lanczos, SaysNothingOfWhatItHasNotFound) {
  const Table a = normal(300, 300);
  const auto ends = extreme_singular_values(by_loops(a), 120);
  ASSERT_TRUE(ends.largest);
  EXPECT_NEAR(*ends.largest, *singular_values(a).largest, 1e-8);
  EXPECT_FALSE(ends.smallest);
  EXPECT_FALSE(extreme_singular_values(by_loops(a), 5).largest);
}

// Two different singular values, each many times, are found in two steps.
TEST(Lanczos, RepeatedValuesAndZeros) {
  Table a{60, 60, std::vector<double>(3600)};
  for (int i = 0; i < 60; ++i) a.values[61 * i] = i < 40 ? 3 : -0.5;
  auto ends = extreme_singular_values(by_loops(a), 3);
  ASSERT_TRUE(ends.largest && ends.smallest);
  EXPECT_NEAR(*ends.largest, 3, 1e-14);
  EXPECT_NEAR(*ends.smallest, 0.5, 1e-14);
  for (int i = 40; i < 60; ++i) a.values[61 * i] = 0;
  ends = extreme_singular_values(by_loops(a), 3);
  EXPECT_NEAR(ends.largest.value(), 3, 1e-14);
  EXPECT_NEAR(ends.smallest.value(), 0, 1e-14);
  a.values.assign(3600, 0);
  ends = extreme_singular_values(by_loops(a), 3);
  EXPECT_EQ(ends.largest, 0);
  EXPECT_EQ(ends.smallest, 0);
  a.values[7] = std::nan("");
  EXPECT_FALSE(extreme_singular_values(by_loops(a)).largest);
}

Snapshot look(nn::Normalisation normalisation, double branch, int width) {
  const auto set = noise(6, 9);
  auto spec = nn::plain_network(9, 4, width, 1, Activation("tanh"));
  for (int i = 1; i < 4; ++i) {
    spec.layers[i].normalisation = normalisation;
    spec.layers[i].branch = branch;
  }
  nn::Network<double> net(spec, 6);
  nn::initialise(net, nn::parse_initialiser("he_normal"), 4);
  Observer<double> observer(net, set, nn::Loss::squared);
  return observer.look(net);
}

TEST(Lanczos, TheJacobianIsItsOperator) {
  for (const auto kind :
       {nn::Normalisation::none, nn::Normalisation::batch, nn::Normalisation::layer})
    for (const double branch : {0.0, 0.5}) {
      const auto s = look(kind, branch, 12);
      const auto matrix = jacobian(s, 2);
      const auto through = jacobian_operator(s, 2);
      ASSERT_TRUE(matrix && through);
      ASSERT_EQ(through->rows, 12);
      for (int k = 0; k < 12; ++k) {
        std::vector<double> unit(12), column(12), row(12);
        unit[k] = 1;
        through->apply(unit, column);
        through->transposed(unit, row);
        for (int i = 0; i < 12; ++i) {
          EXPECT_NEAR(column[i], matrix->row(i)[k], 1e-13);
          EXPECT_NEAR(row[i], matrix->row(k)[i], 1e-13);
        }
      }
    }
  const auto s = look(nn::Normalisation::layer, 0.5, 12);
  const auto ends = extreme_singular_values(*jacobian_operator(s, 0));
  const auto exact = singular_values(*jacobian(s, 0));
  EXPECT_NEAR(ends.largest.value(), *exact.largest, 1e-11);
  EXPECT_NEAR(ends.smallest.value(), *exact.smallest, 1e-11);
}

// Beyond the exact width the ends alone are told.
TEST(Lanczos, WideLayers) {
  Snapshot s;
  Layer layer;
  layer.number = 1;
  const int n = kExactWidth + 1;
  layer.w = {n, n, std::vector<double>(static_cast<std::size_t>(n) * n)};
  for (int i = 0; i < n; ++i) layer.w.values[static_cast<std::size_t>(i) * (n + 1)] = 1 + i % 3;
  s.layers = {layer};
  EXPECT_NEAR(measured("weight_norm", s).at(1), 3, 1e-12);
  EXPECT_NEAR(measured("weight_condition", s).at(1), 3, 1e-12);
  EXPECT_NEAR(measured("weight_spectrum", s, "weight_spectrum_0").at(1), 1, 1e-12);
  EXPECT_EQ(measured("weight_spectrum", s, "weight_spectrum_50"), Rows{});

  // Its Jacobian behind a layer whose slopes are 0.5.
  s.layers.front().h = {1, n, std::vector<double>(n)};
  s.layers.front().slope = {1, n, std::vector<double>(n, 0.5)};
  s.layers.push_back(s.layers.front());
  EXPECT_NEAR(measured("jacobian_condition", s).at(0), 3, 1e-12);
  EXPECT_NEAR(measured("jacobian_spectrum", s, "jacobian_spectrum_0").at(0), 0.5, 1e-12);
  EXPECT_NEAR(measured("jacobian_spectrum", s, "jacobian_spectrum_100").at(0), 1.5, 1e-12);
  EXPECT_EQ(measured("jacobian_gain", s), Rows{});
  EXPECT_EQ(measured("jacobian_spread", s), Rows{});
}

}  // namespace
}  // namespace gradkeep::probe
