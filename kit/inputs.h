// Where the kit looks. First the places where implementations go wrong: kinks and zeros with their
// neighbours, powers of two with theirs, short mantissas, subnormals, where functions saturate and
// tails end, extremes, infinities, NaN; and a stride through all bit patterns and through the interval
// where functions bend. All of a 16-bit format. Then, round after round while there is time, more of
// the last two.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "check/truth.h"
#include "kit/number.h"
#include "kit/target.h"

namespace gradkeep::kit {

// Ascending without duplicates, NaN last; numbers of the format. Empty where a round has nothing new: a
// 16-bit format after the first. The same for the same arguments.
std::vector<double> inputs(const Activation& f, const check::Truth& truth, check::Ask ask,
                           Number number, int round);

// All float32 numbers, in so many parts one after the other; ascending within each, no NaN.
inline constexpr int kParts = 4096;
std::vector<double> all_floats(int part);

// Some 70 numbers, short enough to be asked at every length and place of an array: both sides of
// everything that the function has, -0, infinities and NaN among them.
std::vector<double> few_inputs(const Activation& f, Number number);

}  // namespace gradkeep::kit
