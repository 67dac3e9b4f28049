// Matrices are carried from layer to layer as columns: what a change of the start does to y below
// and, for skips, to h below.
// SPDX-License-Identifier: Apache-2.0
#include "probe/affine.h"

#include <Eigen/Core>
#include <cmath>
#include <iterator>

namespace gradkeep::probe {
namespace {

using Matrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using Eigen::VectorXd;

auto view(const Table& table) {
  return Eigen::Map<const Matrix>(table.values.data(), table.rows, table.columns);
}
auto view(const std::vector<double>& values) {
  return Eigen::Map<const VectorXd>(values.data(), std::ssize(values));
}

Table to_table(const Matrix& m) {
  return {static_cast<int>(m.rows()), static_cast<int>(m.cols()), {m.data(), m.data() + m.size()}};
}

double inverse_deviation(double variance) {
  return 1 / std::sqrt(variance + nn::kNormalisationEpsilon);
}

// Batch normalisation with the statistics of the snapshot's batch: scale * (a - mean) + beta.
struct Fixed {
  VectorXd mean, scale;
};
Fixed batch_statistics(const Layer& layer) {
  // b moves the mean only.
  const Matrix a = view(layer.x) * view(layer.w).transpose();
  Fixed fixed{a.colwise().mean(), VectorXd(a.cols())};
  for (Eigen::Index unit = 0; unit < a.cols(); ++unit)
    fixed.scale[unit] = layer.gamma[unit] *
                        inverse_deviation((a.col(unit).array() - fixed.mean[unit]).square().mean());
  fixed.mean += view(layer.b);
  return fixed;
}

// Of one example: diag(gamma) (I - 1 1^T / m - n n^T / m) / deviation, applied to the columns of a.
Matrix through_layer_normalisation(const Layer& layer, int example, const Matrix& a) {
  const auto m = static_cast<double>(a.rows());
  const VectorXd before = view(layer.w) * view(layer.x).row(example).transpose() + view(layer.b);
  const double inverse = inverse_deviation((before.array() - before.mean()).square().mean());
  const VectorXd n = view(layer.normal).row(example);
  Matrix result = a.rowwise() - a.colwise().mean();
  result -= n * (n.transpose() * a) / m;
  return (view(layer.gamma) * inverse).asDiagonal() * result;
}

Matrix with_skip(const Layer& layer, const Matrix& below, Matrix normalised) {
  if (layer.branch == 0) return normalised;
  return below + layer.branch * normalised;
}

}  // namespace

std::optional<Affine> without_activations(const Snapshot& snapshot) {
  if (snapshot.layers.empty()) return {};
  const auto inputs = snapshot.layers.front().w.columns;
  // The last column is c: what a constant 1 beside the inputs is multiplied by.
  Matrix h = Matrix::Identity(inputs, inputs + 1);
  double shift = 0;
  for (const Layer& layer : snapshot.layers) {
    if (layer.normalisation == nn::Normalisation::layer) return {};
    Matrix y = h;
    y.col(inputs).array() += shift;
    Matrix a = view(layer.w) * y;
    a.col(inputs) += view(layer.b);
    if (layer.normalisation == nn::Normalisation::batch) {
      const Fixed fixed = batch_statistics(layer);
      a.col(inputs) -= fixed.mean;
      a = fixed.scale.asDiagonal() * a;
      a.col(inputs) += view(layer.beta);
    }
    h = with_skip(layer, h, std::move(a));
    shift = layer.shift;
  }
  if (!h.allFinite()) return {};
  const VectorXd c = h.col(inputs);
  return Affine{to_table(h.leftCols(inputs)), {c.begin(), c.end()}};
}

std::optional<Table> jacobian(const Snapshot& snapshot, int example) {
  const auto& layers = snapshot.layers;
  std::size_t hidden = 0;
  while (hidden < layers.size() && layers[hidden].hidden) ++hidden;
  if (hidden < 2) return {};
  Matrix h = Matrix::Identity(layers[0].h.columns, layers[0].h.columns);
  for (std::size_t i = 1; i < hidden; ++i) {
    const Layer& layer = layers[i];
    const VectorXd slope = view(layers[i - 1].slope).row(example);
    Matrix a = view(layer.w) * slope.asDiagonal() * h;
    if (layer.normalisation == nn::Normalisation::batch)
      a = batch_statistics(layer).scale.asDiagonal() * a;
    if (layer.normalisation == nn::Normalisation::layer)
      a = through_layer_normalisation(layer, example, a);
    h = with_skip(layer, h, std::move(a));
  }
  if (!h.allFinite()) return {};
  return to_table(h);
}

}  // namespace gradkeep::probe
