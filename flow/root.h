// A root between two points of opposite sign.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>

namespace gradkeep::flow {

// Where f changes its sign between `low` and `high`, to the last bit or to where f is 0: false
// position with the Illinois rule, which halves the kept end's value and so cannot stall.
template <class F>
double root(const F& f, double low, double high, double f_low, double f_high) {
  for (int i = 0; i < 200 && f_low != 0 && f_high != 0; ++i) {
    double x = (low * f_high - high * f_low) / (f_high - f_low);
    if (i % 8 == 7 || !(x > low && x < high)) x = low + (high - low) / 2;
    if (x == low || x == high) break;
    const double y = f(x);
    if ((y > 0) == (f_high > 0)) {
      high = x;
      f_high = y;
      f_low /= 2;
    } else {
      low = x;
      f_low = y;
      f_high /= 2;
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
