// The embedded data sets are those that their makers published, under the names that their codes
// deserve, and their makers are credited.
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <iterator>
#include <map>
#include <numeric>
#include <set>
#include <string>
#include <vector>

#include "data/dataset.h"

namespace gradkeep::data {
namespace {

std::vector<int> class_counts(const Dataset& set) {
  std::vector<int> counts(set.classes);
  for (const int label : set.label) ++counts[label];
  return counts;
}

std::vector<double> column(const Dataset& set, const std::string& name) {
  const auto at = std::find(set.feature_names.begin(), set.feature_names.end(), name);
  if (at == set.feature_names.end()) throw Error("no feature " + name);
  const auto f = static_cast<std::size_t>(at - set.feature_names.begin());
  std::vector<double> cells;
  for (std::size_t r = 0; r < set.rows; ++r) cells.push_back(set.x[r * set.features + f]);
  return cells;
}

double sum(const std::vector<double>& cells) {
  return std::accumulate(cells.begin(), cells.end(), 0.0);
}

std::size_t different_rows(const Dataset& set) {
  std::set<std::vector<double>> seen;
  for (std::size_t r = 0; r < set.rows; ++r) {
    seen.emplace(&set.x[r * set.features], &set.x[r * set.features] + set.features);
  }
  return seen.size();
}

TEST(Digits, are_those_of_scikit_learn) {
  const Dataset set = digits();
  EXPECT_EQ(set.rows, 1797u);
  EXPECT_EQ(set.features, 64u);
  EXPECT_EQ(class_counts(set),
            (std::vector<int>{178, 182, 177, 183, 181, 182, 181, 179, 174, 180}));
  EXPECT_EQ(*std::max_element(set.x.begin(), set.x.end()), 16);
  EXPECT_EQ(*std::min_element(set.x.begin(), set.x.end()), 0);
  // The sum of all pixels, as load_digits().data.sum() gives it.
  EXPECT_EQ(sum(set.x), 561718);
  EXPECT_EQ(set.x[2], 5);   // the first image's first stroke
  EXPECT_EQ(set.x[19], 2);  // row 2, column 3
}

TEST(Credit, has_the_rows_and_classes_that_uci_states) {
  const Dataset set = credit();
  EXPECT_EQ(set.rows, 1000u);
  EXPECT_EQ(class_counts(set), (std::vector<int>{300, 700}));
  EXPECT_EQ(set.class_names, (std::vector<std::string>{"bad", "good"}));
  EXPECT_EQ(set.features, 55u);
  EXPECT_EQ(set.feature_names.size(), 55u);
  EXPECT_EQ(different_rows(set), 1000u);
  EXPECT_EQ(sum(column(set, "duration")), 20903);
  EXPECT_EQ(sum(column(set, "amount")), 3271258);
  EXPECT_EQ(sum(column(set, "age")), 35546);
  EXPECT_EQ(sum(column(set, "rate")), 2973);
  EXPECT_EQ(sum(column(set, "residence")), 2845);
  EXPECT_EQ(sum(column(set, "credits")), 1407);
  EXPECT_EQ(sum(column(set, "dependants")), 1155);
}

// The first applicant of german.data: A11 6 A34 A43 1169 A65 A75 4 A93 A101 4 A121 67 A143 A152 2
// A173 1 A192 A201 1.
TEST(Credit, the_first_row_is_that_of_uci_under_corrected_names) {
  const Dataset set = credit();
  EXPECT_EQ(set.label[0], 1);
  std::map<std::string, double> present;
  for (std::size_t f = 0; f < set.features; ++f) {
    if (set.x[f] != 0) present[set.feature_names[f]] = set.x[f];
  }
  const std::map<std::string, double> expected = {{"status=no account", 1},
                                                  {"duration", 6},
                                                  {"history=all paid back here", 1},
                                                  {"purpose=furniture", 1},
                                                  {"amount", 1169},
                                                  {"savings=>=1000 DM", 1},
                                                  {"employment=>=7 years", 1},
                                                  {"rate", 4},
                                                  {"debtors=none", 1},
                                                  {"residence", 4},
                                                  {"property=unknown or none", 1},
                                                  {"age", 67},
                                                  {"plans=none", 1},
                                                  {"housing=rent", 1},
                                                  {"credits", 2},
                                                  {"job=skilled", 1},
                                                  {"dependants", 1},
                                                  {"telephone=yes", 1}};
  EXPECT_EQ(present, expected);
}

TEST(Credit, every_row_has_one_level_of_each_category) {
  const Dataset set = credit();
  std::map<std::string, std::vector<double>> levels;  // of a category: per row
  for (const std::string& name : set.feature_names) {
    const std::size_t sign = name.find('=');
    if (sign == name.npos) continue;
    auto& total = levels.try_emplace(name.substr(0, sign), set.rows).first->second;
    const std::vector<double> cells = column(set, name);
    EXPECT_GT(sum(cells), 0) << name;
    for (std::size_t r = 0; r < set.rows; ++r) total[r] += cells[r];
  }
  EXPECT_EQ(levels.size(), 11u);
  for (const auto& [name, total] : levels) {
    EXPECT_EQ(total, std::vector<double>(set.rows, 1)) << name;
  }
}

// Bad and good payers with a level, counted in Groemping's own file, which has codes of its own: they
// tell which name belongs to which of UCI's codes.
TEST(Credit, levels_are_named_as_groemping_names_them) {
  const Dataset set = credit();
  const auto expect = [&](const std::string& name, int bad, int good) {
    const std::vector<double> cells = column(set, name);
    int count[2] = {};
    for (std::size_t r = 0; r < set.rows; ++r) count[set.label[r]] += cells[r] == 1;
    EXPECT_EQ(count[0], bad) << name;
    EXPECT_EQ(count[1], good) << name;
  };
  expect("status=no account", 135, 139);
  expect("status=<0 DM", 105, 164);
  expect("status=0-200 DM", 14, 49);
  expect("status=>=200 DM", 46, 348);
  expect("history=delay in the past", 25, 15);
  expect("history=critical account", 28, 21);
  expect("history=none or all paid back", 169, 361);
  expect("history=paid back till now", 28, 60);
  expect("history=all paid back here", 50, 243);
  expect("purpose=others", 89, 145);
  expect("purpose=car (new)", 17, 86);
  expect("purpose=car (used)", 58, 123);
  expect("purpose=furniture", 62, 218);
  expect("purpose=radio/TV", 4, 8);
  expect("purpose=appliances", 8, 14);
  expect("purpose=repairs", 22, 28);
  expect("purpose=vacation", 1, 8);
  expect("purpose=retraining", 34, 63);
  expect("purpose=business", 5, 7);
  expect("savings=unknown or none", 217, 386);
  expect("savings=>=1000 DM", 32, 151);
  expect("employment=none", 23, 39);
  expect("employment=>=7 years", 64, 189);
  expect("debtors=co-applicant", 18, 23);
  expect("debtors=guarantor", 10, 42);
  expect("property=unknown or none", 60, 222);
  expect("property=real estate", 67, 87);
  expect("housing=free", 70, 109);
  expect("job=none or unskilled non-resident", 7, 15);
  expect("job=highly qualified", 51, 97);
  expect("telephone=yes", 113, 291);
}

TEST(Credit, leaves_out_what_is_broken) {
  for (const std::string& name : credit().feature_names) {
    EXPECT_EQ(name.find("sex"), name.npos);
    EXPECT_EQ(name.find("foreign"), name.npos);
  }
}

TEST(BreastCancer, is_that_of_scikit_learn) {
  const Dataset set = breast_cancer();
  EXPECT_EQ(set.rows, 569u);
  EXPECT_EQ(set.features, 30u);
  EXPECT_EQ(class_counts(set), (std::vector<int>{212, 357}));
  EXPECT_EQ(set.class_names, (std::vector<std::string>{"malignant", "benign"}));
  EXPECT_EQ(different_rows(set), 569u);
  EXPECT_NEAR(sum(set.x), 1056474.4596356, 1e-6);
  // The ranges that the description of the set states.
  const auto range = [&](const std::string& name, double low, double high) {
    const std::vector<double> cells = column(set, name);
    EXPECT_EQ(*std::min_element(cells.begin(), cells.end()), low) << name;
    EXPECT_EQ(*std::max_element(cells.begin(), cells.end()), high) << name;
  };
  range("mean radius", 6.981, 28.11);
  range("mean fractal dimension", 0.04996, 0.09744);
  range("area error", 6.802, 542.2);
  range("worst concave points", 0, 0.291);
  range("worst fractal dimension", 0.05504, 0.2075);
  EXPECT_EQ(set.label[0], 0);
  EXPECT_EQ(set.x[1], 10.38);
}

TEST(Embedded, sets_load_by_name) {
  for (const char* name : {"digits", "credit", "breast_cancer"}) {
    const Dataset set = load({.name = name});
    EXPECT_EQ(set.name, name);
    EXPECT_EQ(set.feature_names.size(), set.features);
    EXPECT_EQ(set.class_names.size(), static_cast<std::size_t>(set.classes));
    EXPECT_EQ(set.x.size(), set.rows * set.features);
  }
}

TEST(Embedded, sets_are_credited) {
  std::ifstream in(GRADKEEP_SOURCE_DIR "/NOTICE");
  const std::string notice((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  const std::map<std::string, std::vector<std::string>> needed = {
      {"digits", {"Alpaydin", "Kaynak", "10.24432/C50P49", "1,797"}},
      {"credit",
       {"Hofmann", "10.24432/C5NC77", "Groemping", "10.24432/C5QG88", "4/2019", "foreign worker"}},
      {"breast_cancer", {"Wolberg", "Street", "Mangasarian", "10.24432/C5DW2B", "569"}}};
  for (const auto& [name, words] : needed) {
    const std::string own = credits(name);
    EXPECT_TRUE(credits().find(own) != std::string::npos);
    EXPECT_NE(own.find("CC BY 4.0"), own.npos) << name;
    for (const std::string& word : words) {
      EXPECT_NE(own.find(word), own.npos) << word;
      EXPECT_NE(notice.find(word), notice.npos) << word;
    }
    for (const auto& [other, foreign] : needed) {
      EXPECT_EQ(own.find(foreign[0]) != own.npos, other == name) << name << ", " << foreign[0];
    }
  }
  EXPECT_EQ(credits("two_spirals"), "");
  EXPECT_EQ(credits("own.csv"), "");
}

}  // namespace
}  // namespace gradkeep::data
