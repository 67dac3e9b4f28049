// How a network is made and looked at; see network.h. What it computes is in propagate.cc.
// SPDX-License-Identifier: Apache-2.0
#include "nn/network.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <string>
#include <type_traits>

#include "data/words.h"
#include "nn/tie.h"

namespace gradkeep::nn {
namespace {

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
  return layer.shift == 0 && layer.dropout == 0 && layer.activation.info().name == "identity";
}

bool is_plain(const LayerSpec& layer) {
  return layer.normalisation == Normalisation::none && layer.branch == 0;
}

// Linear layers keep h and dh only, plain ones neither a nor da.
template <class T>
std::size_t pass_size(const NetworkSpec& spec, int capacity) {
  std::size_t size = 0;
  if (spec.format != NumberFormat::own) {
    size = padded<T>(static_cast<std::size_t>(capacity) * static_cast<std::size_t>(spec.inputs));
  }
  for (const LayerSpec& layer : spec.layers) {
    const bool normalised = layer.normalisation != Normalisation::none;
    size += static_cast<std::size_t>((is_linear(layer) ? 2 : 5) + normalised + !is_plain(layer) +
                                     (layer.dropout > 0)) *
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
    if (layer.zero_branch && layer.branch == 0) {
      throw Error(where + " has zero_branch and no skip, expected a branch that is not 0");
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
    if (!(layer.dropout >= 0 && layer.dropout < 1)) {
      throw Error(where + ": dropout is " + std::to_string(layer.dropout) +
                  ", expected a share in [0, 1)");
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
  if (spec.format != NumberFormat::own) {
    rounded_input_ = pieces.take(static_cast<std::size_t>(capacity) * spec.inputs);
  }
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
    if (layer.dropout > 0) made.factor = pieces.take(size);
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
  if (spec.format != NumberFormat::own && !std::is_same_v<T, float>) {
    throw Error("network: a 16-bit format beside double, expected float for the parameters");
  }
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
               layer.branch,
               layer.dropout};
    made.learned_index = learned_parameters(layer);
    size += padded<T>(static_cast<std::size_t>(inputs) * layer.units) + padded<T>(layer.units) +
            padded<T>(made.learned_index.size());
    if (layer.normalisation != Normalisation::none) size += 2 * padded<T>(layer.units);
    if (layer.normalisation == Normalisation::batch) averages += padded<T>(2 * layer.units);
    tied = std::max<std::size_t>(tied, groups(layer.tie));
    layers_.push_back(std::move(made));
  }
  parameters_ = Buffer<T>(size);
  if (spec.format != NumberFormat::own) rounded_ = Buffer<T>(size);
  used_ = rounded_.size() > 0 ? rounded_.data() : parameters_.data();
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
  for (std::size_t i = 0; i < layers_.size(); ++i) {
    Layer& layer = layers_[i];
    layer.initial_w = take(static_cast<std::size_t>(layer.inputs) * layer.units, layer.w, layer.dw);
    take(layer.units, layer.b, layer.db);
    if (layer.normalisation != Normalisation::none) {
      take(layer.units, layer.gamma, layer.dgamma);
      take(layer.units, layer.beta, layer.dbeta);
      std::fill_n(layer.gamma, layer.units, spec.layers[i].zero_branch ? T(0) : T(1));
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

template <class T>
Matrix<T> Network<T>::loss_gradient() {
  return {pass_.layers_.back().dy, pass_.rows_, outputs()};
}

template <class T>
void Network<T>::choose_dropped(std::uint64_t seed, std::uint64_t step) {
  dropout_seed_ = seed;
  dropout_step_ = step;
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
  for (std::size_t i = 0; i < layers_.size(); ++i) {
    Layer& layer = layers_[i];
    if (layer.learned_index.empty()) continue;
    const auto bounds = [&](int which) -> const Interval& {
      const auto& parameter = layer.activation.info().parameters[which];
      return spec_.layers[i].learn_within == Bounds::any ? parameter.any : parameter.recommended;
    };
    std::array<double, kMaxParameters> values{};
    const auto now = layer.activation.parameters();
    std::copy(now.begin(), now.end(), values.begin());
    for (std::size_t k = 0; k < layer.learned_index.size(); ++k) {
      const int which = layer.learned_index[k];
      // A NaN of a run that has diverged cannot be a parameter; the activation keeps its last one.
      if (std::isnan(layer.learned[k])) continue;
      layer.learned[k] = clamped(layer.learned[k], bounds(which));
      values[which] = layer.learned[k];
    }
    layer.activation.set_parameters({values.data(), now.size()}, Bounds::any);
  }
  std::copy_n(parameters_.data(), rounded_.size(), rounded_.data());
  round_to(spec_.format, rounded_.span());
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
