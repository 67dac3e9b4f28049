// Whether one list of measurements tends to be smaller than another: the rank-sum test of Wilcoxon,
// Mann and Whitney. It only asks which number is the smaller of two, so a few turns in which the
// machine was busy elsewhere, which would ruin a mean, count as little as they should.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>

namespace gradkeep::check {

// How likely two lists from one distribution would differ in rank as much as these or more, in
// either direction: 1 if they do not differ at all. By the normal approximation with corrections for
// ties and continuity, which is good to a few per cent of itself from eight numbers a side.
double rank_test(std::span<const double> a, std::span<const double> b);

// The middle number, or the mean of the two in the middle; NaN of nothing.
double median(std::span<const double> numbers);

}  // namespace gradkeep::check
