// LAPACK does the work. A row-major table is to it the transpose, whose singular values and
// eigenvalues are the same.
// SPDX-License-Identifier: Apache-2.0
#include "probe/spectrum.h"

#include <lapacke.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <string>

#include "nn/product.h"
#include "probe/affine.h"
#include "probe/lanczos.h"
#include "probe/reduce.h"

namespace gradkeep::probe {
namespace {

Operator operator_of(const Table& table) {
  const nn::Matrix<const double> a{table.values.data(), table.rows, table.columns};
  const auto multiply = [a](nn::Op op) {
    return [a, op](std::span<const double> x, std::span<double> y) {
      nn::product<double>(op, a, nn::Op::plain, {x.data(), static_cast<int>(x.size()), 1},
                          {y.data(), static_cast<int>(y.size()), 1});
    };
  };
  return {table.rows, table.columns, multiply(nn::Op::plain), multiply(nn::Op::transposed)};
}

Spectrum ends_of(const Operator& a) {
  const Extremes ends = extreme_singular_values(a);
  Spectrum spectrum;
  spectrum.size = std::min(a.rows, a.columns);
  spectrum.largest = ends.largest;
  spectrum.smallest = ends.smallest;
  return spectrum;
}

}  // namespace

Spectrum singular_values(const Table& matrix) {
  if (matrix.values.empty() || !all_finite(matrix.values)) return {};
  const int size = std::min(matrix.rows, matrix.columns);
  if (size > kExactWidth) return ends_of(operator_of(matrix));
  std::vector<double> work = matrix.values, values(size);
  if (LAPACKE_dgesdd(LAPACK_COL_MAJOR, 'N', matrix.columns, matrix.rows, work.data(),
                     matrix.columns, values.data(), nullptr, 1, nullptr, 1) != 0)
    return {};
  return Spectrum(std::move(values));
}

std::optional<double> condition(const Spectrum& spectrum) {
  if (!spectrum.largest || !spectrum.smallest || *spectrum.largest == 0) return {};
  const double rounding =
      *spectrum.largest * spectrum.size * std::numeric_limits<double>::epsilon();
  return *spectrum.smallest > rounding ? *spectrum.largest / *spectrum.smallest : kInfinity;
}

std::vector<double> eigenvalue_moduli(const Table& matrix) {
  if (matrix.rows != matrix.columns || matrix.values.empty() || !all_finite(matrix.values))
    return {};
  std::vector<double> work = matrix.values, real(matrix.rows), imaginary(matrix.rows);
  if (LAPACKE_dgeev(LAPACK_COL_MAJOR, 'N', 'N', matrix.rows, work.data(), matrix.rows, real.data(),
                    imaginary.data(), nullptr, 1, nullptr, 1) != 0)
    return {};
  for (std::size_t i = 0; i < real.size(); ++i) real[i] = std::hypot(real[i], imaginary[i]);
  std::sort(real.begin(), real.end(), std::greater<>());
  return real;
}

const std::vector<Spectrum>& weight_spectra(const Snapshot& snapshot) {
  auto& spectra = snapshot.spectra_cache.weights;
  if (spectra.empty())
    for (const Layer& layer : snapshot.layers) spectra.push_back(singular_values(layer.w));
  return spectra;
}

const std::vector<std::vector<double>>& weight_eigenvalues(const Snapshot& snapshot) {
  auto& eigenvalues = snapshot.spectra_cache.eigenvalues;
  if (eigenvalues.empty())
    for (const Layer& layer : snapshot.layers) eigenvalues.push_back(eigenvalue_moduli(layer.w));
  return eigenvalues;
}

const std::vector<Spectrum>& jacobian_spectra(const Snapshot& snapshot) {
  auto& spectra = snapshot.spectra_cache.jacobians;
  if (!spectra.empty() || snapshot.layers.empty()) return spectra;
  const int examples = std::min(kJacobians, snapshot.layers.front().h.rows);
  for (int example = 0; example < examples; ++example) {
    const auto j = jacobian_operator(snapshot, example);
    if (!j) continue;
    if (std::min(j->rows, j->columns) > kExactWidth) {
      spectra.push_back(ends_of(*j));
    } else if (const auto table = jacobian(snapshot, example)) {
      spectra.push_back(singular_values(*table));
    }
  }
  return spectra;
}

void add_quantiles(Sink& sink, int layer, std::span<const Spectrum> spectra) {
  std::vector<double> ascending;
  double lowest = kInfinity, highest = 0;
  bool whole = true, has_lowest = true, has_highest = true;
  for (const Spectrum& spectrum : spectra) {
    if (spectrum.size == 0) continue;
    ascending.insert(ascending.end(), spectrum.values.begin(), spectrum.values.end());
    whole = whole && !spectrum.values.empty();
    has_lowest = has_lowest && spectrum.smallest;
    has_highest = has_highest && spectrum.largest;
    lowest = std::min(lowest, spectrum.smallest.value_or(kInfinity));
    highest = std::max(highest, spectrum.largest.value_or(0));
  }
  if (lowest == kInfinity && highest == 0) return;
  std::sort(ascending.begin(), ascending.end());
  if (has_lowest) sink.add(layer, lowest, "0");
  if (whole)
    for (const int percent : {10, 50, 90})
      sink.add(layer, quantile(ascending, percent / 100.0), std::to_string(percent));
  if (has_highest) sink.add(layer, highest, "100");
}

}  // namespace gradkeep::probe
