// rrelu while training: x for x > 0, a x for x <= 0, where every element draws its own a, uniform in
// [lower, upper) (Xu, Wang, Chen & Li 2015, arXiv:1505.00853). Element i's slope depends on the seed and i
// alone (SplitMix64 of Steele, Lea & Flood 2014, which hashes a counter), so nothing has to be kept for
// the way back, and neither blocks nor threads matter. In evaluation rrelu is leaky_relu with the
// slope (lower + upper) / 2.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gradkeep/core.h>

#include <cstdint>
#include <type_traits>

namespace gradkeep {

struct RandomSlopes {
  double lower = 1.0 / 8, upper = 1.0 / 3;  // PyTorch's
  std::uint64_t seed = 0;
  // The index of the first element, for arrays that come in parts and steps that draw anew.
  std::uint64_t first = 0;

  // The slope of element first + i, drawn in 53 bits and rounded to T when used.
  double slope(std::uint64_t i) const;
};

// y may be x. Error unless lower <= upper, both finite. T is float, double, Float16 or BFloat16.
template <class T>
void rrelu_value(const RandomSlopes& r, std::span<const std::type_identity_t<T>> x, std::span<T> y);
// The slopes in use, 1 where x > 0: rrelu_backward is dy times these.
template <class T>
void rrelu_slope(const RandomSlopes& r, std::span<const std::type_identity_t<T>> x,
                 std::span<T> slope);
// dx may be dy or x.
template <class T>
void rrelu_backward(const RandomSlopes& r, std::span<const std::type_identity_t<T>> x,
                    std::span<const std::type_identity_t<T>> dy, std::span<T> dx);

}  // namespace gradkeep
