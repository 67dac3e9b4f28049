// Eight balls at once must hold what Arb knows, lane by lane, and say so where they cannot. Their sines and
// cosines come from a reduction and series of their own, whose error is derived in check/row_ball.cc.
// SPDX-License-Identifier: Apache-2.0
#include "check/row_ball.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <random>

#include "check/arb_ball.h"
#include "check/whole_turns.h"

namespace gradkeep::check {
namespace {

using Row = RowBall::Row;

bool holds(const RowBall& wide, std::size_t lane, const ArbBall& narrow) {
  return !arb_lt(narrow.get(), ArbBall(wide.low()[lane]).get()) &&
         !arb_gt(narrow.get(), ArbBall(wide.high()[lane]).get());
}

void expect_waves(const Row& x, double width = 2 * 0x1p-51 + 0x1p-53) {
  const RowBall s = sin(RowBall(x)), c = cos(RowBall(x));
  for (std::size_t i = 0; i < x.size(); ++i) {
    EXPECT_TRUE(holds(s, i, sin(ArbBall(x[i])))) << "sine of " << x[i];
    EXPECT_TRUE(holds(c, i, cos(ArbBall(x[i])))) << "cosine of " << x[i];
    EXPECT_LE(s.high()[i] - s.low()[i], width);
    EXPECT_LE(c.high()[i] - c.low()[i], width);
  }
}

TEST(RowBall, WavesOfFloatsHoldTheTruth) {
  const ArbBall::Precision working(300);
  std::mt19937 random(3);
  for (int k = 0; k < 3000; ++k) {
    Row x;
    for (double& v : x) {
      do {
        v = std::bit_cast<float>(static_cast<std::uint32_t>(random()));
      } while (!std::isfinite(v));
    }
    expect_waves(x);
  }
  // Either side of where whole turns are taken off, next to multiples of a quarter turn, and the ends.
  expect_waves({0x1p27, 0x1.fffffep26, -0x1p27, -0x1.fffffep26, 0x1.fffffep127, -0x1.fffffep127,
                0x1p-149, 0});
  for (int k = 1; k < 3000; ++k) {
    Row x;
    for (std::size_t i = 0; i < x.size(); ++i) {
      const double turns = std::ldexp(k, static_cast<int>(3 * i));
      x[i] = static_cast<float>(turns * 0x1.921fb54442d18p+0);
    }
    expect_waves(x);
  }
}

TEST(RowBall, WavesOfOtherNumbersHoldTheTruth) {
  const ArbBall::Precision working(300);
  expect_waves({0.1, -0.7, 1e10 + 0.5, 12345.678, 1e100, -1e300, 0x1p128, 3.0}, 0x1p-47);
}

TEST(WholeTurns, PowersLoseWholeTurnsOnly) {
  const ArbBall::Precision working(400);
  int e = 0;
  for (const LessTurns& r : powers_less_whole_turns()) {
    ArbBall power(1.0);
    arb_mul_2exp_si(power.get(), power.get(), e++);
    const ArbBall turn = ArbBall(2.0) * pi(power);
    const ArbBall turns = (power - ArbBall(r.first) - ArbBall(r.rest)) / turn;
    arf_t whole;
    arf_init(whole);
    arf_floor(whole, arb_midref((turns + ArbBall(0.5)).get()));
    arf_sub(whole, arb_midref(turns.get()), whole, 64, ARF_RND_NEAR);
    EXPECT_LE(std::abs(arf_get_d(whole, ARF_RND_NEAR)), 0x1p-80) << "2^" << e - 1;
    arf_clear(whole);
    EXPECT_LE(std::abs(r.first), 0x1.921fb6p+1);
    EXPECT_LE(std::abs(r.rest), 0x1p-25);
    int exponent;
    const double digits = std::ldexp(std::frexp(r.first, &exponent), 26);
    EXPECT_EQ(digits, std::nearbyint(digits));
  }
}

TEST(RowBall, ArithmeticHoldsAllCombinations) {
  const ArbBall::Precision working(300);
  std::mt19937 random(5);
  const auto draw = [&] { return std::ldexp(static_cast<double>(random() % 2001) - 1000, -3) / 3; };
  for (int k = 0; k < 3000; ++k) {
    Row a, b, c, d;
    for (std::size_t i = 0; i < RowBall::kLanes; ++i) {
      a[i] = draw();
      b[i] = a[i] + std::abs(draw());
      c[i] = draw();
      d[i] = c[i] + std::abs(draw());
      if (c[i] <= 0) d[i] = std::min(d[i], -0.125);
      c[i] = std::min(c[i], d[i]);
    }
    const RowBall p(a, b), q(c, d), sum = p + q, difference = p - q, product = p * q, ratio = p / q;
    for (std::size_t i = 0; i < RowBall::kLanes; ++i) {
      for (const double u : {a[i], b[i]}) {
        for (const double v : {c[i], d[i]}) {
          EXPECT_TRUE(holds(sum, i, ArbBall(u) + ArbBall(v)));
          EXPECT_TRUE(holds(difference, i, ArbBall(u) - ArbBall(v)));
          EXPECT_TRUE(holds(product, i, ArbBall(u) * ArbBall(v)));
          EXPECT_TRUE(holds(ratio, i, ArbBall(u) / ArbBall(v)));
        }
      }
    }
  }
}

TEST(RowBall, OtherFunctionsAreDoubleBalls) {
  const Row x{0.5, 1, 2, 3, 0.25, 0.75, 10, 0x1p-40};
  const RowBall e = exp(RowBall(x)), t = tanh(RowBall(x)), r = sqrt(RowBall(x));
  for (std::size_t i = 0; i < x.size(); ++i) {
    EXPECT_EQ(e.low()[i], exp(DoubleBall(x[i])).low());
    EXPECT_EQ(t.high()[i], tanh(DoubleBall(x[i])).high());
    EXPECT_EQ(r.high()[i], sqrt(DoubleBall(x[i])).high());
  }
}

TEST(RowBall, WhatHasNoFiniteEndsIsUndecided) {
  Row x{1, 2, 3, 4, 5, 6, 7, 8};
  const RowBall large(1e300);
  EXPECT_THROW(large * large, Undecided);
  EXPECT_THROW(RowBall(0x1.fffffffffffffp1023) + RowBall(0x1p970), Undecided);
  EXPECT_EQ(RowBall(x).above(0.0), 1);
  EXPECT_EQ(RowBall(x).above(9.0), -1);
  EXPECT_THROW(RowBall(x).above(4.5), Undecided);
  x[3] = 0;
  EXPECT_THROW(RowBall(1.0) / RowBall(x), Undecided);
  EXPECT_THROW(log(RowBall(x)), Undecided);
}

}  // namespace
}  // namespace gradkeep::check
