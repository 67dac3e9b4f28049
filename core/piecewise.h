// The fast tier of float32 where the processor looks up 32 numbers at once (AVX-512): a polynomial for
// each of 32 segments of the axis instead of a formula. They are laid when a function is first used,
// through what its own kernel says in rough double lanes, and held against it; where they keep the
// promise they take the kernel's place, and whatever lies outside the segments still goes to it. No
// definition knows of this: a new function gets its polynomials as the others do.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

#include "core/definition.h"

namespace gradkeep::detail {

// f, f' or f'' of one function with its default parameters.
struct Piecewise {
  static constexpr int kSegments = 32;
  static constexpr int kLeastDegree = 3, kMostDegree = 9;
  // So many numbers are answered together, and block by block the kernel is asked for the others.
  static constexpr std::size_t kLanes = 16, kBlock = 4096;

  // In segment k: c[0][k] + t (c[1][k] + t (...)), t = a - center[k]. Segments left of 0 come first.
  alignas(64) float center[kSegments];
  alignas(64) float c[kMostDegree + 1][kSegments];
  int degree;
  int left;                       // how many segments lie left of 0, or hold nothing but a = 0
  float left_scale, right_scale;  // segments per unit; the left ones are not wider
  bool folded;                    // a is |x|, else x
  bool times_argument;            // the result is the polynomial times x, or
  bool even;                      // times |x|
  // The polynomials answer for low < a <= high; if p stays what it is beyond, for every finite a > low,
  // which is then lowered to end = high. Otherwise end is infinite.
  float low, high, end;
};

// Whether the target in use can evaluate them.
bool target_has_polynomials();

// Those that answer for `order` (0 to 2) with parameters p; nullptr if the target, the function or the
// parameters have none. They are laid at the first call of the process, which takes some 2 ms.
const Piecewise* piecewise_for(const Definition& definition, int order, const double* p);

// out[i] = what they give for x[i], or the kernel if x[i] lies outside. out may be x.
void evaluate(const Piecewise& polynomials, Loop<float> kernel, const double* p, const float* x,
              float* out, std::size_t n);

}  // namespace gradkeep::detail
