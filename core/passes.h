// Passes over a block of numbers that every function shares, written once.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

namespace gradkeep::detail {

// out[i] = a[i] * b[i]; out may be a or b.
void multiply(const float* a, const float* b, float* out, std::size_t n);
void multiply(const double* a, const double* b, double* out, std::size_t n);

}  // namespace gradkeep::detail
