// The largest and the smallest singular value of a matrix that is known only by what it does to a
// vector: the bidiagonalisation of Golub and Kahan (1965), with every new vector made orthogonal to
// all before it, twice. For matrices too wide to be taken apart, or even to be written down.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <optional>
#include <span>

namespace gradkeep::probe {

struct Operator {
  int rows = 0, columns = 0;
  std::function<void(std::span<const double> x, std::span<double> y)> apply;       // y = A x
  std::function<void(std::span<const double> y, std::span<double> x)> transposed;  // x = A^T y
};

struct Extremes {
  // Each by the residual of its vectors, which is at most 1e-6 relative and the error much less;
  // nothing where that was not reached in so many steps. The largest seldom needs a hundred. The
  // smallest of a square matrix of random numbers needs nearly as many as there are columns.
  std::optional<double> largest, smallest;
};

inline constexpr int kLanczosSteps = 200;
Extremes extreme_singular_values(const Operator& a, int steps = kLanczosSteps);

}  // namespace gradkeep::probe
