// float64's exact tier on inputs that are hard to round (tools/make_worst_cases.py): some hundred bits
// and more tell what 106 leave open. GRADKEEP_WORST_CASES=FOLDER asks for whole lists, as CORE-MATH has
// them: FOLDER/exp.wc and so on, an input a line. Truth is then MPFR's.
// SPDX-License-Identifier: Apache-2.0

#include <gtest/gtest.h>
#include <mpfr.h>

#include <cmath>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>

#include "check/format.h"
#include "core/scalar.h"

namespace gradkeep::check {
namespace {

using detail::DoubleDouble;
using detail::Unbounded;

// The words that no function is by itself, over either number.
template <class Number>
Number expm1_of(Number x) {
  return x > Number(400.0) ? power_of_e(x) - Number(1.0) : exponential(x).minus_one;
}
template <class Number>
Number log1p_of(Number x) {
  return log1p_ratio(x) * x;
}
template <class Number>
Number erfc_of(Number x) {
  const Number a = abs(x), one(1.0), two(2.0);
  if (a < one) return one - error_function(x);
  const Number tail = exponential(-(a * a)).scaled * normal_tail(a * sqrt(two)) * two;
  return x > Number(0.0) ? unscaled(tail) : two - unscaled(tail);
}

// As core/scalar.h does with a function's kernel.
template <class Word>
double by_words(const Word& word, double x) {
  const DoubleDouble y = word(DoubleDouble(x));
  return detail::in_doubt(y, 0) ? word(Unbounded(x)).to_double(false) : y.hi;
}

struct Case {
  const char* name;
  double (*ours)(double x);
  int (*theirs)(mpfr_ptr out, mpfr_srcptr x, mpfr_rnd_t rounding);
  double low, high;  // where it is asked
};

const Case kCases[] = {
    {"exp", [](double x) { return Activation("exponential")(x); }, mpfr_exp, -kInfinity, kInfinity},
    {"expm1",
     [](double x) {
       if (x <= 0) return Activation("elu")(x);
       return by_words([](auto v) { return expm1_of(v); }, x);
     },
     mpfr_expm1, -kInfinity, kInfinity},
    // The word log1p_ratio is for what e^-|x| may be.
    {"log1p", [](double x) { return by_words([](auto v) { return log1p_of(v); }, x); }, mpfr_log1p,
     0, 1},
    {"tanh", [](double x) { return Activation("tanh")(x); }, mpfr_tanh, -kInfinity, kInfinity},
    {"erf", [](double x) { return Activation("erf")(x); }, mpfr_erf, -kInfinity, kInfinity},
    {"erfc", [](double x) { return by_words([](auto v) { return erfc_of(v); }, x); }, mpfr_erfc,
     -kInfinity, kInfinity},
};

TEST(WorstCases, ThatWereFoundAreRoundedCorrectly) {
  std::ifstream in(GRADKEEP_SOURCE_DIR "/tests/check/worst_cases.txt");
  std::string line;
  int count = 0;
  while (std::getline(in, line)) {
    if (line.empty() || line[0] == '#') continue;
    std::istringstream words(line);
    std::string name, input, result;
    words >> name >> input >> result;
    const double x = std::strtod(input.c_str(), nullptr),
                 want = std::strtod(result.c_str(), nullptr);
    for (const Case& c : kCases) {
      if (name != c.name) continue;
      ++count;
      const double got = c.ours(x);
      EXPECT_TRUE(same_bits(got, want)) << line << ": got " << std::hexfloat << got;
    }
  }
  EXPECT_EQ(count, 180);
}

// x's result by MPFR, in one rounding even where it is subnormal.
double nearest(const Case& c, double x) {
  mpfr_t in, out;
  mpfr_inits2(53, in, out, static_cast<mpfr_ptr>(nullptr));
  mpfr_set_d(in, x, MPFR_RNDN);
  const int side = c.theirs(out, in, MPFR_RNDN);
  mpfr_subnormalize(out, side, MPFR_RNDN);
  const double y = mpfr_get_d(out, MPFR_RNDN);
  mpfr_clears(in, out, static_cast<mpfr_ptr>(nullptr));
  return y;
}

TEST(WorstCases, OfWholeListsAreRoundedCorrectly) {
  const char* folder = std::getenv("GRADKEEP_WORST_CASES");
  if (!folder) GTEST_SKIP() << "GRADKEEP_WORST_CASES names no folder with exp.wc and others";
  mpfr_set_emin(-1073);
  mpfr_set_emax(1024);
  for (const Case& c : kCases) {
    const std::string path = std::string(folder) + "/" + c.name + ".wc";
    std::ifstream in(path);
    std::string line;
    long count = 0, elsewhere = 0, wrong = 0;
    while (std::getline(in, line)) {
      if (line.empty() || line[0] == '#') continue;
      const double x = std::strtod(line.c_str(), nullptr);
      if (!(std::isfinite(x) && x >= c.low && x <= c.high)) {
        ++elsewhere;
        continue;
      }
      ++count;
      const double got = c.ours(x), want = nearest(c, x);
      if (same_bits(got, want)) continue;
      ++wrong;
      ADD_FAILURE() << c.name << " " << line << ": got " << std::hexfloat << got << ", want "
                    << want;
    }
    EXPECT_GT(count, 0) << path;
    std::printf("%s: %ld inputs, %ld wrong, %ld elsewhere\n", c.name, count, wrong, elsewhere);
  }
}

}  // namespace
}  // namespace gradkeep::check
