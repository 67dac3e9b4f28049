// The normal equations by Cholesky's decomposition: with the ridge they are as well posed as need be.
// SPDX-License-Identifier: Apache-2.0
#include "probe/readout.h"

#include <lapacke.h>

#include <algorithm>
#include <cstddef>
#include <vector>

#include "nn/product.h"
#include "probe/reduce.h"

namespace gradkeep::probe {
namespace {

constexpr double kRidge = 1e-6;

nn::Matrix<const double> view(const Table& table) {
  return {table.values.data(), table.rows, table.columns};
}

Table product(nn::Op op, const Table& a, const Table& b) {
  Table result{op == nn::Op::plain ? a.rows : a.columns, b.columns, {}};
  result.values.resize(static_cast<std::size_t>(result.rows) * result.columns);
  nn::product<double>(op, view(a), nn::Op::plain, view(b),
                      {result.values.data(), result.rows, result.columns});
  return result;
}

std::vector<double> column_means(const Table& table) {
  std::vector<double> means(table.columns);
  for (int row = 0; row < table.rows; ++row)
    for (int unit = 0; unit < table.columns; ++unit) means[unit] += table.row(row)[unit];
  for (double& v : means) v /= table.rows;
  return means;
}

void take_off(Table& table, const std::vector<double>& means) {
  for (std::size_t i = 0; i < table.values.size(); ++i) table.values[i] -= means[i % means.size()];
}

}  // namespace

std::optional<double> readout_accuracy(const Represented& layer) {
  Table x = layer.trained, held = layer.held;
  if (x.rows == 0 || held.rows == 0 || !all_finite(x.values) || !all_finite(held.values)) return {};
  const auto means = column_means(x);
  take_off(x, means);
  take_off(held, means);
  Table wanted{x.rows, layer.classes, {}};
  wanted.values.resize(static_cast<std::size_t>(x.rows) * layer.classes);
  for (int row = 0; row < x.rows; ++row)
    wanted.values[static_cast<std::size_t>(row) * layer.classes + layer.trained_label[row]] = 1;
  const auto shares = column_means(wanted);

  Table squares = product(nn::Op::transposed, x, x);
  Table weights = product(nn::Op::transposed, x, wanted);
  double trace = 0;
  for (int unit = 0; unit < squares.rows; ++unit) trace += squares.row(unit)[unit];
  // Where all examples are alike, there is nothing to be weighted.
  const double ridge = trace > 0 ? kRidge * trace / squares.rows : 1;
  for (int unit = 0; unit < squares.rows; ++unit)
    squares.values[static_cast<std::size_t>(unit) * squares.columns + unit] += ridge;
  if (LAPACKE_dposv(LAPACK_ROW_MAJOR, 'U', squares.rows, weights.columns, squares.values.data(),
                    squares.columns, weights.values.data(), weights.columns) != 0)
    return {};

  Table outputs = product(nn::Op::plain, held, weights);
  int right = 0;
  for (int row = 0; row < outputs.rows; ++row) {
    double* output = outputs.values.data() + static_cast<std::size_t>(row) * layer.classes;
    for (int k = 0; k < layer.classes; ++k) output[k] += shares[k];
    right += std::max_element(output, output + layer.classes) - output == layer.held_label[row];
  }
  return right / static_cast<double>(outputs.rows);
}

}  // namespace gradkeep::probe
