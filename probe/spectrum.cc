// Eigen does the work, in this file and in affine.cc only.
// SPDX-License-Identifier: Apache-2.0
#include "probe/spectrum.h"

#include <Eigen/Eigenvalues>
#include <Eigen/SVD>
#include <algorithm>
#include <limits>

#include "probe/affine.h"
#include "probe/reduce.h"

namespace gradkeep::probe {
namespace {

Eigen::MatrixXd matrix_of(const Table& table) {
  using RowMajor = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  return Eigen::Map<const RowMajor>(table.values.data(), table.rows, table.columns);
}

}  // namespace

std::vector<double> singular_values(const Table& matrix) {
  if (matrix.values.empty() || !all_finite(matrix.values)) return {};
  const Eigen::VectorXd values = Eigen::BDCSVD<Eigen::MatrixXd>(matrix_of(matrix)).singularValues();
  return {values.begin(), values.end()};
}

std::optional<double> condition(std::span<const double> values) {
  if (values.empty() || values.front() == 0) return {};
  const double rounding =
      values.front() * static_cast<double>(values.size()) * std::numeric_limits<double>::epsilon();
  return values.back() > rounding ? values.front() / values.back() : kInfinity;
}

std::optional<double> spectral_radius(const Table& matrix) {
  if (matrix.rows != matrix.columns || matrix.values.empty() || !all_finite(matrix.values))
    return {};
  const Eigen::EigenSolver<Eigen::MatrixXd> solver(matrix_of(matrix), false);
  if (solver.info() != Eigen::Success) return {};
  return solver.eigenvalues().cwiseAbs().maxCoeff();
}

const std::vector<std::vector<double>>& weight_spectra(const Snapshot& snapshot) {
  auto& spectra = snapshot.spectra_cache.weights;
  if (spectra.empty())
    for (const Layer& layer : snapshot.layers) spectra.push_back(singular_values(layer.w));
  return spectra;
}

const std::vector<std::vector<double>>& jacobian_spectra(const Snapshot& snapshot) {
  auto& spectra = snapshot.spectra_cache.jacobians;
  if (!spectra.empty() || snapshot.layers.empty()) return spectra;
  const int examples = std::min(kJacobians, snapshot.layers.front().h.rows);
  for (int example = 0; example < examples; ++example)
    if (const auto j = jacobian(snapshot, example)) spectra.push_back(singular_values(*j));
  return spectra;
}

}  // namespace gradkeep::probe
