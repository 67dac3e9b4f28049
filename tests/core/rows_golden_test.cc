// Functions of rows against golden values from another hand (tools/make_golden_rows.py).
// SPDX-License-Identifier: Apache-2.0
#include <gradkeep/rows.h>
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "tests/core/ulp.h"

namespace gradkeep {
namespace {

std::vector<long double> numbers(const std::string& text) {
  std::vector<long double> v;
  std::istringstream words(text);
  for (std::string word; std::getline(words, word, ',');) {
    v.push_back(std::strtold(word.c_str(), nullptr));
  }
  return v;
}

template <class T>
std::vector<T> as(const std::vector<long double>& v) {
  return {v.begin(), v.end()};
}

struct Golden {
  std::string function;
  std::vector<long double> x, dy, y, dx, size;
};

std::vector<Golden> all_golden() {
  std::ifstream file(std::string(GRADKEEP_SOURCE_DIR) + "/tests/core/golden_rows.txt");
  std::vector<Golden> all;
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with('#')) continue;
    std::istringstream words(line);
    std::string name, column[5];
    words >> name >> column[0] >> column[1] >> column[2] >> column[3] >> column[4];
    all.push_back({name, numbers(column[0]), numbers(column[1]), numbers(column[2]),
                   numbers(column[3]), numbers(column[4])});
  }
  return all;
}

template <class T>
void check(const Golden& g) {
  const RowFunction f = row_function(g.function);
  const std::vector<T> x = as<T>(g.x), dy = as<T>(g.dy);
  std::vector<T> y(x.size()), dx(x.size());
  rowwise<T>(f, x, y);
  rowwise_backward<T>(f, std::span<const T>(y), std::span<const T>(dy), std::span<T>(dx));
  for (std::size_t i = 0; i < x.size(); ++i) {
    const std::string where =
        g.function + " of " + std::to_string(x.size()) + ", element " + std::to_string(i);
    // A share of sparsemax is a difference of numbers below 1 in doubles at least.
    const long double scale = f == RowFunction::sparsemax ? std::max(g.y[i], 0x1p-20L) : g.y[i];
    EXPECT_LE(error_in_ulp(y[i], g.y[i], scale), 2) << where << ": " << y[i];
    EXPECT_LE(error_in_ulp(dx[i], g.dx[i], g.size[i]), 6)
        << where << ": dx " << dx[i] << ", expected " << static_cast<double>(g.dx[i]);
  }
}

TEST(RowsGolden, ValueAndGradientAreAsPromised) {
  const std::vector<Golden> all = all_golden();
  ASSERT_GT(all.size(), 100u);
  for (const Golden& g : all) {
    check<float>(g);
    check<double>(g);
  }
}

TEST(RowsGolden, AGradientSurvivesWhereTheOutputHasRoundedToOne) {
  const float x[] = {20, 0}, dy[] = {1, 0};
  float y[2], dx[2];
  rowwise<float>(RowFunction::softmax, x, y);
  ASSERT_EQ(y[0], 1);
  rowwise_backward<float>(RowFunction::softmax, y, dy, dx);
  EXPECT_NEAR(dx[0] / 2.0611536e-9, 1, 1e-6);
  EXPECT_NEAR(dx[1] / -2.0611536e-9, 1, 1e-6);
}

}  // namespace
}  // namespace gradkeep
