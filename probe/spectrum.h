// Singular values and eigenvalues. What a matrix does to lengths is told by its singular values:
// the largest is the most that it can stretch a vector, the smallest the least. Eigenvalues tell
// what happens when the same matrix is applied again and again, which layers do not do.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "probe/probe.h"
#include "probe/snapshot.h"

namespace gradkeep::probe {

// Of matrices up to this width all singular values are taken, by LAPACK; of wider ones the ends, by
// Lanczos (probe/lanczos.h).
inline constexpr int kExactWidth = 1024;

// Nothing where an entry is not finite.
Spectrum singular_values(const Table& matrix);
// The largest over the smallest; infinite where the smallest is zero or drowned by rounding. Nothing
// for a matrix of zeros or none, and where the smallest is not known.
std::optional<double> condition(const Spectrum& spectrum);
// The absolute values of the eigenvalues, descending. None where the matrix is not square or not
// finite.
std::vector<double> eigenvalue_moduli(const Table& matrix);

// Those of the weights and of the Jacobians (probe/affine.h) at the first examples of the batch,
// computed once for a snapshot.
inline constexpr int kJacobians = 8;
const std::vector<Spectrum>& weight_spectra(const Snapshot& snapshot);
const std::vector<std::vector<double>>& weight_eigenvalues(const Snapshot& snapshot);
const std::vector<Spectrum>& jacobian_spectra(const Snapshot& snapshot);

// A distribution as the numbers under which 0, 10, 50, 90 and 100 percent of it lie, in rows
// `..._0` to `..._100`. Of several spectra together; of wide ones those ends that are known.
void add_quantiles(Sink& sink, int layer, std::span<const Spectrum> spectra);

}  // namespace gradkeep::probe
