// Where to look. Random inputs alone find nothing: the wrong roundings of a function sit at short
// mantissas (exact cases and ties), next to powers of two, kinks and zeros, and in the tails. A
// sample therefore holds all inputs with few significant bits, all neighbours of such points, the
// special values, every hard case ever found, and only then a stride through all bit patterns.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "check/truth.h"

namespace gradkeep::check {

struct SampleSize {
  int mantissa_bits = 12;  // all inputs with at most so many significant bits
  int steps = 64;          // neighbours on either side of a power of two, a kink or a zero
  int stride = 16381;      // float: one bit pattern in so many of all 2^32; 0 for none
  int random = 20000;      // double: random in [-50, 50], where functions bend
  int random_bits = 2000;  // double: random bit patterns
};

// What design.md asks for, and a double sample that takes a second or two per function and order.
template <class T>
SampleSize full_size();
template <>
inline SampleSize full_size<float>() {
  return {};
}
template <>
inline SampleSize full_size<double>() {
  return {.mantissa_bits = 2, .steps = 2};
}

// Inputs for any function, ascending, without duplicates, infinities and one NaN last. `shift`
// moves the stride and seeds the random part.
template <class T>
std::vector<T> common_samples(const SampleSize& size, std::uint32_t shift = 0);

// Inputs within `steps` of each kink and of each zero of what is asked of this function.
template <class T>
std::vector<T> own_samples(const Truth& truth, Ask ask, const std::vector<double>& kinks,
                           int steps);

// The registered hard cases of type float or double.
template <class T>
std::vector<T> hard_cases();

}  // namespace gradkeep::check
