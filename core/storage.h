// Between the types numbers are stored in and the lanes they are computed in: widening, narrowing, and
// the exact tier's rounding test. Written once for every function; they work on blocks that lie in the
// first-level cache.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gradkeep/float16.h>

#include <cstddef>

#include "core/scalar.h"

namespace gradkeep::detail {

void widen(const Float16* x, float* out, std::size_t n);
void widen(const BFloat16* x, float* out, std::size_t n);
// To nearest even.
void narrow(const float* x, Float16* out, std::size_t n);
void narrow(const float* x, BFloat16* out, std::size_t n);

// The same for passes that treat each number alone, in an order that pack undoes for an array of the same
// length. Two bfloat16 fill a float's 32 bits: shifted or masked they are two floats, and nothing has to
// be moved across a vector as long as even and odd ones stay apart.
void unpack(const Float16* x, float* out, std::size_t n);
void unpack(const BFloat16* x, float* out, std::size_t n);
void pack(const float* x, Float16* out, std::size_t n);
void pack(const float* x, BFloat16* out, std::size_t n);
// out[i] = a[i] times the number in b that stands for i, rounded once; out may be a.
void pack_product(const Float16* a, const float* b, Float16* out, std::size_t n);
void pack_product(const BFloat16* a, const float* b, BFloat16* out, std::size_t n);

// What decides a result that the rounding test leaves open.
struct Decider {
  const Definition& definition;
  int order;
  const double* p;
  double operator()(double x) const;  // rounded to odd, so that rounding once more is right
};

// Rounds y, whose error rough lanes bound, to the nearest T, ties to even, as the real value of the
// function at x would be. out may be x.
void round_exactly(const float* x, const double* y, float* out, std::size_t n,
                   const Decider& decide);
void round_exactly(const float* x, const double* y, Float16* out, std::size_t n,
                   const Decider& decide);
void round_exactly(const float* x, const double* y, BFloat16* out, std::size_t n,
                   const Decider& decide);

}  // namespace gradkeep::detail
