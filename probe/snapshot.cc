// From the engine's views to a snapshot: copies into double, rescales gradients from the batch's
// mean loss to an example's own, and runs the training part through for what each unit does.
// SPDX-License-Identifier: Apache-2.0
#include "probe/snapshot.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace gradkeep::probe {
namespace {

// Copies and sums up on the way, a block that stays in the first-level cache at a time: sums four side
// by side, as one alone would wait for each addition before it starts the next.
template <class T>
void copy(nn::Matrix<const T> from, Table& to, double factor = 1) {
  constexpr std::size_t kBlock = 1024, kLanes = 4;
  to.rows = from.data ? from.rows : 0;
  to.columns = from.data ? from.cols : 0;
  const std::size_t size = static_cast<std::size_t>(to.rows) * to.columns;
  to.values.resize(size);
  double sum[kLanes] = {}, squares[kLanes] = {};
  std::size_t zeros = 0;
  for (std::size_t first = 0; first < size; first += kBlock) {
    const std::size_t count = std::min(kBlock, size - first);
    const T* __restrict source = from.data + first;
    double* __restrict target = to.values.data() + first;
    int zeros_here = 0;
    for (std::size_t i = 0; i < count; ++i) zeros_here += source[i] == 0;
    zeros += zeros_here;
    const auto take = [&](std::size_t i, std::size_t lane) {
      const double v = factor * static_cast<double>(source[i]);
      target[i] = v;
      sum[lane] += v;
      squares[lane] += v * v;
    };
    std::size_t i = 0;
    for (; i + kLanes <= count; i += kLanes)
      for (std::size_t lane = 0; lane < kLanes; ++lane) take(i + lane, lane);
    for (; i < count; ++i) take(i, 0);
  }
  const auto all = [](const double(&sums)[kLanes]) {
    return (sums[0] + sums[1]) + (sums[2] + sums[3]);
  };
  to.summary = {all(sum), all(squares), zeros};
}

template <class T>
nn::Network<T> twin(const nn::Network<T>& net, int capacity) {
  nn::NetworkSpec spec = net.spec();
  for (auto& layer : spec.layers) layer.dropout = 0;
  nn::Network<T> result(spec, capacity);
  result.copy_from(net);
  result.mark_start();
  return result;
}

// What each unit of a layer has shown so far; flags are numbers of the type, which are quick to set.
template <class T>
struct Seen {
  explicit Seen(int units) : slope(units), fires(units) {}
  std::vector<T> slope, fires;
  bool all_slope = false, all_fires = false;
  bool all() const { return all_slope && all_fires; }

  void look(const nn::LayerView<T>& view) {
    if (!all_slope) {
      if (!view.slope.data) std::fill(slope.begin(), slope.end(), T(1));
      mark(view.slope, slope, [](T v) { return v != 0; });
    }
    if (!all_fires) mark(view.h, fires, [](T v) { return v > 0; });
    const auto set = [](const std::vector<T>& flags) {
      return std::find(flags.begin(), flags.end(), T(0)) == flags.end();
    };
    all_slope = set(slope);
    all_fires = set(fires);
  }

  template <class Shows>
  static void mark(nn::Matrix<const T> values, std::vector<T>& flags, const Shows& shows) {
    T* __restrict flag = flags.data();
    for (int row = 0; values.data && row < values.rows; ++row) {
      const T* __restrict v = values.row(row).data();
      for (int i = 0; i < values.cols; ++i) flag[i] = shows(v[i]) ? T(1) : flag[i];
    }
  }
};

template <class T>
double epsilon_of(nn::NumberFormat format) {
  if (format == nn::NumberFormat::bf16) return 0x1p-7;
  if (format == nn::NumberFormat::f16) return 0x1p-10;
  return std::numeric_limits<T>::epsilon();
}

int batch_rows(const data::Dataset& set, int wanted) {
  return static_cast<int>(std::min<std::size_t>(wanted, set.rows));
}

}  // namespace

