// Passes over numbers that every function shares, written once. Products of 16-bit numbers are computed
// as floats and rounded once.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gradkeep/float16.h>

#include <cstddef>

namespace gradkeep::detail {

// What is computed in pieces takes as many numbers at a time: they stay in the first-level cache.
inline constexpr std::size_t kBlock = 256;

// out[i] = a[i] * b[i]; out may be a or b.
void multiply(const float* a, const float* b, float* out, std::size_t n);
void multiply(const double* a, const double* b, double* out, std::size_t n);
void multiply(const Float16* a, const Float16* b, Float16* out, std::size_t n);
void multiply(const BFloat16* a, const BFloat16* b, BFloat16* out, std::size_t n);

// out[i] = (a[i] * b[i]) * c[i]; out may be any of them.
void multiply(const float* a, const float* b, const float* c, float* out, std::size_t n);
void multiply(const double* a, const double* b, const double* c, double* out, std::size_t n);
void multiply(const Float16* a, const Float16* b, const Float16* c, Float16* out, std::size_t n);
void multiply(const BFloat16* a, const BFloat16* b, const BFloat16* c, BFloat16* out,
              std::size_t n);

}  // namespace gradkeep::detail
