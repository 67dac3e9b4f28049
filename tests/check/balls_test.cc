// The two kinds of ball: what a double ball encloses must hold what Arb knows far more precisely,
// exact results stay exact, and the sign of a zero end keeps its promise.
// SPDX-License-Identifier: Apache-2.0

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <random>
#include <utility>
#include <vector>

#include <gradkeep/core.h>
#include "check/arb_ball.h"
#include "check/double_ball.h"

namespace gradkeep::check {
namespace {

// Inputs of every size, both signs.
std::vector<double> inputs(int count) {
  std::mt19937_64 random(7);
  std::vector<double> x{0.0, 1.0,   -1.0, 0x1p-1074, -0x1p-1074, 0x1.fffffffffffffp+1023,
                        700, -745.3};
  for (int k = 0; k < count; ++k) {
    const double mantissa = std::ldexp(static_cast<double>(random() >> 11), -52) - 1;
    const int range = k % 2 ? 10 : 1000;
    x.push_back(std::ldexp(mantissa, static_cast<int>(random() % (2u * range)) - range));
  }
  return x;
}

::testing::AssertionResult contains(const DoubleBall& wide, const ArbBall& narrow) {
  ArbBall low = wide.low(), high = wide.high();
  if (std::isinf(wide.low())) arb_neg_inf(low.get());
  if (std::isinf(wide.high())) arb_pos_inf(high.get());
  // The narrow ball is an enclosure as well: it may stick out, but not lie outside.
  if (arb_lt(narrow.get(), low.get()) || arb_gt(narrow.get(), high.get())) {
    return ::testing::AssertionFailure() << "[" << wide.low() << ", " << wide.high() << "]";
  }
  if (wide.low_end().open && arb_le(narrow.get(), low.get())) {
    return ::testing::AssertionFailure() << "an open lower end that the number is not above";
  }
  if (wide.high_end().open && arb_ge(narrow.get(), high.get())) {
    return ::testing::AssertionFailure() << "an open upper end that the number is not below";
  }
  for (const auto& [end, open_zero] :
       {std::pair{wide.low_end(), 0.0}, std::pair{wide.high_end(), -0.0}}) {
    if (end.at == 0 && end.open != (std::signbit(end.at) == std::signbit(open_zero))) {
      return ::testing::AssertionFailure() << "a zero whose sign says something else";
    }
  }
  return ::testing::AssertionSuccess();
}

struct Elementary {
  const char* name;
  std::function<DoubleBall(const DoubleBall&)> in_doubles;
  std::function<ArbBall(const ArbBall&)> in_arb;
  double low = -1e300, high = 1e300;  // domain
};

const std::vector<Elementary>& elementary() {
  static const std::vector<Elementary> all{
      {"abs", [](auto& x) { return abs(x); }, [](auto& x) { return abs(x); }},
      {"sqrt", [](auto& x) { return sqrt(x); }, [](auto& x) { return sqrt(x); }, 0},
      {"exp", [](auto& x) { return exp(x); }, [](auto& x) { return exp(x); }},
      {"expm1", [](auto& x) { return expm1(x); }, [](auto& x) { return expm1(x); }},
      {"log", [](auto& x) { return log(x); }, [](auto& x) { return log(x); }, 1e-320},
      {"log1p", [](auto& x) { return log1p(x); }, [](auto& x) { return log1p(x); }, -0.9999},
      {"tanh", [](auto& x) { return tanh(x); }, [](auto& x) { return tanh(x); }},
      {"sin", [](auto& x) { return sin(x); }, [](auto& x) { return sin(x); }},
      {"cos", [](auto& x) { return cos(x); }, [](auto& x) { return cos(x); }},
      {"erf", [](auto& x) { return erf(x); }, [](auto& x) { return erf(x); }},
      {"erfc", [](auto& x) { return erfc(x); }, [](auto& x) { return erfc(x); }},
  };
  return all;
}

TEST(DoubleBall, ElementaryFunctionsHoldTheTruth) {
  for (const Elementary& f : elementary()) {
    for (double x : inputs(3000)) {
      if (x < f.low || x > f.high) continue;
      const ArbBall::Precision working(160 + std::max(0, 2 * std::ilogb(x == 0 ? 1 : x)));
      EXPECT_TRUE(contains(f.in_doubles(x), f.in_arb(ArbBall(x)))) << f.name << " at " << x;
    }
  }
}

TEST(DoubleBall, ElementaryFunctionsOfAnIntervalHoldItsEnds) {
  for (const Elementary& f : elementary()) {
    for (double x : inputs(300)) {
      const double end = x + std::abs(x) * 0.25;
      if (x < f.low || end > f.high || std::abs(end) > 1e4) continue;
      const ArbBall::Precision working(256);
      const DoubleBall wide = f.in_doubles(DoubleBall::between(x, end));
      EXPECT_TRUE(contains(wide, f.in_arb(ArbBall(x)))) << f.name << " at " << x;
      EXPECT_TRUE(contains(wide, f.in_arb(ArbBall(end)))) << f.name << " at " << end;
    }
  }
}

TEST(DoubleBall, AbsOfAnIntervalAroundZero) {
  EXPECT_EQ(abs(DoubleBall::between(-3, 2)).high(), 3);
  EXPECT_EQ(abs(DoubleBall::between(-2, 3)).high(), 3);
  EXPECT_EQ(abs(DoubleBall::between(-3, 2)).low(), 0);
  EXPECT_TRUE(std::signbit(abs(DoubleBall::between(-3, 2)).low()));
}

TEST(DoubleBall, WavesHoldTheExtremesInside) {
  const DoubleBall top = sin(DoubleBall::between(1.5, 1.75)),
                   bottom = cos(DoubleBall::between(3, 3.25));
  EXPECT_GE(top.high(), 1);
  EXPECT_LE(bottom.low(), -1);
  EXPECT_GT(top.low(), 0.7);
  EXPECT_EQ(sin(DoubleBall::between(-50, 50)).low(), -1);
  EXPECT_EQ(sin(DoubleBall::everything()).high(), 1);
}

TEST(DoubleBall, ArithmeticHoldsTheTruth) {
  const std::vector<double> x = inputs(400);
  std::mt19937 random(11);
  const ArbBall::Precision working(4600);
  for (double a : x) {
    for (int k = 0; k < 20; ++k) {
      const double b = x[random() % x.size()];
      EXPECT_TRUE(contains(DoubleBall(a) + b, ArbBall(a) + b)) << a << " + " << b;
      EXPECT_TRUE(contains(DoubleBall(a) - b, ArbBall(a) - b)) << a << " - " << b;
      EXPECT_TRUE(contains(DoubleBall(a) * b, ArbBall(a) * b)) << a << " * " << b;
      if (b != 0) {
        EXPECT_TRUE(contains(DoubleBall(a) / b, ArbBall(a) / b)) << a << " / " << b;
      }
    }
  }
}

TEST(DoubleBall, IntervalArithmeticHoldsAllCombinations) {
  std::mt19937 random(13);
  const auto draw = [&] { return std::ldexp(static_cast<double>(random() % 2001) - 1000, -3); };
  const ArbBall::Precision working(300);
  for (int k = 0; k < 4000; ++k) {
    double p = draw(), q = draw(), r = draw(), s = draw();
    if (p > q) std::swap(p, q);
    if (r > s) std::swap(r, s);
    const DoubleBall a = DoubleBall::between(p, q), b = DoubleBall::between(r, s);
    for (double u : {p, q, (p + q) / 2}) {
      for (double v : {r, s, (r + s) / 2}) {
        EXPECT_TRUE(contains(a + b, ArbBall(u) + v));
        EXPECT_TRUE(contains(a * b, ArbBall(u) * v));
        if (v != 0) {
          EXPECT_TRUE(contains(a / b, ArbBall(u) / v)) << p << q << " / " << r << s;
        }
      }
    }
  }
}

TEST(DoubleBall, ExactResultsStayExact) {
  EXPECT_TRUE((DoubleBall(3.0) / 8.0).exact());
  EXPECT_TRUE((DoubleBall(0.1) + 0x1p-60 * 0).exact());
  EXPECT_TRUE((DoubleBall(1.5) * 1.25).exact());
  EXPECT_TRUE(sqrt(DoubleBall(2.25)).exact());
  EXPECT_TRUE(exp(DoubleBall(0.0)).exact());
  EXPECT_TRUE(erfc(DoubleBall(0.0)).exact());
  EXPECT_TRUE(tanh(DoubleBall(0.0)).exact());
  EXPECT_FALSE((DoubleBall(1.0) / 3.0).exact());
  EXPECT_FALSE((DoubleBall(0.1) * 0.1).exact());
  EXPECT_FALSE((DoubleBall(1.0) + 0x1p-80).exact());
}

TEST(DoubleBall, UnderflowKeepsTheSign) {
  const DoubleBall tiny = exp(DoubleBall(-1e30));
  EXPECT_FALSE(std::signbit(tiny.low()));
  EXPECT_EQ(tiny.low(), 0);
  EXPECT_TRUE(std::signbit((-tiny).high()));
  EXPECT_FALSE(std::signbit((tiny * tiny).low()));
  EXPECT_FALSE(std::signbit((tiny + tiny).low()));
  EXPECT_TRUE(std::signbit((tiny - tiny).low()));
  EXPECT_EQ((DoubleBall(1.0) / tiny).high(), ends::kInf);
  EXPECT_EQ((DoubleBall(0.0) / tiny).high(), 0);
}

TEST(DoubleBall, WhatCannotBeSeenLeavesAnEndOpen) {
  const DoubleBall above = DoubleBall(1.5) + 0x1p-80, below = DoubleBall(1.5) - 0x1p-80;
  EXPECT_EQ(above.low(), 1.5);
  EXPECT_TRUE(above.low_end().open);
  EXPECT_EQ(below.high(), 1.5);
  EXPECT_TRUE(below.high_end().open);
  EXPECT_EQ((above * 3.0).low(), 4.5);
  EXPECT_TRUE((above * 3.0).low_end().open);
  EXPECT_TRUE((-above).high_end().open);
  EXPECT_TRUE((DoubleBall(3.0) / above).high_end().open);
  EXPECT_TRUE(sqrt(DoubleBall(2.25) + 0x1p-80).low_end().open);
  EXPECT_EQ((above - 1.5).above(0.0), 1);
  EXPECT_FALSE((DoubleBall(1.5) * 2.0).low_end().open);
  EXPECT_FALSE(DoubleBall::between(1, 2).high_end().open);
}

// 1 + 2^-24 and its likes lie halfway between two floats.
TEST(DoubleBall, OpenEndsRoundInward) {
  const double tie = 1 + 0x1p-24, other = 1 + 0x3p-24;
  const auto rounds = [](const DoubleBall& b) {
    return std::pair{static_cast<float>(b.low_to_round()), static_cast<float>(b.high_to_round())};
  };
  const float one = 1, next = 1 + 0x1p-23f, third = 1 + 0x1p-22f;
  EXPECT_EQ(rounds(DoubleBall(tie) + 0x1p-80), std::pair(next, next));
  EXPECT_EQ(rounds(DoubleBall(tie) - 0x1p-80), std::pair(one, one));
  EXPECT_EQ(rounds(DoubleBall(other) - 0x1p-80), std::pair(next, next));
  EXPECT_EQ(rounds(DoubleBall(-other) + 0x1p-80), std::pair(-next, -next));
  EXPECT_EQ(rounds(DoubleBall(-other) - 0x1p-80), std::pair(-third, -third));
  EXPECT_EQ(rounds(tie), std::pair(one, one));
  // One unit below a tie: inward must not be as far as the tie.
  const double short_of = std::nextafter(other, 0);
  EXPECT_EQ(rounds(DoubleBall(short_of) + 0x1p-80).first, next);
}

TEST(Balls, ComparisonsThatOverlapAreUndecided) {
  EXPECT_EQ(DoubleBall(2.0).above(1.0), 1);
  EXPECT_EQ(DoubleBall(1.0).above(1.0), -1);
  EXPECT_THROW(DoubleBall::between(0.0, 2.0).above(1.0), Undecided);
  EXPECT_EQ(ArbBall(2.0).above(1.0), 1);
  EXPECT_EQ(ArbBall(1.0).above(1.0), -1);
  ArbBall wide = 1.0;
  arb_add_error_2exp_si(wide.get(), -1);
  EXPECT_THROW(wide.above(1.0), Undecided);
}

TEST(Balls, DecimalsAndPi) {
  const ArbBall::Precision working(300);
  const char* lambda = "1.0507009873554804934193349852946";
  EXPECT_TRUE(contains(decimal(DoubleBall(), lambda), decimal(ArbBall(), lambda)));
  EXPECT_TRUE(contains(pi(DoubleBall()), pi(ArbBall())));
  EXPECT_THROW(decimal(ArbBall(), "one"), Error);
}

TEST(ArbBall, AnExactNumberLeansTowardsWhatItDwarfs) {
  const ArbBall::Precision working(128);
  const ArbBall tiny = exp(ArbBall(-0x1p40));
  EXPECT_EQ((ArbBall(1.0) + tiny).lean(), 1);
  EXPECT_EQ((ArbBall(1.0) - tiny).lean(), -1);
  EXPECT_EQ((tiny + ArbBall(-1.0)).lean(), 1);
  EXPECT_EQ((-(ArbBall(1.0) + tiny)).lean(), -1);
  EXPECT_EQ((ArbBall(1.0) + ArbBall(0x1p-60)).lean(), 0);
}

TEST(ArbBall, LeansPassThroughRootsProductsAndQuotients) {
  const ArbBall::Precision working(128);
  const ArbBall tiny = exp(ArbBall(-0x1p40));
  const ArbBall above = ArbBall(9.0) + tiny, below = ArbBall(9.0) - tiny;
  EXPECT_EQ(sqrt(above).lean(), 1);
  EXPECT_EQ(sqrt(below).lean(), -1);
  EXPECT_TRUE(arf_equal_si(arb_midref(sqrt(above).get()), 3));
  EXPECT_FALSE(arb_contains(sqrt(above).get(), sqrt(ArbBall(9.0 + 0x1p-40)).get()));
  EXPECT_EQ(sqrt(ArbBall(2.0) + tiny).lean(), 0);  // not the root of a square
  // Both operands push the same way, or nothing is known.
  EXPECT_EQ((above * above).lean(), 1);
  EXPECT_EQ((above * below).lean(), 0);
  EXPECT_EQ((above * -above).lean(), -1);
  EXPECT_EQ((-above * -above).lean(), 1);
  EXPECT_EQ((above / (ArbBall(4.0) - tiny)).lean(), 1);
  EXPECT_EQ((above / (ArbBall(4.0) + tiny)).lean(), 0);
  EXPECT_EQ((above / (tiny - ArbBall(4.0))).lean(), -1);
  // A further speck does no harm on the side leaned to, and undoes it on the other.
  EXPECT_EQ((above + tiny).lean(), 1);
  EXPECT_EQ((tiny + below).lean(), 0);
  EXPECT_EQ((below - tiny).lean(), -1);
}

TEST(ArbBall, ErfcIsAccurateFarOut) {
  // Arb 2.23 alone has no correct bit here; where both work, they agree.
  const ArbBall::Precision working(400);
  EXPECT_GT(arb_rel_accuracy_bits(erfc(ArbBall(0x1p20)).get()), 300);
  EXPECT_GT(arb_rel_accuracy_bits(erfc(ArbBall(0x1p60)).get()), 200);
  const ArbBall inside = erfc(ArbBall(64.0)), outside = erfc(ArbBall(64.0 + 0x1p-46));
  EXPECT_GT(arb_rel_accuracy_bits(inside.get()), 300);
  EXPECT_GT(arb_rel_accuracy_bits(outside.get()), 300);
  // d log erfc = -2z (1 + 1/(2 z^2) - ...) dz
  const ArbBall ratio = outside / inside;
  EXPECT_NEAR(arf_get_d(arb_midref(ratio.get()), ARF_RND_NEAR), std::exp(-128.0156 * 0x1p-46),
              1e-15);
}

}  // namespace
}  // namespace gradkeep::check
