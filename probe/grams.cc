// Powers of two are taken off dL/da and x before they are multiplied, which rounds nothing.
// SPDX-License-Identifier: Apache-2.0
#include "probe/grams.h"

#include <algorithm>
#include <cmath>

#include "nn/product.h"
#include "probe/reduce.h"

namespace gradkeep::probe {
namespace {

int exponent_of(const Table& table) {
  double largest = 0;
  for (const double v : table.values) largest = std::max(largest, std::abs(v));
  return largest > 0 ? std::ilogb(largest) : 0;
}

// The inner products of the rows, which are divided by 2^exponent.
Table products_of_rows(Table a, int exponent) {
  for (double& v : a.values) v = std::ldexp(v, -exponent);
  Table result{a.rows, a.rows, std::vector<double>(static_cast<std::size_t>(a.rows) * a.rows)};
  const nn::Matrix<const double> rows{a.values.data(), a.rows, a.columns};
  nn::product<double>(nn::Op::plain, rows, nn::Op::transposed, rows,
                      {result.values.data(), a.rows, a.rows});
  return result;
}

Gram gram_of(const Layer& layer) {
  const int of_da = exponent_of(layer.da), of_x = std::max(0, exponent_of(layer.x));
  Gram gram{products_of_rows(layer.da, of_da), of_da + of_x};
  const Table x = products_of_rows(layer.x, of_x);
  const double one = std::ldexp(1.0, -2 * of_x);
  for (std::size_t i = 0; i < x.values.size(); ++i) gram.products.values[i] *= x.values[i] + one;
  return gram;
}

void add(const Gram& gram, Gram& sum) {
  const Table& from = gram.products;
  Table& to = sum.products;
  if (to.rows == 0) to = {from.rows, from.columns, std::vector<double>(from.values.size())};
  for (std::size_t k = 0; k < to.values.size(); ++k)
    to.values[k] += std::ldexp(from.values[k], 2 * (gram.exponent - sum.exponent));
}

}  // namespace

std::vector<Gram> gradient_grams(const Snapshot& snapshot) {
  const auto& layers = snapshot.layers;
  std::vector<Gram> result(layers.size());
  bool separate = true, whole = true;
  for (std::size_t i = layers.size(); i-- > 0;) {
    separate = separate && layers[i].normalisation != nn::Normalisation::batch;
    const bool known =
        separate && !layers[i].tied && all_finite(layers[i].da) && all_finite(layers[i].x);
    if (known) result[i] = gram_of(layers[i]);
    whole = whole && known;
  }
  Gram sum;
  if (whole && !layers.empty()) {
    sum.exponent = result.front().exponent;
    for (const Gram& gram : result) sum.exponent = std::max(sum.exponent, gram.exponent);
    for (const Gram& gram : result) add(gram, sum);
  }
  result.push_back(std::move(sum));
  return result;
}

}  // namespace gradkeep::probe
