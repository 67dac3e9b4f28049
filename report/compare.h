// A number over several seeds, and when two of them differ. A sentence of the report may only say
// "better" or "worse" where `apart` says so; report/charts/src/compare.ts holds the same rule.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>

namespace gradkeep::report {

// Middle, lowest and highest over the seeds; NaN where no seed has the number.
struct Spread {
  double mid, low, high;
  bool known() const { return mid == mid; }
};

Spread arithmetic_spread(std::span<const double> values);
// The middle of quantities that multiply (gradients, gains); zero as soon as one seed is zero.
Spread geometric_spread(std::span<const double> values);
double geometric_mean(std::span<const double> values);

// Two accuracies on a test part of so many examples: the means lie further apart than both ranges
// over the seeds together, and further than twice the standard error of such a test.
bool apart(const Spread& a, const Spread& b, int examples);
// The same for times and counts, whose only noise is the seeds'.
bool apart(const Spread& a, const Spread& b);

}  // namespace gradkeep::report
