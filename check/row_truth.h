// The truth about functions of a whole row: softmax and its kin by balls of growing precision, their
// vector-Jacobian products too. A row has one sum and many results, so that all of them are computed at once
// and those that a precision leaves open at the next one. Nothing is taken from core's kernels.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gradkeep/rows.h>

#include <functional>
#include <span>
#include <vector>

#include "check/truth.h"

namespace gradkeep::check {

// What is right at one place.
struct Expected {
  Reference truth;
  double unit = 0;   // that errors count in; 0: the truth's own
  double slack = 0;  // how far off an answer may be beyond the tolerance, as a number
  bool known = true;
};

// Rows with NaN or +inf, or of nothing but -inf, are NaN throughout, but for hardmax's (see rows.h). A share of
// sparsemax is a difference, so its errors count in ulps of the larger of the two numbers.
std::vector<Expected> row_values(RowFunction f, std::span<const double> x, const Format& format);

// dx_j = sum_i dy_i dy_i/dx_j. Where addends cancel, errors count in ulps of the sum of their sizes, for softmax of
// y_j y_i (dy_j - dy_i). Such a pass knows the row's values rounded to the format only, each off by `forgotten`
// ulps: what that changes is slack. Rows that are not numbers have no gradients: not known.
std::vector<Expected> row_gradients(RowFunction f, std::span<const double> x,
                                    std::span<const double> dy, const Format& format,
                                    double forgotten);

// The factors' product with a ball that is had at any precision. Not known if none of them decides it.
Expected settled_product(std::span<const double> factors,
                         const std::function<ArbBall(long precision)>& ball, const Format& format);

}  // namespace gradkeep::check
