// Forward and backward through dense layers; see network.h. Passes over elements (bias, activation,
// shift; slope times gradient, column sums) are fused over blocks of a few rows that stay in the
// first-level cache, so that each array is read from memory once.
// SPDX-License-Identifier: Apache-2.0
#include "nn/network.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

#include "data/words.h"
#include "nn/product.h"
#include "nn/thread_clock.h"
#include "nn/tie.h"

namespace gradkeep::nn {
namespace {

constexpr int kBlock = 2048;  // elements: h, y and slope of a block take 24 KB in float

int rows_per_block(int units) { return std::max(1, kBlock / units); }

// Where every array starts on a cache line.
template <class T>
std::size_t padded(std::size_t size) {
  const std::size_t line = Buffer<T>::kAlignment / sizeof(T);
  return (size + line - 1) / line * line;
}

// Hands out consecutive pieces of a Buffer.
template <class T>
struct Pieces {
  T* at;
  T* take(std::size_t size) {
    T* piece = at;
    at += padded<T>(size);
    return piece;
  }
};

bool is_linear(const LayerSpec& layer) {
  return layer.shift == 0 && layer.activation.info().name == "identity";
}

bool is_plain(const LayerSpec& layer) {
  return layer.normalisation == Normalisation::none && layer.branch == 0;
}

// Linear layers keep h and dh only, plain ones neither a nor da.
template <class T>
std::size_t pass_size(const NetworkSpec& spec, int capacity) {
  std::size_t size = 0;
  for (const LayerSpec& layer : spec.layers) {
    const bool normalised = layer.normalisation != Normalisation::none;
    size += static_cast<std::size_t>((is_linear(layer) ? 2 : 5) + normalised + !is_plain(layer)) *
            padded<T>(static_cast<std::size_t>(capacity) * static_cast<std::size_t>(layer.units));
    if (layer.normalisation == Normalisation::batch) size += 3 * padded<T>(layer.units);
    if (layer.normalisation == Normalisation::layer) size += padded<T>(capacity);
  }
  return size;
}

void check_tie(const std::vector<int>& tie, int units, int inputs, const std::string& where) {
  if (tie.empty()) return;
  const std::size_t weights = static_cast<std::size_t>(units) * inputs;
  if (tie.size() != weights) {
    throw Error(where + ": tie has " + std::to_string(tie.size()) +
                " numbers, expected units x inputs = " + std::to_string(weights));
  }
  for (const int group : tie) {
    // A group has at least one weight, so larger numbers would name groups that are empty.
    if (group < -1 || static_cast<std::size_t>(std::max(group, 0)) >= weights) {
      throw Error(where + ": tie holds " + std::to_string(group) + ", expected -1 to " +
                  std::to_string(weights - 1));
    }
  }
}

const NetworkSpec& checked(const NetworkSpec& spec) {
  if (spec.inputs < 1) throw Error("network: it has no inputs, expected at least 1");
  if (spec.layers.empty()) throw Error("network: it has no layers, expected at least 1");
  for (std::size_t i = 0; i < spec.layers.size(); ++i) {
    const LayerSpec& layer = spec.layers[i];
    const std::string where = "network: layer " + std::to_string(i + 1);
    if (layer.units < 1) throw Error(where + " has no units, expected at least 1");
    if (!std::isfinite(layer.shift)) throw Error(where + ": shift must be a finite number");
    if (!std::isfinite(layer.branch)) throw Error(where + ": branch must be a finite number");
    if (layer.branch != 0 && i == 0) {
      throw Error(where + " has a skip and no layer below, expected branch 0");
    }
    const int inputs = i == 0 ? spec.inputs : spec.layers[i - 1].units;
    if (layer.branch != 0 && inputs != layer.units) {
      throw Error(where + " has a skip and " + std::to_string(layer.units) +
                  " units, expected as many as the layer below has, " + std::to_string(inputs));
    }
    if (layer.normalisation == Normalisation::layer && layer.units == 1) {
      throw Error(where +
                  ": layer normalisation of one unit is always 0, expected at least 2 units");
    }
    check_tie(layer.tie, layer.units, inputs, where);
  }
  return spec;
}

std::vector<int> learned_parameters(const LayerSpec& layer) {
  std::vector<int> chosen;
  const auto& parameters = layer.activation.info().parameters;
  for (std::size_t k = 0; k < parameters.size(); ++k) {
    if (layer.learn == Learn::all || (layer.learn == Learn::declared && parameters[k].learned)) {
      chosen.push_back(static_cast<int>(k));
    }
  }
  return chosen;
}

// The T nearest to v inside the interval.
template <class T>
T clamped(T v, const Interval& bounds) {
  const T infinity = std::numeric_limits<T>::infinity();
  T low = static_cast<T>(bounds.low), high = static_cast<T>(bounds.high);
  if (low < bounds.low || (bounds.low_open && low == bounds.low))
    low = std::nextafter(low, infinity);
  if (high > bounds.high || (bounds.high_open && high == bounds.high)) {
    high = std::nextafter(high, -infinity);
  }
  return std::clamp(v, low, high);
}

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

// `count` rows of `whole` from row `first`.
template <class T>
Matrix<T> rows_of(T* whole, int cols, int first, int count) {
  return {whole + static_cast<std::size_t>(first) * cols, count, cols};
}

}  // namespace

Derivative parse_derivative(std::string_view text) {
  return data::parse_word<Derivative>(
      "derivative", text, {{"input", Derivative::input}, {"output", Derivative::output}});
}

NetworkSpec plain_network(int inputs, int depth, int width, int outputs,
                          const Activation& activation) {
  NetworkSpec spec{inputs, {}, Derivative::input};
  for (int i = 0; i < depth; ++i) spec.layers.push_back({width, activation});
  spec.layers.push_back({outputs, Activation("identity")});
  return spec;
}

template <class T>
Pass<T>::Pass(const NetworkSpec& spec, int capacity)
    : capacity_(capacity), memory_(pass_size<T>(spec, std::max(capacity, 1))) {
  if (capacity < 1) throw Error("network: room for no rows, expected at least 1");
  Pieces<T> pieces{memory_.data()};
  for (const LayerSpec& layer : spec.layers) {
    const std::size_t size = static_cast<std::size_t>(capacity) * layer.units;
    Layer made{.units = layer.units};
    made.h = pieces.take(size);
    made.dh = pieces.take(size);
    made.y = made.a = made.h;
    made.dy = made.da = made.dh;
    if (!is_linear(layer)) {
      made.y = pieces.take(size);
      made.slope = pieces.take(size);
      made.dy = pieces.take(size);
    }
    if (layer.normalisation != Normalisation::none) made.a = pieces.take(size);
    if (!is_plain(layer)) made.da = pieces.take(size);
    if (layer.normalisation == Normalisation::batch) {
      made.mean = pieces.take(layer.units);
      made.variance = pieces.take(layer.units);
      made.inverse = pieces.take(layer.units);
    }
    if (layer.normalisation == Normalisation::layer) made.inverse = pieces.take(capacity);
    layers_.push_back(made);
  }
}

template <class T>
Network<T>::Network(const NetworkSpec& spec, int capacity)
    : spec_(checked(spec)), pass_(spec, capacity) {
  std::size_t size = 0, averages = 0, tied = 0;
  for (std::size_t i = 0; i < spec.layers.size(); ++i) {
    const LayerSpec& layer = spec.layers[i];
    const int inputs = i == 0 ? spec.inputs : spec.layers[i - 1].units;
    Layer made{inputs,
               layer.units,
               layer.activation,
               layer.shift,
               is_linear(layer),
               spec.derivative == Derivative::output,
               layer.normalisation,
               layer.branch};
    made.learned_index = learned_parameters(layer);
    size += padded<T>(static_cast<std::size_t>(inputs) * layer.units) + padded<T>(layer.units) +
            padded<T>(made.learned_index.size());
    if (layer.normalisation != Normalisation::none) size += 2 * padded<T>(layer.units);
    if (layer.normalisation == Normalisation::batch) averages += padded<T>(2 * layer.units);
    tied = std::max<std::size_t>(tied, groups(layer.tie));
    layers_.push_back(std::move(made));
  }
  parameters_ = Buffer<T>(size);
  gradients_ = Buffer<T>(size);
  initial_ = Buffer<T>(size);
  running_ = Buffer<T>(averages);
  tie_sums_ = Buffer<double>(tied);
  Pieces<T> parameters{parameters_.data()}, gradients{gradients_.data()}, initial{initial_.data()},
      running{running_.data()};
  // The same place in the three arrays of one layout.
  const auto take = [&](std::size_t count, T*& value, T*& gradient) {
    value = parameters.take(count);
    gradient = gradients.take(count);
    return initial.take(count);
  };
  for (Layer& layer : layers_) {
    layer.initial_w = take(static_cast<std::size_t>(layer.inputs) * layer.units, layer.w, layer.dw);
    take(layer.units, layer.b, layer.db);
    if (layer.normalisation != Normalisation::none) {
      take(layer.units, layer.gamma, layer.dgamma);
      take(layer.units, layer.beta, layer.dbeta);
      std::fill_n(layer.gamma, layer.units, T(1));
    }
    if (layer.normalisation == Normalisation::batch) {
      layer.running = running.take(2 * layer.units);
      std::fill_n(layer.running + layer.units, layer.units, T(1));
    }
    take(layer.learned_index.size(), layer.learned, layer.dlearned);
    for (std::size_t k = 0; k < layer.learned_index.size(); ++k) {
      layer.learned[k] = static_cast<T>(layer.activation.parameters()[layer.learned_index[k]]);
    }
  }
  parameters_changed();
}

// h = x W^T + b, y = f(h) + shift.
template <class T>
Matrix<const T> Network<T>::run(Matrix<const T> x, Pass<T>& pass, bool slopes,
                                bool training) const {
  if (x.cols != spec_.inputs || x.rows < 1 || x.rows > pass.capacity_) {
    throw Error("network: got a batch of " + std::to_string(x.rows) + " x " +
                std::to_string(x.cols) + ", expected 1 to " + std::to_string(pass.capacity_) +
                " rows x " + std::to_string(spec_.inputs));
  }
  pass.input_ = x;
  pass.rows_ = x.rows;
  Matrix<const T> y = x;
  for (std::size_t i = 0; i < layers_.size(); ++i) {
    const Layer& layer = layers_[i];
    const Matrix<T> a{pass.layers_[i].a, x.rows, layer.units};
    product<T>(Op::plain, y, Op::transposed, {layer.w, layer.units, layer.inputs}, a);
    if (!layer.plain()) pre_activate(static_cast<int>(i), pass, training);
    activate(layer, pass, static_cast<int>(i), slopes);
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
  add_bias(a, layer.b);
  if (layer.normalisation == Normalisation::layer) normalise_rows(a, at.inverse);
  if (layer.normalisation == Normalisation::batch && training) {
    normalise_columns(a, at.mean, at.variance, at.inverse);
  } else if (layer.normalisation == Normalisation::batch) {
    normalise_columns_by<T>(a, layer.running, layer.running + layer.units);
  }
  if (layer.normalisation != Normalisation::none) {
    scale_and_centre<T>(a, layer.gamma, layer.beta, h);
  }
  if (layer.branch != 0) {
    const T branch = static_cast<T>(layer.branch);
    const T* __restrict below = pass.layers_[index - 1].h;
    T* __restrict out = h.data;
    for (std::size_t j = 0; j < h.size(); ++j) out[j] = below[j] + branch * out[j];
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
  if (layer.normalisation != Normalisation::none) {
    scale_and_centre_backward<T>(da, n, layer.dgamma, layer.dbeta);
  }
  std::fill_n(layer.db, units, T(0));
  if (layer.normalisation == Normalisation::batch) {
    // The mean takes b off again: its gradient is 0, and stays clear of rounding.
    normalise_columns_backward(da, n, layer.gamma, at.inverse);
    return;
  }
  if (layer.normalisation == Normalisation::layer) {
    normalise_rows_backward(da, n, layer.gamma, at.inverse);
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
void Network<T>::activate(const Layer& layer, Pass<T>& pass, int index, bool slopes) {
  const auto& at = pass.layers_[index];
  const int step = rows_per_block(layer.units);
  const T shift = static_cast<T>(layer.shift);
  for (int first = 0; first < pass.rows_; first += step) {
    const int count = std::min(step, pass.rows_ - first);
    const Matrix<T> block = rows_of(at.h, layer.units, first, count);
    if (layer.plain()) add_bias(block, layer.b);
    if (layer.linear) continue;
    const Stopwatch watch(pass.timed_ ? &pass.activation_seconds_ : nullptr);
    const std::span<const T> h = block.flat();
    const std::span<T> y = rows_of(at.y, layer.units, first, count).flat();
    const std::span<T> slope = rows_of(at.slope, layer.units, first, count).flat();
    if (!slopes) {
      layer.activation.template value<T>(h, y);
    } else if (layer.from_output && layer.activation.has_output_form()) {
      layer.activation.template value<T>(h, y);
      layer.activation.template slope_from_output<T>(y, slope);
    } else {
      layer.activation.template value_and_slope<T>(h, y, slope);
    }
    if (shift != 0) {
      for (T& v : y) v += shift;
    }
  }
}

// dL/dh = dL/dy * f'(h) (+ dL/dh of a skip above), dW = (dL/da)^T x, db = column sums of dL/da,
// dL/dx = (dL/da) W.
template <class T>
void Network<T>::backward() {
  const int rows = pass_.rows_;
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
      product<T>(Op::plain, da, Op::plain, {layer.w, layer.units, layer.inputs},
                 {pass_.layers_[i - 1].dy, rows, layer.inputs});
    }
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
      add_parameter_gradients(layer, rows_of<const T>(at.h, layer.units, first, count), dy);
    }
    if (skip) add<T>(rows_of(skip, layer.units, first, count), dh);
    if (layer.plain()) add_column_sums<T>(dh, layer.db);
  }
}

// dL/dp += sum of dL/dy * df/dp(h), a piece at a time as a row may be longer than a block.
template <class T>
void Network<T>::add_parameter_gradients(const Layer& layer, Matrix<const T> h, const T* dy) {
  T slopes[kBlock];
  for (std::size_t k = 0; k < layer.learned_index.size(); ++k) {
    for (std::size_t first = 0; first < h.size(); first += kBlock) {
      const std::size_t count = std::min<std::size_t>(kBlock, h.size() - first);
      layer.activation.template parameter_slope<T>(
          layer.learned_index[k], h.flat().subspan(first, count), std::span<T>(slopes, count));
      T sum = 0;
      for (std::size_t j = 0; j < count; ++j) sum += dy[first + j] * slopes[j];
      layer.dlearned[k] += sum;
    }
  }
}

template <class T>
Matrix<T> Network<T>::loss_gradient() {
  return {pass_.layers_.back().dy, pass_.rows_, outputs()};
}

template <class T>
LayerView<T> Network<T>::layer(int i, const Pass<T>& pass) const {
  const Layer& layer = layers_[i];
  const auto& at = pass.layers_[i];
  const int rows = pass.rows_, units = layer.units,
            learned = static_cast<int>(layer.learned_index.size());
  LayerView<T> view;
  view.index = i;
  view.hidden = i + 1 < layers();
  view.activation = &layer.activation;
  view.shift = layer.shift;
  view.branch = layer.branch;
  view.x = i == 0 ? pass.input_ : Matrix<const T>{pass.layers_[i - 1].y, rows, layer.inputs};
  view.h = {at.h, rows, units};
  view.y = {at.y, rows, units};
  view.dh = {at.dh, rows, units};
  view.dy = {at.dy, rows, units};
  view.da = {at.da, rows, units};
  if (layer.normalisation != Normalisation::none) {
    view.normal = {at.a, rows, units};
    view.gamma = {layer.gamma, 1, units};
    view.dgamma = {layer.dgamma, 1, units};
    view.beta = {layer.beta, 1, units};
    view.dbeta = {layer.dbeta, 1, units};
  }
  if (!layer.linear) view.slope = {at.slope, rows, units};
  view.w = {layer.w, units, layer.inputs};
  view.dw = {layer.dw, units, layer.inputs};
  view.initial_w = {layer.initial_w, units, layer.inputs};
  view.b = {layer.b, 1, units};
  view.db = {layer.db, 1, units};
  view.learned = {layer.learned, 1, learned};
  view.dlearned = {layer.dlearned, 1, learned};
  view.learned_index = layer.learned_index;
  return view;
}

template <class T>
Matrix<T> Network<T>::weights(int layer) const {
  return {layers_[layer].w, layers_[layer].units, layers_[layer].inputs};
}

template <class T>
Matrix<T> Network<T>::biases(int layer) const {
  return {layers_[layer].b, 1, layers_[layer].units};
}

template <class T>
Matrix<T> Network<T>::running_averages(int layer) const {
  const bool batch = layers_[layer].normalisation == Normalisation::batch;
  return {layers_[layer].running, batch ? 2 : 0, layers_[layer].units};
}

template <class T>
void Network<T>::copy_from(const Network& other) {
  if (other.parameters_.size() != parameters_.size() || other.running_.size() != running_.size()) {
    throw Error("network: copy_from got a network of another shape, expected one of the same spec");
  }
  std::copy_n(other.parameters_.data(), parameters_.size(), parameters_.data());
  std::copy_n(other.running_.data(), running_.size(), running_.data());
  parameters_changed();
}

template <class T>
void Network<T>::parameters_changed() {
  for (Layer& layer : layers_) {
    if (layer.learned_index.empty()) continue;
    double values[2] = {};
    const auto now = layer.activation.parameters();
    std::copy(now.begin(), now.end(), values);
    for (std::size_t k = 0; k < layer.learned_index.size(); ++k) {
      const int which = layer.learned_index[k];
      // A NaN of a run that has diverged cannot be a parameter; the activation keeps its last one.
      if (std::isnan(layer.learned[k])) continue;
      layer.learned[k] = clamped(layer.learned[k], layer.activation.info().parameters[which].any);
      values[which] = layer.learned[k];
    }
    layer.activation.set_parameters({values, now.size()}, Bounds::any);
  }
}

template <class T>
void Network<T>::mark_start() {
  std::copy_n(parameters_.data(), parameters_.size(), initial_.data());
}

template class Pass<float>;
template class Pass<double>;
template class Network<float>;
template class Network<double>;

}  // namespace gradkeep::nn