const std::vector<std::vector<Unit>>& Snapshot::units() const {
  if (!units_cache.empty()) return units_cache;
  units_cache = compute_units();
  if (revivals_cache.empty())
    for (const auto& before : previous_units) revivals_cache.emplace_back(before.size());
  for (std::size_t i = 0; i < previous_units.size(); ++i)
    for (std::size_t unit = 0; unit < previous_units[i].size(); ++unit)
      revivals_cache[i][unit] +=
          units_cache[i][unit].has_slope && !previous_units[i][unit].has_slope;
  return units_cache;
}

const std::vector<std::vector<int>>& Snapshot::revivals() const {
  units();
  return revivals_cache;
}

const Held& Snapshot::held() const {
  if (!held_cache) held_cache = compute_held ? compute_held() : Held{};
  return *held_cache;
}

template <class T>
Observer<T>::Observer(const nn::Network<T>& net, const data::Dataset& train, nn::Loss loss,
                      int batch)
    : net_(twin(net, batch_rows(train, batch))),
      trained_rows_(net.capacity()),
      loss_(loss),
      batches_(train, batch_rows(train, batch), 0),
      batch_(batches_.next()),
      evaluator_(net_.spec(), train, loss),
      label_(train.label) {
  snapshot_.epsilon = epsilon_of<T>(net.spec().format);
  snapshot_.compute_units = [this] { return measure_units(); };
}

template <class T>
void Observer<T>::hold_out(const data::Dataset& set) {
  on_held_.emplace(net_.spec(), set, loss_);
  held_ = {loss_, set.classes, {}, set.label};
  snapshot_.compute_held = [this] { return measure_held(); };
  if (set.classes > 0) snapshot_.represent = [this](int layer) { return represent(layer); };
}

template <class T>
const Snapshot& Observer<T>::look(const nn::Network<T>& net, std::vector<nn::Walk> walks) {
  net_.copy_from(net);
  propagate();

  snapshot_.previous_units = std::move(snapshot_.units_cache);
  snapshot_.units_cache.clear();
  snapshot_.held_cache.reset();
  snapshot_.spectra_cache = {};
  snapshot_.previous_walks = std::move(snapshot_.walks);
  snapshot_.walks = std::move(walks);
  if (loss_scale_.dynamic()) snapshot_.skipped_steps = loss_scale_.skipped();
  snapshot_.layers.resize(net_.layers());
  const double examples = batch_.x.rows;
  for (int i = 0; i < net_.layers(); ++i) {
    const auto view = net_.layer(i);
    auto& layer = snapshot_.layers[i];
    layer.number = i + 1;
    layer.hidden = view.hidden;
    layer.activation = view.activation;
    const auto& spec = net_.spec().layers[i];
    layer.shift = spec.shift;
    layer.normalisation = spec.normalisation;
    layer.branch = spec.branch;
    layer.tied = !spec.tie.empty();
    copy(view.x, layer.x);
    copy(view.h, layer.h);
    copy(view.y, layer.y);
    copy(view.slope, layer.slope);
    if (!view.slope.data) {  // the engine skips the identity, whose slope is 1
      layer.slope = layer.h;
      std::fill(layer.slope.values.begin(), layer.slope.values.end(), 1.0);
      layer.slope.summary.reset();
    }
    copy(view.dh, layer.dh, examples);
    copy(view.dy, layer.dy, examples);
    copy(view.da, layer.da, examples);
    copy(view.normal, layer.normal);
    copy(view.w, layer.w);
    if (layer.initial_w.rows == 0) copy(view.initial_w, layer.initial_w);
    copy(view.dw, layer.dw);
    layer.b.assign(view.b.data, view.b.data + view.b.size());
    layer.gamma.assign(view.gamma.data, view.gamma.data + view.gamma.size());
    layer.beta.assign(view.beta.data, view.beta.data + view.beta.size());
    layer.learned.clear();
    layer.learned_names.clear();
    for (std::size_t k = 0; k < view.learned_index.size(); ++k) {
      layer.learned.push_back(static_cast<double>(view.learned.data[k]));
      layer.learned_names.push_back(view.activation->info().parameters[view.learned_index[k]].name);
    }
  }
  mark_skips();
  return snapshot_;
}

