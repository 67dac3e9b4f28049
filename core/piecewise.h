// Where the processor looks up many numbers at once (AVX-512): a polynomial for each of some segments
// of the axis instead of a formula. In float lanes they are the fast tier of float32, in double lanes
// the first attempt of its exact tier. They are laid when a function is first used, through what its own
// kernel says in rough double lanes, and held against it; where they keep the promise they take the
// kernel's place, and whatever lies outside the segments, or is left in doubt, still goes to it. No
// definition knows of this: a new function gets its polynomials as the others do.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

#include "core/definition.h"

namespace gradkeep::detail {

struct Decider;

// Of so many numbers at a time those are gathered for which the kernel is asked.
inline constexpr std::size_t kPiecewiseBlock = 4096;

// f, f' or f'' of one function with its default parameters.
template <class T>
struct Piecewise {
  // Two registers hold one coefficient of all segments.
  static constexpr int kSegments = 128 / sizeof(T);
  static constexpr int kLeastDegree = sizeof(T) == sizeof(float) ? 3 : 5;
  static constexpr int kMostDegree = sizeof(T) == sizeof(float) ? 9 : 11;
  static constexpr std::size_t kLanes = 64 / sizeof(T);  // so many numbers are answered together

  // In segment k: c[0][k] + t (c[1][k] + t (...)), t = a - center[k]. Segments left of 0 come first.
  alignas(64) T center[kSegments];
  alignas(64) T c[kMostDegree + 1][kSegments];
  int degree;
  int left;                   // how many segments lie left of 0, or hold nothing but a = 0
  T left_scale, right_scale;  // segments per unit; the left ones are not wider
  bool folded;                // a is |x|, else x
  bool times_argument;        // the result is the polynomial times x, or
  bool even;                  // times |x|
  // The polynomials answer for low < a <= high; if p stays what it is beyond, for every finite a > low,
  // which is then lowered to end = high. Otherwise end is infinite.
  float low, high, end;
};

// What polynomials in double lanes may be wrong by, relative to the result. One result in two hundred and fifty
// lies so close to the middle between two floats that this leaves it in doubt.
inline constexpr double kPolynomialError = 0x1p-33;

// Whether the target in use can evaluate them.
bool target_has_polynomials();

// Those that answer for `order` (0 to 2) with parameters p; nullptr if the target, the function or the
// parameters have none. They are laid at the first call of the process, which takes some 2 ms. In the
// exact tier the curvature has none: of value and slope all floats are compared with truth
// (check/proof.h), and so is what the probes that laid the polynomials may have missed.
const Piecewise<float>* fast_polynomials(const Definition& definition, int order, const double* p);
const Piecewise<double>* exact_polynomials(const Definition& definition, int order,
                                           const double* p);

// out[i] = what they give for x[i], or the kernel if x[i] lies outside. out may be x.
void evaluate(const Piecewise<float>& polynomials, Loop<float> kernel, const double* p,
              const float* x, float* out, std::size_t n);
// Likewise, rounded as the real value would be.
void evaluate(const Piecewise<double>& polynomials, const Decider& decide, const float* x,
              float* out, std::size_t n);
// out[i] = what they give for x[i] before it is rounded; untouched if x[i] lies outside.
void evaluate(const Piecewise<double>& polynomials, const float* x, double* out, std::size_t n);

}  // namespace gradkeep::detail
