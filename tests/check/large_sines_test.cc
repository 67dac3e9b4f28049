// Sines of large arguments, where all depends on digits of 1/pi far behind its point: the tables they
// come from, and the arguments nearest to multiples of pi/2, where the fewest digits are left. The double
// 6381956970095103 2^797 is the hardest of all, 2^-60.9 from one (published by Muller and others; all here
// were found by continued fractions). Truth is MPFR's.
// SPDX-License-Identifier: Apache-2.0

#include <gtest/gtest.h>
#include <mpfr.h>

#include <cmath>
#include <random>
#include <string>
#include <vector>

#include "check/format.h"
#include "check/truth.h"
#include "core/trigonometry.h"

namespace gradkeep::check {
namespace {

struct Real {
  mpfr_t v;
  Real() { mpfr_init2(v, 3000); }
  ~Real() { mpfr_clear(v); }
  Real(const Real&) = delete;
  Real& operator=(const Real&) = delete;
};

TEST(LargeSines, WordsOfInversePiAreMpfrs) {
  Real rest, word;
  mpfr_const_pi(rest.v, MPFR_RNDN);
  mpfr_ui_div(rest.v, 1, rest.v, MPFR_RNDN);
  for (std::size_t k = 0; k < detail::kInversePi.size(); ++k) {
    mpfr_mul_2ui(rest.v, rest.v, 32, MPFR_RNDN);
    mpfr_floor(word.v, rest.v);
    EXPECT_EQ(detail::kInversePi[k], mpfr_get_ui(word.v, MPFR_RNDN)) << "word " << k;
    mpfr_sub(rest.v, rest.v, word.v, MPFR_RNDN);
  }
}

TEST(LargeSines, PowersOfTwoLoseWholeTurnsOnly) {
  using Powers = detail::PowersLessTurns;
  const Powers& powers = detail::powers_less_turns();
  Real turn, rest, turns;
  mpfr_const_pi(turn.v, MPFR_RNDN);
  mpfr_mul_2ui(turn.v, turn.v, 1, MPFR_RNDN);
  for (std::size_t k = 0; k < Powers::kCount; ++k) {
    const int e = Powers::kFirst + static_cast<int>(k);
    EXPECT_LE(std::abs(powers.hi[k]), 0x1.921fb54442d18p+1) << "2^" << e;
    mpfr_set_ui_2exp(rest.v, 1, e, MPFR_RNDN);
    mpfr_sub_d(rest.v, rest.v, powers.hi[k], MPFR_RNDN);
    mpfr_sub_d(rest.v, rest.v, powers.lo[k], MPFR_RNDN);
    mpfr_div(turns.v, rest.v, turn.v, MPFR_RNDN);
    mpfr_round(turns.v, turns.v);
    mpfr_mul(turns.v, turns.v, turn.v, MPFR_RNDN);
    mpfr_sub(rest.v, rest.v, turns.v, MPFR_RNDN);
    EXPECT_LE(std::abs(mpfr_get_d(rest.v, MPFR_RNDN)), 0x1p-103) << "2^" << e;
  }
}

// mantissa 2^exponent
struct Argument {
  double mantissa;
  int exponent;
};

// sin(x), or for order 1 cos(x), rounded to a double or float.
template <class T>
T nearest(int order, T x) {
  mpfr_t in, out;
  mpfr_init2(in, 53);
  mpfr_init2(out, kFormatOf<T>.precision);
  mpfr_set_d(in, x, MPFR_RNDN);
  (order == 0 ? mpfr_sin : mpfr_cos)(out, in, MPFR_RNDN);
  const double y = mpfr_get_d(out, MPFR_RNDN);
  mpfr_clears(in, out, static_cast<mpfr_ptr>(nullptr));
  return static_cast<T>(y);
}

template <class T>
void expect_sines(const std::vector<Argument>& arguments) {
  const Activation sine("sine");
  std::vector<T> x;
  for (const Argument& a : arguments) {
    for (const double sign : {1.0, -1.0}) {
      x.push_back(static_cast<T>(sign * std::ldexp(a.mantissa, a.exponent)));
    }
  }
  std::vector<T> exact(x.size()), fast(x.size());
  for (const int order : {0, 1}) {
    sine.evaluate<T>(order, x, exact, Tier::exact);
    sine.evaluate<T>(order, x, fast);
    for (std::size_t i = 0; i < x.size(); ++i) {
      const T want = nearest(order, x[i]);
      EXPECT_TRUE(same_bits(exact[i], want)) << std::hexfloat << x[i] << " order " << order
                                             << ": got " << exact[i] << ", want " << want;
      EXPECT_LE(std::abs(fast[i] - want), ulp(want, kFormatOf<T>))
          << std::hexfloat << x[i] << " order " << order << ": got " << fast[i] << ", want "
          << want;
    }
  }
}

TEST(LargeSines, OfDoublesNearestToZeros) {
  expect_sines<double>({{6381956970095103, 797},
                        {6381956970095103, 798},
                        {3205513981387887, -46},
                        {3205513981387887, -45},
                        {7763785107565477, -29},
                        {7763785107565477, -28},
                        {5916243447979695, 79},
                        {8444920710073313, 939},
                        {2925482757170843, 526},
                        {8160885118204141, 808},
                        {8360820580228475, 628},
                        {2145770658771043, 147}});
}

TEST(LargeSines, OfFloatsNearestToZeros) {
  expect_sines<float>({{16367173, 72},
                       {16367173, 73},
                       {10741887, 11},
                       {10741887, 12},
                       {10057457, 62},
                       {10057457, 63},
                       {5808979, 18},
                       {1126547, 56},
                       {14173733, 88},
                       {1751883, 69},
                       {555981, 38}});
}

// Of each binade: with both halves of a double's digits taken up, and with more digits than a double has.
TEST(LargeSines, OfProductsAreRoundedCorrectly) {
  std::mt19937 random(1);
  std::vector<float> x;
  for (int binade = 30; binade < 128; ++binade) {
    for (int i = 0; i < 50; ++i) {
      const auto mantissa = static_cast<float>((1u << 23) + random() % (1u << 23));
      x.push_back(std::ldexp(i % 2 ? mantissa : -mantissa, binade - 23));
    }
  }
  std::vector<float> exact(x.size()), fast(x.size());
  for (const double frequency : {0x1.0000001p0, 0.7}) {
    const Activation snake("snake", std::vector<double>{frequency}, Bounds::recommended);
    const Truth truth(snake);
    for (const int order : {1, 2}) {
      snake.evaluate<float>(order, x, exact, Tier::exact);
      snake.evaluate<float>(order, x, fast);
      for (std::size_t i = 0; i < x.size(); ++i) {
        const Reference want = truth.at(ask_order(order), x[i], kBinary32);
        EXPECT_TRUE(rounded_correctly(want, exact[i]))
            << std::hexfloat << frequency << " at " << x[i];
        EXPECT_LE(error_in_ulps(want, fast[i]), 2 * order)
            << std::hexfloat << frequency << " at " << x[i];
      }
    }
  }
}

// Frequencies may have more digits than a float, and so come nearer to a zero. They are such as float lanes
// are asked with.
TEST(LargeSines, OfFrequenciesNearestToZeros) {
  for (const auto& [mantissa, exponent] : std::vector<Argument>{{1654412418448821, 16},
                                                                {6311013172270677, 37},
                                                                {3604564877737845, 24},
                                                                {8451279557623493, 28}}) {
    constexpr int kShift = 45;
    const Activation snake("snake", std::vector<double>{std::ldexp(mantissa, -kShift)},
                           Bounds::any);
    const Truth truth(snake);
    for (const int order : {1, 2}) {
      for (const double sign : {1.0, -1.0}) {
        const std::vector<float> x{static_cast<float>(sign * std::ldexp(1, exponent + kShift))};
        std::vector<float> exact(1), fast(1);
        snake.evaluate<float>(order, x, exact, Tier::exact);
        snake.evaluate<float>(order, x, fast);
        const Reference want = truth.at(ask_order(order), x[0], kBinary32);
        EXPECT_TRUE(rounded_correctly(want, exact[0])) << mantissa << " at " << x[0];
        EXPECT_LE(error_in_ulps(want, fast[0]), 2 * order) << mantissa << " at " << x[0];
      }
    }
  }
}

}  // namespace
}  // namespace gradkeep::check
