// Forward and backward through dense layers; see network.h. Passes over elements (bias, activation,
// shift; slope times gradient, column sums) are fused over blocks of a few rows that stay in the
// first-level cache, so that each array is read from memory once.
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <string>

#include "nn/dropout.h"
#include "nn/network.h"
#include "nn/product.h"
#include "nn/thread_clock.h"
#include "nn/tie.h"

namespace gradkeep::nn {
namespace {

constexpr int kBlock = 2048;  // elements: h, y and slope of a block take 24 KB in float

int rows_per_block(int units) { return std::max(1, kBlock / units); }

// Adds the seconds of its own life to a sum, if there is one.
class Stopwatch {
 public:
  explicit Stopwatch(double* sum) : sum_(sum), start_(sum ? thread_seconds() : 0) {}
  ~Stopwatch() {
    if (sum_) *sum_ += thread_seconds() - start_;
  }
  Stopwatch(const Stopwatch&) = delete;
  Stopwatch& operator=(const Stopwatch&) = delete;

 private:
  double* sum_;
  double start_;
};

template <class T>
void add_bias(Matrix<T> h, const T* bias) {
  for (int r = 0; r < h.rows; ++r) {
    T* __restrict row = h.row(r).data();
    for (int j = 0; j < h.cols; ++j) row[j] += bias[j];
  }
}

template <class T>
void add_column_sums(Matrix<const T> dh, T* sums) {
  for (int r = 0; r < dh.rows; ++r) {
    const T* __restrict row = dh.row(r).data();
    for (int j = 0; j < dh.cols; ++j) sums[j] += row[j];
  }
}

template <class T>
void add(Matrix<const T> more, Matrix<T> to) {
  const T* __restrict from = more.data;
  T* __restrict at = to.data;
  for (std::size_t j = 0; j < to.size(); ++j) at[j] += from[j];
}

template <class T>
void multiply(Matrix<const T> factor, std::span<T> by) {
  for (std::size_t j = 0; j < by.size(); ++j) by[j] *= factor.data[j];
}

// `count` rows of `whole` from row `first`.
template <class T>
Matrix<T> rows_of(T* whole, int cols, int first, int count) {
  return {whole + static_cast<std::size_t>(first) * cols, count, cols};
}

}  // namespace

// h = x W^T + b, y = f(h) + shift.
template <class T>
Matrix<const T> Network<T>::run(Matrix<const T> x, Pass<T>& pass, bool slopes, bool training,
                                int count) const {
  if (x.cols != spec_.inputs || x.rows < 1 || x.rows > pass.capacity_) {
    throw Error("network: got a batch of " + std::to_string(x.rows) + " x " +
                std::to_string(x.cols) + ", expected 1 to " + std::to_string(pass.capacity_) +
                " rows x " + std::to_string(spec_.inputs));
  }
  pass.input_ = x;
  pass.rows_ = x.rows;
  if (pass.rounded_input_) {
    const Matrix<T> rounded{pass.rounded_input_, x.rows, x.cols};
    std::copy_n(x.data, x.size(), rounded.data);
    round(rounded);
    pass.input_ = rounded;
  }
  Matrix<const T> y = pass.input_;
  for (int i = 0; i < count; ++i) {
    const Layer& layer = layers_[i];
    const Matrix<T> a{pass.layers_[i].a, x.rows, layer.units};
    product<T>(Op::plain, y, Op::transposed, {used(layer.w), layer.units, layer.inputs}, a);
    if (!layer.plain()) pre_activate(i, pass, training);
    T* factor = training ? pass.layers_[i].factor : nullptr;
    if (factor) {
      draw_factors<T>(layer.dropout, dropout_seed_, dropout_step_, i, {factor, a.size()});
    }
    activate(layer, pass, i, slopes, factor);
    y = {pass.layers_[i].y, x.rows, layer.units};
  }
  return y;
}

// From x W^T to h where more stands between them than a bias: normalisation, skip.
template <class T>
void Network<T>::pre_activate(int index, Pass<T>& pass, bool training) const {
  const Layer& layer = layers_[index];
  const auto& at = pass.layers_[index];
  const Matrix<T> a{at.a, pass.rows_, layer.units}, h{at.h, pass.rows_, layer.units};
  add_bias(a, used(layer.b));
  round(a);
  if (layer.normalisation == Normalisation::layer) normalise_rows(a, at.inverse);
  if (layer.normalisation == Normalisation::batch && training) {
    normalise_columns(a, at.mean, at.variance, at.inverse);
  } else if (layer.normalisation == Normalisation::batch) {
    normalise_columns_by<T>(a, layer.running, layer.running + layer.units);
  }
  if (layer.normalisation != Normalisation::none) {
    round(a);
    scale_and_centre<T>(a, used(layer.gamma), used(layer.beta), h);
    round(h);
  }
  if (layer.branch != 0) {
    const T branch = static_cast<T>(layer.branch);
    const T* __restrict below = pass.layers_[index - 1].h;
    T* __restrict out = h.data;
    for (std::size_t j = 0; j < h.size(); ++j) out[j] = below[j] + branch * out[j];
    round(h);
  }
}

// From dL/dh to dL/da, and the gradients of gamma, beta and b.
template <class T>
void Network<T>::pre_activate_backward(int index) {
  const Layer& layer = layers_[index];
  const auto& at = pass_.layers_[index];
  const int rows = pass_.rows_, units = layer.units;
  const Matrix<T> da{at.da, rows, units};
  const Matrix<const T> n{at.a, rows, units};
  const T branch = layer.branch == 0 ? T(1) : static_cast<T>(layer.branch);
  for (std::size_t j = 0; j < da.size(); ++j) da.data[j] = branch * at.dh[j];
  round(da);
  if (layer.normalisation != Normalisation::none) {
    scale_and_centre_backward<T>(da, n, layer.dgamma, layer.dbeta);
  }
  std::fill_n(layer.db, units, T(0));
  if (layer.normalisation == Normalisation::batch) {
    // The mean takes b off again: its gradient is 0, and stays clear of rounding.
    normalise_columns_backward(da, n, used(layer.gamma), at.inverse);
    round(da);
    return;
  }
  if (layer.normalisation == Normalisation::layer) {
    normalise_rows_backward(da, n, used(layer.gamma), at.inverse);
    round(da);
  }
  add_column_sums<T>(da, layer.db);
}

template <class T>
void Network<T>::update_running_averages() {
  const int rows = pass_.rows_;
  if (rows < 2) return;
  const T take = static_cast<T>(kRunningMomentum), keep = static_cast<T>(1 - kRunningMomentum);
  const T unbiased = take * static_cast<T>(rows) / static_cast<T>(rows - 1);
  for (int i = 0; i < layers(); ++i) {
    const Layer& layer = layers_[i];
    if (layer.normalisation != Normalisation::batch) continue;
    const auto& at = pass_.layers_[i];
    T *mean = layer.running, *variance = layer.running + layer.units;
    for (int j = 0; j < layer.units; ++j) {
      mean[j] = keep * mean[j] + take * at.mean[j];
      variance[j] = keep * variance[j] + unbiased * at.variance[j];
    }
  }
}

template <class T>
void Network<T>::activate(const Layer& layer, Pass<T>& pass, int index, bool slopes,
                          const T* factor) const {
  const auto& at = pass.layers_[index];
  const int step = rows_per_block(layer.units);
  const T shift = static_cast<T>(layer.shift);
  for (int first = 0; first < pass.rows_; first += step) {
    const int count = std::min(step, pass.rows_ - first);
    const Matrix<T> block = rows_of(at.h, layer.units, first, count);
    if (layer.plain()) {
      add_bias(block, used(layer.b));
      round(block);
    }
    if (layer.linear) continue;
    const Stopwatch watch(pass.timed_ ? &pass.activation_seconds_ : nullptr);
    const std::span<const T> h = block.flat();
    const Matrix<T> y_block = rows_of(at.y, layer.units, first, count);
    const Matrix<T> slope_block = rows_of(at.slope, layer.units, first, count);
    const std::span<T> y = y_block.flat(), slope = slope_block.flat();
    if (!slopes) {
      layer.activation.template value<T>(h, y);
    } else if (layer.from_output && layer.activation.has_output_form()) {
      layer.activation.template value<T>(h, y);
      round(y_block);
      layer.activation.template slope_from_output<T>(y, slope);
    } else {
      layer.activation.template value_and_slope<T>(h, y, slope);
    }
    round(y_block);
    if (slopes) round(slope_block);
    if (shift != 0) {
      for (T& v : y) v += shift;
      round(y_block);
    }
    if (factor) {
      const Matrix<const T> kept = rows_of(factor, layer.units, first, count);
      multiply<T>(kept, y);
      multiply<T>(kept, slope);
      round(y_block);
      round(slope_block);
    }
  }
}

// dL/dh = dL/dy * f'(h) (+ dL/dh of a skip above), dW = (dL/da)^T x, db = column sums of dL/da,
// dL/dx = (dL/da) W.
template <class T>
void Network<T>::backward(double loss_scale) {
  const int rows = pass_.rows_;
  const T scale = static_cast<T>(loss_scale);
  if (scale != 1) {
    for (T& v : loss_gradient().flat()) v *= scale;
  }
  round(loss_gradient());
  for (std::size_t i = layers_.size(); i-- > 0;) {
    const Layer& layer = layers_[i];
    activate_backward(static_cast<int>(i));
    if (!layer.plain()) pre_activate_backward(static_cast<int>(i));
    const Matrix<const T> da{pass_.layers_[i].da, rows, layer.units};
    const Matrix<const T> x =
        i == 0 ? pass_.input_ : Matrix<const T>{pass_.layers_[i - 1].y, rows, layer.inputs};
    const Matrix<T> dw{layer.dw, layer.units, layer.inputs};
    product<T>(Op::transposed, da, Op::plain, x, dw);
    if (const auto& tie = spec_.layers[i].tie; !tie.empty()) {
      add_within_groups<T>(dw.flat(), tie, tie_sums_.span());
    }
    if (i > 0) {
      const Matrix<T> dx{pass_.layers_[i - 1].dy, rows, layer.inputs};
      product<T>(Op::plain, da, Op::plain, {used(layer.w), layer.units, layer.inputs}, dx);
      round(dx);
    }
  }
  round_to(spec_.format, gradients_.span());
  if (scale != 1) divide_derivatives(scale);
}

// What the format rounded to 0 stays 0.
template <class T>
void Network<T>::divide_derivatives(T by) {
  const auto divide = [by](std::span<T> values) {
    for (T& v : values) v /= by;
  };
  divide(gradients_.span());
  for (const auto& at : pass_.layers_) {
    const std::size_t size = static_cast<std::size_t>(pass_.rows_) * at.units;
    divide({at.dh, size});
    if (at.dy != at.dh) divide({at.dy, size});
    if (at.da != at.dh) divide({at.da, size});
  }
}

template <class T>
void Network<T>::activate_backward(int index) {
  const Layer& layer = layers_[index];
  const auto& at = pass_.layers_[index];
  const T* skip = index + 1 < layers() && layers_[index + 1].branch != 0
                      ? pass_.layers_[index + 1].dh
                      : nullptr;
  const int step = rows_per_block(layer.units);
  std::fill_n(layer.db, layer.units, T(0));
  std::fill_n(layer.dlearned, layer.learned_index.size(), T(0));
  for (int first = 0; first < pass_.rows_; first += step) {
    const int count = std::min(step, pass_.rows_ - first);
    const Matrix<T> dh = rows_of(at.dh, layer.units, first, count);
    if (!layer.linear) {
      const Stopwatch watch(pass_.timed_ ? &pass_.activation_seconds_ : nullptr);
      const T* __restrict dy = rows_of(at.dy, layer.units, first, count).data;
      const T* __restrict slope = rows_of(at.slope, layer.units, first, count).data;
      T* __restrict out = dh.data;
      for (std::size_t j = 0; j < dh.size(); ++j) out[j] = dy[j] * slope[j];
      round(dh);
      add_parameter_gradients(
          layer, rows_of<const T>(at.h, layer.units, first, count), dy,
          at.factor ? rows_of<const T>(at.factor, layer.units, first, count).data : nullptr);
    }
    if (skip) {
      add<T>(rows_of(skip, layer.units, first, count), dh);
      round(dh);
    }
    if (layer.plain()) add_column_sums<T>(dh, layer.db);
  }
}

// dL/dp += sum of dL/dy * df/dp(h) (* dropout's factor), a piece at a time as a row may be longer
// than a block.
template <class T>
void Network<T>::add_parameter_gradients(const Layer& layer, Matrix<const T> h, const T* dy,
                                         const T* factor) {
  T slopes[kBlock];
  for (std::size_t k = 0; k < layer.learned_index.size(); ++k) {
    for (std::size_t first = 0; first < h.size(); first += kBlock) {
      const std::size_t count = std::min<std::size_t>(kBlock, h.size() - first);
      layer.activation.template parameter_slope<T>(
          layer.learned_index[k], h.flat().subspan(first, count), std::span<T>(slopes, count));
      if (factor) multiply<T>({factor + first, 1, static_cast<int>(count)}, {slopes, count});
      T sum = 0;
      for (std::size_t j = 0; j < count; ++j) sum += dy[first + j] * slopes[j];
      layer.dlearned[k] += sum;
    }
  }
}

template Matrix<const float> Network<float>::run(Matrix<const float>, Pass<float>&, bool, bool,
                                                 int) const;
template void Network<float>::backward(double);
template void Network<float>::update_running_averages();
template Matrix<const double> Network<double>::run(Matrix<const double>, Pass<double>&, bool, bool,
                                                   int) const;
template void Network<double>::backward(double);
template void Network<double>::update_running_averages();

}  // namespace gradkeep::nn
