// Singular values and eigenvalues. What a matrix does to lengths is told by its singular values:
// the largest is the most that it can stretch a vector, the smallest the least. Eigenvalues tell
// what happens when the same matrix is applied again and again, which layers do not do.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "probe/snapshot.h"

namespace gradkeep::probe {

// Descending; none where an entry is not finite.
std::vector<double> singular_values(const Table& matrix);
// The largest over the smallest of descending singular values; infinite where the smallest is zero
// or drowned by rounding. Nothing for a matrix of zeros or none.
std::optional<double> condition(std::span<const double> singular_values);
// The largest absolute value of an eigenvalue. Nothing where the matrix is not square or not
// finite.
std::optional<double> spectral_radius(const Table& matrix);

// Those of the weights and of the Jacobians (probe/affine.h) at the first examples of the batch,
// computed once for a snapshot.
inline constexpr int kJacobians = 8;
const std::vector<std::vector<double>>& weight_spectra(const Snapshot& snapshot);
const std::vector<std::vector<double>>& jacobian_spectra(const Snapshot& snapshot);

}  // namespace gradkeep::probe