template <class T>
void Observer<T>::propagate() {
  const auto outputs = net_.forward(batch_.x);
  const auto backward = [&](double scale) {
    nn::loss_and_gradient(loss_, outputs, batch_.wanted, net_.loss_gradient());
    net_.backward(scale);
  };
  if (net_.spec().format == nn::NumberFormat::own) return backward(1);
  double scale = loss_scale_.now() * batch_.x.rows / trained_rows_;
  backward(scale);
  if (!loss_scale_.dynamic()) return;
  while (scale > 1 && !nn::all_finite<T>(net_.gradients())) backward(scale /= 2);
}

// A linear layer keeps dL/dy and dL/dh in one place, so that what a skip brought must be taken off.
template <class T>
void Observer<T>::mark_skips() {
  for (std::size_t i = 0; i + 1 < snapshot_.layers.size(); ++i) {
    auto& layer = snapshot_.layers[i];
    const auto& above = snapshot_.layers[i + 1];
    layer.skipped = above.branch != 0;
    if (!layer.skipped || net_.layer(static_cast<int>(i)).slope.data) continue;
    for (std::size_t k = 0; k < layer.dy.values.size(); ++k)
      layer.dy.values[k] = layer.dh.values[k] - above.dh.values[k];
    layer.dy.summary.reset();
  }
}

// Most units show a slope and a firing on the first few examples: those of the batch are at hand, and
// the pass over the training part does no more than the units ask that have not yet.
template <class T>
std::vector<std::vector<Unit>> Observer<T>::measure_units() {
  std::vector<Seen<T>> seen;
  bool as_evaluated = true;  // batch normalisation does something else in training
  for (int i = 0; i + 1 < net_.layers(); ++i) {
    const auto& spec = net_.spec().layers[i];
    seen.emplace_back(spec.units);
    as_evaluated = as_evaluated && spec.normalisation != nn::Normalisation::batch;
  }
  const int hidden = static_cast<int>(seen.size());
  for (int i = 0; as_evaluated && i < hidden; ++i) seen[i].look(net_.layer(i));
  bool slopes = false;
  int layers = 0;
  for (int i = 0; i < hidden; ++i) {
    slopes = slopes || !seen[i].all_slope;
    if (!seen[i].all()) layers = i + 1;
  }
  if (layers > 0)
    evaluator_.each_pass(net_, slopes, layers,
                         [&](const nn::Pass<T>& pass, nn::Matrix<const T>, int) {
                           bool more = false;
                           for (int i = 0; i < layers; ++i) {
                             seen[i].look(net_.layer(i, pass));
                             more = more || !seen[i].all();
                           }
                           return more;
                         });
  std::vector<std::vector<Unit>> units(hidden);
  for (int i = 0; i < hidden; ++i)
    for (std::size_t unit = 0; unit < seen[i].slope.size(); ++unit)
      units[i].push_back({seen[i].slope[unit] != 0, seen[i].fires[unit] != 0});
  return units;
}

template <class T>
Held Observer<T>::measure_held() {
  Held result = held_;
  if (!on_held_) return result;
  result.outputs.columns = net_.outputs();
  on_held_->each_pass(net_, false, net_.layers(),
                      [&](const nn::Pass<T>&, nn::Matrix<const T> outputs, int) {
                        result.outputs.rows += outputs.rows;
                        result.outputs.values.insert(result.outputs.values.end(), outputs.data,
                                                     outputs.data + outputs.size());
                        return true;
                      });
  return result;
}

template <class T>
Represented Observer<T>::represent(int layer) {
  Represented result{held_.classes, {}, {}, label_, held_.label};
  const auto collect = [&](nn::Evaluator<T>& evaluator, int most, Table& table) {
    table.columns = net_.spec().layers[layer].units;
    evaluator.each_pass(net_, false, layer + 1,
                        [&](const nn::Pass<T>& pass, nn::Matrix<const T>, int) {
                          const auto y = net_.layer(layer, pass).y;
                          const int rows = std::min(y.rows, most - table.rows);
                          table.rows += rows;
                          table.values.insert(table.values.end(), y.data,
                                              y.data + static_cast<std::size_t>(rows) * y.cols);
                          return table.rows < most;
                        });
  };
  collect(evaluator_, kRepresented, result.trained);
  if (on_held_) collect(*on_held_, std::numeric_limits<int>::max(), result.held);
  result.trained_label.resize(result.trained.rows);
  return result;
}

template class Observer<float>;
template class Observer<double>;

}  // namespace gradkeep::probe
