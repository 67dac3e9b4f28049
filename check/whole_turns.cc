// SPDX-License-Identifier: Apache-2.0
#include "check/whole_turns.h"

#include <cstddef>

#include "check/arb_ball.h"

namespace gradkeep::check {

namespace {

constexpr slong kFirstBits = 26;

double nearest(const ArbBall& x) { return arf_get_d(arb_midref(x.get()), ARF_RND_NEAR); }

LessTurns less_turns(int exponent) {
  const ArbBall::Precision working(400);
  ArbBall power(1.0), turns;
  arb_mul_2exp_si(power.get(), power.get(), exponent);
  const ArbBall turn = ArbBall(2.0) * pi(power);
  arf_floor(arb_midref(turns.get()), arb_midref((power / turn + ArbBall(0.5)).get()));
  const ArbBall rest = power - turns * turn;
  arf_t bits;
  arf_init(bits);
  arf_set_round(bits, arb_midref(rest.get()), kFirstBits, ARF_RND_NEAR);
  const double first = arf_get_d(bits, ARF_RND_NEAR);
  arf_clear(bits);
  return {first, nearest(rest - ArbBall(first))};
}

}  // namespace

const std::array<LessTurns, 128>& powers_less_whole_turns() {
  static const std::array<LessTurns, 128> table = [] {
    std::array<LessTurns, 128> powers;
    for (std::size_t k = 0; k < powers.size(); ++k) powers[k] = less_turns(static_cast<int>(k));
    return powers;
  }();
  return table;
}

}  // namespace gradkeep::check
