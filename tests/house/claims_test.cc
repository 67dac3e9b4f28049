// docs/claims.md against what is computed today. A row `| number | what | name |` quotes a number at the
// precision that it shows ("28.7 %", "5.4e-07"), or a bound ("< 20 %"); its name is known to
// claims_theory.cc or claims_networks.cc, and no name there is left unquoted.
// SPDX-License-Identifier: Apache-2.0
#include "claims.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdio>
#include <fstream>
#include <regex>
#include <set>

namespace gradkeep::claims {
namespace {

struct Quote {
  std::string number, name;
};

std::vector<Quote> quotes() {
  std::ifstream file(GRADKEEP_SOURCE_DIR "/docs/claims.md");
  static const std::regex row(R"(\| ([^|]*\d[^|]*) \| [^|]+ \| `(\w+)` \|)");
  std::vector<Quote> all;
  std::smatch found;
  for (std::string line; std::getline(file, line);) {
    if (std::regex_match(line, found, row)) all.push_back({found[1], found[2]});
  }
  return all;
}

Numbers numbers() {
  Numbers all = by_theory();
  all.merge(by_networks());
  return all;
}

// Writes `value` in the way of `number`: as many decimals, with or without an exponent.
std::string like(const std::string& number, double value) {
  const std::size_t e = number.find('e'), point = number.find('.');
  const std::size_t end = e == number.npos ? number.size() : e;
  const int decimals = point == number.npos ? 0 : static_cast<int>(end - point - 1);
  char text[64];
  std::snprintf(text, sizeof text, e == number.npos ? "%.*f" : "%.*e", decimals, value);
  return text;
}

TEST(Claims, NumbersAreAsComputed) {
  const Numbers known = numbers();
  static const std::regex form(R"(([<>] )?(-?[\d.]+(?:e[-+]\d+)?)( %)?)");
  for (const auto& [quoted, name] : quotes()) {
    ASSERT_TRUE(known.contains(name)) << name << " is computed nowhere";
    std::smatch part;
    ASSERT_TRUE(std::regex_match(quoted, part, form)) << quoted;
    const double value = known.at(name)() * (part[3].matched ? 100 : 1);
    if (part[1] == "< ") {
      EXPECT_LT(value, std::stod(part[2])) << name;
    } else if (part[1] == "> ") {
      EXPECT_GT(value, std::stod(part[2])) << name;
    } else {
      EXPECT_EQ(like(part[2], value), part[2]) << name << " is " << value;
    }
  }
}

TEST(Claims, EveryNumberIsQuoted) {
  std::set<std::string> names;
  for (const Quote& quote : quotes()) names.insert(quote.name);
  for (const auto& [name, compute] : numbers()) EXPECT_TRUE(names.contains(name)) << name;
}

}  // namespace
}  // namespace gradkeep::claims
