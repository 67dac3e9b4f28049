// Powers of two less whole turns, from Arb's pi: a float beyond 2^27 is an integer of 24 bits times such a
// power, and that integer times what is left of the power has the same sine. It stands apart from core's
// reduction, which it judges: other powers, other sums, another pi.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>

namespace gradkeep::check {

// first + rest is a number of [-pi, pi] to 2^-80; `first` has 26 bits, |rest| <= 2^-25.
struct LessTurns {
  double first = 0, rest = 0;
};

// For 2^0 to 2^127.
const std::array<LessTurns, 128>& powers_less_whole_turns();

}  // namespace gradkeep::check
