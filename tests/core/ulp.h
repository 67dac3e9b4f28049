// Errors in units in the last place, with the truth as a long double (64 bits of mantissa or more).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>

namespace gradkeep {

// The unit of T at t: 2^(max(e, emin) - p + 1) for 2^e <= |t| < 2^(e + 1).
template <class T>
long double ulp(long double t) {
  using Format = std::numeric_limits<T>;
  const int e = t == 0 ? Format::min_exponent - 1 : std::ilogb(t);
  return std::ldexp(1.0L, std::max(e, Format::min_exponent - 1) - Format::digits + 1);
}

// The error of `got` in units at `scale`; 0 where both are NaN or the same infinity.
template <class T>
double error_in_ulp(T got, long double truth, long double scale) {
  if (std::isnan(truth) || std::isnan(got)) return std::isnan(truth) && std::isnan(got) ? 0 : 1e30;
  if (std::isinf(truth) || std::isinf(got)) {
    return static_cast<long double>(got) == static_cast<long double>(static_cast<T>(truth)) ? 0
                                                                                            : 1e30;
  }
  return static_cast<double>(std::abs(got - truth) / ulp<T>(scale));
}
template <class T>
double error_in_ulp(T got, long double truth) {
  return error_in_ulp(got, truth, truth);
}

}  // namespace gradkeep
