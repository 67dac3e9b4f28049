// Series in Chebyshev polynomials through a function's values at Chebyshev's points of [-1, 1].
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cmath>
#include <cstddef>
#include <numbers>

namespace gradkeep::flow {

// Point j of n.
inline double chebyshev_point(int j, int n) { return std::cos(std::numbers::pi * (j + 0.5) / n); }

template <std::size_t N>
std::array<double, N> chebyshev_series(const std::array<double, N>& value) {
  std::array<double, N> out{};
  for (std::size_t k = 0; k < N; ++k) {
    for (std::size_t j = 0; j < N; ++j) {
      out[k] += value[j] * std::cos(std::numbers::pi * static_cast<double>(k) *
                                    (static_cast<double>(j) + 0.5) / N);
    }
    out[k] *= (k == 0 ? 1.0 : 2.0) / N;
  }
  return out;
}

// Clenshaw's recurrence.
template <std::size_t N>
double chebyshev_sum(const std::array<double, N>& coefficient, double t) {
  double now = 0, before = 0;
  for (std::size_t k = N; k-- > 1;) {
    const double next = 2 * t * now - before + coefficient[k];
    before = now;
    now = next;
  }
  return t * now - before + coefficient[0];
}

}  // namespace gradkeep::flow
