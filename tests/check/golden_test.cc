// Truth against golden values that mpmath computed from formulas written a third time
// (tools/make_golden_functions.py): as enclosures to 29 digits, then rounded to float and double.
// SPDX-License-Identifier: Apache-2.0

#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <fstream>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "check/truth.h"

namespace gradkeep::check {
namespace {

struct GoldenLine {
  std::string name;
  std::vector<double> parameters;
  double x = 0;
  std::vector<std::string> digits;  // value, slope, curvature, slopes of parameters
};

std::vector<GoldenLine> golden_lines() {
  std::ifstream file(GRADKEEP_SOURCE_DIR "/tests/check/golden_functions.txt");
  std::vector<GoldenLine> all;
  for (std::string line; std::getline(file, line);) {
    if (line.empty() || line[0] == '#') continue;
    std::istringstream words(line);
    GoldenLine golden;
    std::string parameters, word;
    words >> golden.name >> parameters >> word;
    golden.x = std::strtod(word.c_str(), nullptr);
    std::istringstream list(parameters == "-" ? "" : parameters);
    while (std::getline(list, word, ',')) golden.parameters.push_back(std::stod(word));
    while (words >> word) golden.digits.push_back(word);
    all.push_back(golden);
  }
  return all;
}

// The enclosure to at least 110 bits, or exact.
ArbBall enclosure(const Truth& truth, Ask ask, double x) {
  for (long precision = 256;; precision *= 2) {
    ArbBall ball = truth.in_arb(ask, x, precision);
    if (ball.exact() || arb_rel_accuracy_bits(ball.get()) >= 110 || precision > 8000) return ball;
  }
}

TEST(Golden, TruthAgreesWithMpmath) {
  const std::vector<GoldenLine> lines = golden_lines();
  ASSERT_GT(lines.size(), 1300u);
  std::set<std::string> seen;
  for (const GoldenLine& line : lines) {
    seen.insert(line.name);
    const Truth truth(line.name, line.parameters);
    ASSERT_EQ(line.digits.size(), 3 + line.parameters.size()) << line.name;
    for (std::size_t k = 0; k < line.digits.size(); ++k) {
      const auto ask = static_cast<Ask>(k);
      const ArbBall::Precision working(300);
      const ArbBall golden = decimal(ArbBall(), line.digits[k].c_str());
      const ArbBall ball = enclosure(truth, ask, line.x);
      const ArbBall gap = abs(ball - golden) - abs(golden) * ArbBall(1e-29);
      EXPECT_FALSE(arb_is_positive(gap.get())) << line.name << " " << to_string(ask) << " at "
                                               << line.x << ": mpmath has " << line.digits[k];
      // Thirty digits cannot tell on which side of a tie the real number lies.
      const auto is_tie = [](const Reference& t) {
        return std::abs(std::abs(t.offset) - 0.5) < 1e-9;
      };
      const Reference t64 = truth.at(ask, line.x, kBinary64);
      const auto same = [](double a, double b) {
        return a == b || (std::isnan(a) && std::isnan(b));  // outside the domain
      };
      EXPECT_TRUE(is_tie(t64) || same(t64.rounded, std::strtod(line.digits[k].c_str(), nullptr)))
          << line.name << " " << to_string(ask) << " at " << line.x << ": " << t64.rounded;
      const auto x32 = static_cast<float>(line.x);
      if (static_cast<double>(x32) != line.x) continue;
      const Reference t32 = truth.at(ask, line.x, kBinary32);
      EXPECT_TRUE(is_tie(t32) || same(t32.rounded, std::strtof(line.digits[k].c_str(), nullptr)))
          << line.name << " " << to_string(ask) << " at " << line.x << ": " << t32.rounded;
    }
  }
  for (const std::string& name : names()) EXPECT_TRUE(seen.contains(name)) << name;
}

}  // namespace
}  // namespace gradkeep::check
