// Layer-sequential unit variance; see lsuv.h.
// SPDX-License-Identifier: Apache-2.0
#include "nn/lsuv.h"

#include <cmath>
#include <vector>

#include "nn/product.h"

namespace gradkeep::nn {
namespace {

template <class T>
double deviation(std::span<const T> values) {
  const double count = static_cast<double>(values.size());
  double mean = 0, squares = 0;
  for (const T v : values) mean += v / count;
  for (const T v : values) squares += (v - mean) * (v - mean);
  return std::sqrt(squares / count);
}

}  // namespace

template <class T>
void scale_by_data(Network<T>& net, Matrix<const T> batch, double wanted) {
  std::vector<T> sums;
  for (int i = 0; i < net.layers(); ++i) {
    // Through all layers for the input of one: a start is made once.
    net.forward(batch);
    const Matrix<const T> x = net.layer(i).x;
    const Matrix<T> w = net.weights(i);
    sums.resize(static_cast<std::size_t>(x.rows) * w.rows);
    product<T>(Op::plain, x, Op::transposed, w, {sums.data(), x.rows, w.rows});
    const double found = deviation<T>(sums);
    if (!(found > 0) || !std::isfinite(found)) continue;
    for (T& v : w.flat()) v = static_cast<T>(v * (wanted / found));
    net.parameters_changed();
  }
}

template void scale_by_data(Network<float>&, Matrix<const float>, double);
template void scale_by_data(Network<double>&, Matrix<const double>, double);

}  // namespace gradkeep::nn
