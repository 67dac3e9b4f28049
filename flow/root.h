// A root between two points of opposite sign.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>

namespace gradkeep::flow {

// Where f changes its sign between `low` and `high`, to the last bit or to where f is 0: false
// position with the Illinois rule, which halves the value of an end that is kept twice in a row and so
// cannot stall, and a bisection where three steps have not halved the range.
template <class F>
double root(const F& f, double low, double high, double f_low, double f_high) {
  int kept = 0;  // the end that the last step kept: -1 low, 1 high
  double width = high - low;
  for (int i = 0; i < 400 && f_low != 0 && f_high != 0; ++i) {
    double x = (low * f_high - high * f_low) / (f_high - f_low);
    const bool slow = i % 4 == 3 && high - low > width / 2;
    if (i % 4 == 3) width = slow ? (high - low) / 2 : high - low;
    if (slow || !(x > low && x < high)) x = low + (high - low) / 2;
    if (x == low || x == high) break;
    const double y = f(x);
    if ((y > 0) == (f_high > 0)) {
      high = x;
      f_high = y;
      if (kept == -1) f_low /= 2;
      kept = -1;
    } else {
      low = x;
      f_low = y;
      if (kept == 1) f_high /= 2;
      kept = 1;
    }
    if (y == 0) return x;
  }
  return std::abs(f_low) < std::abs(f_high) ? low : high;
}

template <class F>
double root(const F& f, double low, double high) {
  return root(f, low, high, f(low), f(high));
}

}  // namespace gradkeep::flow
