// Averages, fixed points and critical weights of many functions against golden values that mpmath
// computed from formulas written a third time, by other methods (tools/make_golden_moments.py).
// SPDX-License-Identifier: Apache-2.0
#include <gradkeep/critical.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <vector>

namespace gradkeep {
namespace {

struct GoldenLine {
  std::string name;
  std::vector<double> parameters;
  std::vector<double> given, value;
  Activation function() const { return {name, parameters, Bounds::any}; }
  std::string text() const {
    std::ostringstream out;
    out << name;
    for (const double v : given) out << " " << v;
    return out.str();
  }
};

std::vector<GoldenLine> golden_lines(const std::string& kind, std::size_t given) {
  std::ifstream file(GRADKEEP_SOURCE_DIR "/tests/flow/golden_moments.txt");
  std::vector<GoldenLine> all;
  for (std::string line; std::getline(file, line);) {
    std::istringstream words(line);
    GoldenLine golden;
    std::string word, parameters;
    words >> word;
    if (word != kind) continue;
    words >> golden.name >> parameters;
    std::istringstream list(parameters == "-" ? "" : parameters);
    while (std::getline(list, word, ',')) {
      golden.parameters.push_back(std::strtod(word.c_str(), nullptr));
    }
    while (words >> word) {
      auto& column = golden.given.size() < given ? golden.given : golden.value;
      column.push_back(std::strtod(word.c_str(), nullptr));
    }
    all.push_back(golden);
  }
  return all;
}

// The lines of one question, each of which is one answer.
std::vector<std::vector<GoldenLine>> questions(const std::vector<GoldenLine>& lines) {
  std::vector<std::vector<GoldenLine>> out;
  for (const GoldenLine& line : lines) {
    if (out.empty() || out.back()[0].name != line.name || out.back()[0].given != line.given) {
      out.emplace_back();
    }
    out.back().push_back(line);
  }
  return out;
}

void expect_near(double got, double expected, double tolerance, const char* what,
                 const GoldenLine& line) {
  if (std::isinf(expected)) {
    EXPECT_EQ(got, expected) << what << " of " << line.text();
  } else {
    EXPECT_NEAR(got, expected, tolerance) << what << " of " << line.text();
  }
}

// 1e-14 of E of the integrand's magnitude; and for a function that is 0 around 0, whose averages come
// from z far out, what the rounding of z does to the normal density there.
double digits(const Activation& f, double q) {
  double nearest = kInfinity;
  for (const double kink : f.kinks()) nearest = std::min(nearest, std::abs(kink));
  const bool zero = f(0) == 0 && f(0, 1) == 0 && std::isfinite(nearest);
  return 1e-14 + (zero ? 0x1p-52 * nearest * nearest / q : 0);
}

TEST(GoldenMoments, AreMpmathsForEveryActivation) {
  const std::vector<GoldenLine> lines = golden_lines("moments", 1);
  std::set<std::string> seen;
  for (const GoldenLine& line : lines) {
    seen.insert(line.name);
    const Moments m = moments(Nonlinearity(line.function()), line.given[0]);
    const std::vector<double>& v = line.value;
    ASSERT_EQ(v.size(), 9U);
    const double part = digits(line.function(), line.given[0]);
    expect_near(m.phi, v[0], part * v[6], "E phi", line);
    expect_near(m.phi2, v[1], part * v[1], "E phi^2", line);
    expect_near(m.dphi, v[2], part * v[7], "E phi'", line);
    expect_near(m.dphi2, v[3], part * v[3], "E phi'^2", line);
    expect_near(m.dphi4, v[4], part * v[4], "E phi'^4", line);
    expect_near(m.z_phi_dphi, v[5], part * v[8], "E z phi phi'", line);
  }
  for (const std::string& name : names()) {
    const bool everywhere = Activation(name).domain().low == -kInfinity;
    EXPECT_EQ(seen.contains(name), everywhere) << name;
  }
}

TEST(GoldenPairs, AreMpmaths) {
  const std::vector<GoldenLine> lines = golden_lines("pair", 2);
  EXPECT_GT(lines.size(), 70U);
  for (const GoldenLine& line : lines) {
    const Nonlinearity phi{line.function()};
    const PairMoments m = pair_moments(phi, line.given[0], line.given[1]);
    const Moments one = moments(phi, line.given[0]);
    expect_near(m.phi_phi, line.value[0], 1e-14 * one.phi2, "E phi phi", line);
    const double size = std::isinf(one.dphi2) ? std::abs(line.value[1]) : one.dphi2;
    expect_near(m.dphi_dphi, line.value[1], 1e-13 * size, "E phi' phi'", line);
  }
}

TEST(GoldenFixedPoints, AreMpmathsAndNoOthers) {
  const auto all = questions(golden_lines("fixed", 2));
  EXPECT_GE(all.size(), 24U);
  for (const std::vector<GoldenLine>& answers : all) {
    const WeightScale scale{answers[0].given[0], answers[0].given[1]};
    std::vector<FixedPoint> points =
        MeanField(Nonlinearity(answers[0].function())).fixed_points(scale);
    std::erase_if(points, [](const FixedPoint& p) { return !(p.q > 0) || std::isinf(p.q); });
    ASSERT_EQ(points.size(), answers.size()) << answers[0].text();
    for (std::size_t i = 0; i < points.size(); ++i) {
      const GoldenLine& line = answers[i];
      const std::vector<double>& v = line.value;  // q V' chi_1 1-c* xi_c
      const FixedPoint& p = points[i];
      const double digits = 1e-13 / std::abs(1 - v[1]);
      expect_near(p.q, v[0], digits * v[0], "q", line);
      const double more = 2e-14 + 2 * digits;
      expect_near(p.length_slope, v[1], more * (1 + std::abs(v[1])), "V'", line);
      expect_near(p.chi_1, v[2], more * v[2], "chi_1", line);
      // Near chi_1 = 1 the likeness is hard to tell; a jump's is infinite, and it is not.
      const double lost = std::isinf(v[2]) ? more : more / std::abs(1 - v[2]);
      expect_near(p.one_minus_c_star, v[3], lost * v[3], "1 - c*", line);
      expect_near(p.xi_c, v[4], 10 * lost * (1 + v[4]) * v[4], "xi_c", line);
      EXPECT_EQ(p.status, v[1] < 1 ? FixedPointStatus::stable : FixedPointStatus::unstable)
          << line.text();
    }
  }
}

TEST(GoldenCritical, LinesAreMpmaths) {
  const auto all = questions(golden_lines("critical", 1));
  EXPECT_GT(all.size(), 14U);
  for (const std::vector<GoldenLine>& answers : all) {
    std::vector<CriticalPoint> points =
        critical(MeanField(Nonlinearity(answers[0].function())), answers[0].given[0]).points;
    std::erase_if(points, [](const CriticalPoint& p) { return !(p.q > 0); });
    ASSERT_EQ(points.size(), answers.size()) << answers[0].text();
    for (std::size_t i = 0; i < points.size(); ++i) {
      const GoldenLine& line = answers[i];
      expect_near(points[i].weight_std, line.value[0], 1e-12 * line.value[0], "weight_std", line);
      expect_near(points[i].q, line.value[1], 1e-11 * line.value[1], "q", line);
      expect_near(points[i].length_slope, line.value[2], 1e-11, "V'", line);
    }
  }
}

}  // namespace
}  // namespace gradkeep
