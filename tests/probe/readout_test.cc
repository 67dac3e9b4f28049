// Read-outs against least squares solved by elimination, and of layers that untangle two classes or
// lose them.
// SPDX-License-Identifier: Apache-2.0
#include "probe/readout.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "measured.h"
#include "nn/network.h"
#include "probe/observer.h"

namespace gradkeep::probe {
namespace {

using Matrix = std::vector<std::vector<double>>;

// The solution of (X 1)^T (X 1) w = (X 1)^T y, column by column, by Gauss and Jordan.
Matrix least_squares(const Table& x, const std::vector<int>& label, int classes) {
  const int n = x.columns + 1;
  Matrix a(n, std::vector<double>(n + classes));
  for (int row = 0; row < x.rows; ++row) {
    std::vector<double> v(x.row(row).begin(), x.row(row).end());
    v.push_back(1);
    for (int i = 0; i < n; ++i) {
      for (int k = 0; k < n; ++k) a[i][k] += v[i] * v[k];
      a[i][n + label[row]] += v[i];
    }
  }
  for (int i = 0; i < n; ++i) {
    for (int k = n + classes - 1; k >= i; --k) a[i][k] /= a[i][i];
    for (int other = 0; other < n; ++other)
      for (int k = n + classes - 1; other != i && k >= i; --k) a[other][k] -= a[other][i] * a[i][k];
  }
  return a;
}

// Clouds around three corners, not to be told apart without mistakes.
void cloud(int rows, data::Random& random, Table& x, std::vector<int>& label) {
  x = {rows, 4, {}};
  for (int row = 0; row < rows; ++row) {
    label.push_back(static_cast<int>(random.below(3)));
    for (int k = 0; k < 4; ++k) x.values.push_back(7 + random.normal() + (k == label.back()));
  }
}

TEST(Readout, AsLeastSquaresByElimination) {
  data::Random random(2);
  Represented layer;
  layer.classes = 3;
  cloud(120, random, layer.trained, layer.trained_label);
  cloud(200, random, layer.held, layer.held_label);
  const auto solved = least_squares(layer.trained, layer.trained_label, 3);
  int right = 0;
  for (int row = 0; row < 200; ++row) {
    std::vector<double> outputs;
    for (int k = 0; k < 3; ++k) {
      outputs.push_back(solved[4][5 + k]);
      for (int i = 0; i < 4; ++i) outputs.back() += solved[i][5 + k] * layer.held.row(row)[i];
    }
    right +=
        std::max_element(outputs.begin(), outputs.end()) - outputs.begin() == layer.held_label[row];
  }
  EXPECT_GT(right, 100);
  EXPECT_LT(right, 190);
  EXPECT_DOUBLE_EQ(readout_accuracy(layer).value(), right / 200.0);
}

TEST(Readout, UnitsAlikeAndExamplesAlike) {
  // Twice the same unit, and one that never moves.
  Represented layer{
      2, table(4, 3, {0, 0, 5, 1, 1, 5, 2, 2, 5, 3, 3, 5}), {}, {0, 0, 1, 1}, {0, 1, 1}};
  layer.held = table(3, 3, {1.4, 1.4, 5, 1.6, 1.6, 5, 9, 9, 5});
  EXPECT_EQ(readout_accuracy(layer), 1);
  // Nothing but how frequent a class is: the second.
  layer.trained = table(4, 1, {3, 3, 3, 3});
  layer.held = table(3, 1, {3, 3, 3});
  layer.trained_label = {0, 1, 1, 1};
  EXPECT_DOUBLE_EQ(readout_accuracy(layer).value(), 2 / 3.0);
  layer.held.values[1] = std::nan("");
  EXPECT_EQ(readout_accuracy(layer), std::nullopt);
}

data::Dataset quadrants(int rows, std::uint64_t seed) {
  data::Random random(seed);
  data::Dataset set;
  set.name = "quadrants";
  set.rows = rows;
  set.features = set.classes = 2;
  for (int i = 0; i < rows; ++i) {
    const double a = random.normal(), b = random.normal();
    set.x.insert(set.x.end(), {a, b});
    set.label.push_back(a * b > 0);
  }
  return set;
}

// x1 x2 > 0 is |x1 + x2| > |x1 - x2|: no line tells it, but the four ramps that make these. The third
// layer sees one of them only.
TEST(Readout, WhatLayersKnow) {
  nn::Network<float> net(nn::plain_network(2, 3, 4, 2, Activation("relu")), 8);
  for (int unit = 0; unit < 2; ++unit) {
    net.weights(0)(unit, unit) = 1;
    net.biases(0)(0, unit) = 10;
  }
  const float signs[4][2] = {{1, 1}, {-1, -1}, {1, -1}, {-1, 1}};
  for (int unit = 0; unit < 4; ++unit) {
    for (int k = 0; k < 2; ++k) net.weights(1)(unit, k) = signs[unit][k];
    net.biases(1)(0, unit) = -10 * (signs[unit][0] + signs[unit][1]);
  }
  net.weights(2)(0, 0) = 1;
  const auto train = quadrants(1000, 1), held = quadrants(400, 2);
  Observer<float> observer(net, train, nn::Loss::softmax, 8);
  EXPECT_EQ(measured("readout", observer.look(net)), Rows{}) << "nothing is held out";
  observer.hold_out(held);
  const auto rows = measured("readout", observer.look(net));
  ASSERT_EQ(rows.size(), 4u);
  EXPECT_NEAR(rows.at(1), 0.5, 0.1);
  EXPECT_GT(rows.at(2), 0.97);
  EXPECT_LT(rows.at(3), 0.8);

  const auto few = observer.look(net).represent(1);
  EXPECT_EQ(few.trained.rows, 1000);
  EXPECT_EQ(few.held.rows, 400);
  const auto many = quadrants(kRepresented + 300, 3);
  Observer<float> bounded(net, many, nn::Loss::softmax, 8);
  bounded.hold_out(held);
  const auto first = bounded.look(net).represent(0);
  EXPECT_EQ(first.trained.rows, kRepresented);
  EXPECT_EQ(std::ssize(first.trained.values), kRepresented * 4);
  EXPECT_EQ(std::ssize(first.trained_label), kRepresented);
  EXPECT_NEAR(first.trained.row(kRepresented - 1)[0], many.x[2 * (kRepresented - 1)] + 10, 1e-5);
}

}  // namespace
}  // namespace gradkeep::probe
