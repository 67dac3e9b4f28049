// The truth about rows against golden values from another hand (tests/core/golden_rows.txt, mpmath at 60 digits), and
// where a golden file says nothing: rows that are not numbers, results next to nothing.
// SPDX-License-Identifier: Apache-2.0
#include "check/row_truth.h"

#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <sstream>

namespace gradkeep::check {
namespace {

std::vector<double> numbers(const std::string& text) {
  std::vector<double> v;
  std::istringstream words(text);
  for (std::string word; std::getline(words, word, ',');) {
    v.push_back(std::strtod(word.c_str(), nullptr));
  }
  return v;
}

TEST(RowTruth, AgreesWithGoldenValues) {
  std::ifstream file(std::string(GRADKEEP_SOURCE_DIR) + "/tests/core/golden_rows.txt");
  int rows = 0;
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with('#')) continue;
    std::istringstream words(line);
    std::string name, x, dy, y, dx;
    words >> name >> x >> dy >> y >> dx;
    const RowFunction f = row_function(name);
    const std::vector<double> golden = numbers(y), back = numbers(dx);
    const auto values = row_values(f, numbers(x), kBinary64);
    const auto gradients = row_gradients(f, numbers(x), numbers(dy), kBinary64, 2);
    ASSERT_EQ(values.size(), golden.size()) << line;
    for (std::size_t j = 0; j < golden.size(); ++j) {
      EXPECT_TRUE(values[j].known) << name << " " << j;
      EXPECT_EQ(values[j].truth.rounded, golden[j]) << name << " " << j;
      if (gradients[j].known) {
        EXPECT_EQ(gradients[j].truth.rounded, back[j]) << name << " " << j << " of " << x;
      }
      ++rows;
    }
  }
  EXPECT_GT(rows, 1000);
}

double value(RowFunction f, std::vector<double> x, std::size_t at, const Format& format) {
  return row_values(f, x, format).at(at).truth.rounded;
}

TEST(RowTruth, RowsThatAreNotNumbersAreNaN) {
  const double nan = std::nan("");
  for (const auto& x : {std::vector<double>{nan, 0}, {kInfinity, 0}, {-kInfinity, -kInfinity}}) {
    for (const RowFunction f :
         {RowFunction::softmax, RowFunction::log_softmax, RowFunction::sparsemax}) {
      EXPECT_TRUE(std::isnan(value(f, x, 1, kBinary32)));
      EXPECT_FALSE(row_gradients(f, x, x, kBinary32, 2)[0].known);
    }
  }
  EXPECT_EQ(value(RowFunction::hardmax, {1, nan, nan}, 1, kBinary32), 1);
  EXPECT_EQ(value(RowFunction::softmax, {-kInfinity, 5, 5}, 0, kBinary32), 0);
  EXPECT_EQ(value(RowFunction::log_softmax, {-kInfinity, 5}, 0, kBinary32), -kInfinity);
  EXPECT_EQ(value(RowFunction::softmin, {kInfinity, 5}, 1, kBinary32), 1);
}

TEST(RowTruth, WhatIsNextToNothingIsRoundedOnce) {
  // e^-100 is subnormal in float, and what is left of the largest element's logarithm.
  EXPECT_EQ(value(RowFunction::softmax, {0, -100}, 1, kBinary32), 3.783505853677006e-44);
  EXPECT_EQ(value(RowFunction::log_softmax, {0, -100}, 0, kBinary32), -3.783505853677006e-44);
  EXPECT_EQ(value(RowFunction::softmax, {0, -1e30}, 1, kBinary64), 0);
  EXPECT_EQ(value(RowFunction::log_softmax, {0, -1e30}, 1, kBinary64), -1e30);
  // Half the gap to the next float, less something: down, not to even.
  EXPECT_EQ(value(RowFunction::log_softmax, {0, -16777217.0 - 2}, 1, kBinary32), -16777220);
  EXPECT_EQ(value(RowFunction::sparsemax, {1, 1, -3}, 0, kBinary16), 0.5);
}

TEST(RowTruth, AGradientIsKnownWhereTheOutputHasRoundedToOne) {
  const std::vector<double> x{20, 0}, dy{1, 0};
  const auto dx = row_gradients(RowFunction::softmax, x, dy, kBinary32, 2);
  EXPECT_NEAR(dx[0].truth.rounded, 2.0611536e-9, 1e-15);
  EXPECT_LT(dx[0].slack, 1e-14);
  EXPECT_LT(dx[0].unit, 1e-15);
  // Equal gradients leave nothing.
  EXPECT_EQ(row_gradients(RowFunction::softmax, x, {{3, 3}}, kBinary32, 2)[1].truth.rounded, 0);
}

}  // namespace
}  // namespace gradkeep::check
