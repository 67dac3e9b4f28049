// The proof of the exact tier in float32: all 2^32 inputs of a function, value or slope, each result
// compared with truth. Truth is needed in bulk here, and consecutive floats lie so close together that
// a Taylor polynomial of balls answers for thousands of them at once: over a block X of inputs around
// its centre c
//
//   f(x) = sum f^(k)(c)/k! (x - c)^k + f^(n)(X)/n! (x - c)^n,   k < n,
//
// where the terms are double balls and the last one encloses every value over X (Lagrange). What that
// leaves within its error of another rounding, a few inputs in a million, is asked of Truth one by one. Far
// out on a wave, where neighbours lie whole turns apart, no polynomial fits any of them: there each input has
// balls of its own, eight in a row (check/row_ball.h), and Truth is asked where these decide nothing.
// One thing is taken for granted: where the enclosure says no more than that a block's results all round
// to zero, the sign of that zero is asked at its two ends only.
//
// The inputs come in 256 ranges, one for each top byte of their bits. A range has a digest, 64 bits
// computed from its outputs: whoever computes the same digests has the same 2^32 results, on another
// processor or target, and needs no reference for that.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <vector>

#include <gradkeep/core.h>
#include "check/truth.h"

namespace gradkeep::check {

inline constexpr int kRanges = 256;
inline constexpr std::uint32_t kRangeSize = 1u << 24;

struct RangeProof {
  std::uint64_t digest = 0;
  long inputs = 0;
  long misrounded = 0;
  long singles = 0;          // inputs that no block's polynomial decided
  long escalations = 0;      // of these, those for which two doubles did not suffice
  std::vector<float> wrong;  // the first inputs misrounded, kMostWrong at most
};
inline constexpr std::size_t kMostWrong = 8;

// Computes out[i] from x[i] correctly rounded, or so it says.
using FloatFunction = void (*)(const Activation& f, int order, std::span<const float> x,
                               std::span<float> out);
void exact_tier(const Activation& f, int order, std::span<const float> x, std::span<float> out);

// All inputs whose top byte is `range`, against truth; order 0 or 1. Once `stop` is set it returns
// early, with fewer inputs than kRangeSize.
RangeProof prove_range(const Activation& f, const Truth& truth, int order, int range,
                       const std::atomic<bool>& stop, FloatFunction compute = exact_tier);

// The digest alone.
std::uint64_t digest_range(const Activation& f, int order, int range,
                           FloatFunction compute = exact_tier);

}  // namespace gradkeep::check
