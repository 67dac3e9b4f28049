// After k steps A V = U B and A^T U = V B^T + beta v e^T, with orthonormal columns in U and V and B
// bidiagonal. A singular value of B with the left vector p misses being one of A by at most
// beta |p_k|, and but for close neighbours misses it by the square of that, relative. Where beta or a new diagonal element vanishes, the vectors
// span all that a random start can reach, and B has every singular value of A.
// SPDX-License-Identifier: Apache-2.0
#include "probe/lanczos.h"

#include <lapacke.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "data/random.h"

namespace gradkeep::probe {
namespace {

using Vector = std::vector<double>;

double dot(const Vector& a, const Vector& b) {
  double sums[4] = {};
  std::size_t i = 0;
  for (; i + 4 <= a.size(); i += 4)
    for (int k = 0; k < 4; ++k) sums[k] += a[i + k] * b[i + k];
  for (; i < a.size(); ++i) sums[0] += a[i] * b[i];
  return (sums[0] + sums[1]) + (sums[2] + sums[3]);
}

void take_off(Vector& a, double factor, const Vector& b) {
  for (std::size_t i = 0; i < a.size(); ++i) a[i] -= factor * b[i];
}

// Makes `a` orthogonal to the others and of length 1; returns the length that it had.
double normalise(Vector& a, const std::vector<Vector>& others) {
  for (int round = 0; round < 2; ++round)
    for (const Vector& other : others) take_off(a, dot(a, other), other);
  const double length = std::sqrt(dot(a, a));
  if (length > 0)
    for (double& v : a) v /= length;
  return length;
}

// Singular values of B, descending, and the last elements of their left vectors.
struct Small {
  Vector values, last;
};
Small singular(Vector diagonal, Vector above) {
  const auto k = static_cast<lapack_int>(diagonal.size());
  Small result{std::move(diagonal), Vector(above.size())};
  result.last.push_back(1);  // the last row of the identity
  above.push_back(0);        // LAPACK asks for one more place
  double none = 0;
  if (LAPACKE_dbdsqr(LAPACK_COL_MAJOR, 'U', k, 0, 1, 0, result.values.data(), above.data(), &none,
                     1, result.last.data(), 1, &none, 1) != 0)
    return {};
  return result;
}

}  // namespace

Extremes extreme_singular_values(const Operator& a, int steps) {
  // Of a wide matrix a random start has a part that is mapped to 0 and would pass for a singular value.
  if (a.columns > a.rows)
    return extreme_singular_values({a.columns, a.rows, a.transposed, a.apply}, steps);
  constexpr double kTolerance = 1e-6;
  constexpr int kEvery = 10;
  const int whole = a.columns;
  const double rounding = whole * std::numeric_limits<double>::epsilon();
  data::Random random(1);
  Vector v(a.columns), diagonal, above;
  for (double& x : v) x = random.normal();
  std::vector<Vector> left, right;
  normalise(v, {});
  double scale = 0;
  for (;;) {
    right.push_back(v);
    Vector u(a.rows);
    a.apply(v, u);
    if (!left.empty()) take_off(u, above.back(), left.back());
    const double alpha = normalise(u, left);
    diagonal.push_back(alpha);
    scale = std::max(scale, alpha);
    left.push_back(u);
    a.transposed(u, v);
    take_off(v, alpha, right.back());
    const double beta = normalise(v, right);
    scale = std::max(scale, beta);
    if (!std::isfinite(scale)) return {};

    const int k = static_cast<int>(diagonal.size());
    const bool closed = alpha <= rounding * scale || beta <= rounding * scale || k == whole;
    const bool last = closed || k >= steps;
    if (last || k % kEvery == 0) {
      const auto [values, ends] = singular(diagonal, above);
      if (values.empty()) return {};
      Extremes result;
      const auto good = [&](double value, double end) {
        return closed || beta * std::abs(end) <= kTolerance * value;
      };
      if (good(values.front(), ends.front())) result.largest = values.front();
      if (good(values.back(), ends.back())) result.smallest = values.back();
      if (last || (result.largest && result.smallest)) return result;
    }
    above.push_back(beta);
  }
}

}  // namespace gradkeep::probe
