// From the engine's views to a snapshot: copies into double, rescales gradients from the batch's
// mean loss to an example's own, and runs the training part through for what each unit does.
// SPDX-License-Identifier: Apache-2.0
#include "probe/observer.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

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

template <class T>
double epsilon_of(nn::NumberFormat format) {
  if (format == nn::NumberFormat::bf16) return 0x1p-7;
  if (format == nn::NumberFormat::f16) return 0x1p-10;
  return std::numeric_limits<T>::epsilon();
}

int batch_rows(const data::Dataset& set, int wanted) {
  return static_cast<int>(std::min<std::size_t>(wanted, set.rows));
}

// How much of a batch and of a layer's weights is copied.
struct Extent {
  int examples = std::numeric_limits<int>::max(), units = std::numeric_limits<int>::max();
};

template <class T>
nn::Matrix<const T> first_rows(nn::Matrix<const T> whole, int most) {
  return {whole.data, std::min(whole.rows, most), whole.cols};
}

// `most` rows at equal distances, gathered in `scratch`.
template <class T>
nn::Matrix<const T> spread_rows(nn::Matrix<const T> whole, int most, std::vector<T>& scratch) {
  if (whole.rows <= most) return whole;
  scratch.resize(static_cast<std::size_t>(most) * whole.cols);
  const nn::Matrix<T> some{scratch.data(), most, whole.cols};
  for (int k = 0; k < most; ++k) {
    const auto from = whole.row(static_cast<int>(std::int64_t{k} * whole.rows / most));
    std::copy(from.begin(), from.end(), some.row(k).begin());
  }
  return some;
}

template <class T>
void describe(const nn::LayerSpec& spec, const nn::LayerView<T>& view, Layer& layer) {
  const auto all = [](nn::Matrix<const T> row) {
    return std::vector<double>(row.data, row.data + row.size());
  };
  layer.number = view.index + 1;
  layer.hidden = view.hidden;
  layer.activation = view.activation;
  layer.shift = spec.shift;
  layer.normalisation = spec.normalisation;
  layer.branch = spec.branch;
  layer.tied = !spec.tie.empty();
  layer.b = all(view.b);
  layer.gamma = all(view.gamma);
  layer.beta = all(view.beta);
  layer.learned = all(view.learned);
  layer.learned_names.clear();
  for (const int k : view.learned_index)
    layer.learned_names.push_back(view.activation->info().parameters[k].name);
}

// What the network has at hand after a forward and a backward pass; its gradients have been
// multiplied by `clipped` since.
template <class T>
void copy_pass(const nn::Network<T>& net, Extent most, double clipped, Snapshot& snapshot) {
  snapshot.layers.resize(net.layers());
  std::vector<T> scratch;
  nn::Matrix<const T> below{};
  for (int i = 0; i < net.layers(); ++i) {
    const auto view = net.layer(i);
    auto& layer = snapshot.layers[i];
    describe(net.spec().layers[i], view, layer);
    const double batch = view.h.rows;
    const auto take = [&](nn::Matrix<const T> from, Table& to, double factor = 1) {
      copy(first_rows(from, most.examples), to, factor);
    };
    const auto take_weights = [&](nn::Matrix<const T> from, Table& to, double factor = 1) {
      copy(spread_rows(from, most.units, scratch), to, factor);
    };
    if (below.data && view.x.data == below.data) {
      layer.x = snapshot.layers[i - 1].y;
    } else {
      take(view.x, layer.x);
    }
    take(view.h, layer.h);
    take(view.y, layer.y);
    take(view.slope, layer.slope);
    if (!view.slope.data) {  // the engine skips the identity, whose slope is 1
      layer.slope = layer.h;
      std::fill(layer.slope.values.begin(), layer.slope.values.end(), 1.0);
      layer.slope.summary.reset();
    }
    take(view.dh, layer.dh, batch);
    take(view.dy, layer.dy, batch);
    if (view.da.data == view.dh.data) {
      layer.da = layer.dh;
    } else {
      take(view.da, layer.da, batch);
    }
    take(view.normal, layer.normal);
    take_weights(view.w, layer.w);
    if (layer.initial_w.rows == 0) take_weights(view.initial_w, layer.initial_w);
    take_weights(view.dw, layer.dw, 1 / clipped);
    below = view.y;
  }
}

// A linear layer keeps dL/dy and dL/dh in one place, so that what a skip brought must be taken off.
template <class T>
void mark_skips(const nn::Network<T>& net, std::vector<Layer>& layers) {
  for (std::size_t i = 0; i + 1 < layers.size(); ++i) {
    auto& layer = layers[i];
    const auto& above = layers[i + 1];
    layer.skipped = above.branch != 0;
    if (!layer.skipped || net.layer(static_cast<int>(i)).slope.data) continue;
    for (std::size_t k = 0; k < layer.dy.values.size(); ++k)
      layer.dy.values[k] = layer.dh.values[k] - above.dh.values[k];
    layer.dy.summary.reset();
  }
}

// The snapshot before becomes the past of the one to be taken.
void turn_page(Snapshot& snapshot, std::vector<nn::Walk> walks, const nn::LossScale& scale) {
  snapshot.previous_units = std::move(snapshot.units_cache);
  snapshot.units_cache.clear();
  snapshot.held_cache.reset();
  snapshot.spectra_cache = {};
  snapshot.previous_walks = std::move(snapshot.walks);
  snapshot.walks = std::move(walks);
  if (scale.dynamic()) snapshot.skipped_steps = scale.skipped();
}

}  // namespace

template <class T>
Observer<T>::Observer(const nn::Network<T>& net, const data::Dataset& train, nn::Loss loss,
                      int batch)
    : net_(twin(net, batch_rows(train, batch))),
      trained_rows_(net.capacity()),
      loss_(loss),
      batches_(train, batch_rows(train, batch), 0),
      batch_(batches_.next()),
      evaluator_(net_.spec(), train, loss),
      label_(train.label),
      recent_(train.rows) {
  glance_.glance = true;
  snapshot_.epsilon = glance_.epsilon = epsilon_of<T>(net.spec().format);
  snapshot_.compute_units = [this] { return measure_units(); };
  glance_.compute_units = [this] { return recent_.units(); };
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
  turn_page(snapshot_, std::move(walks), loss_scale_);
  copy_pass(net_, {}, 1, snapshot_);
  mark_skips(net_, snapshot_.layers);
  return snapshot_;
}

template <class T>
const Snapshot& Observer<T>::glance(const nn::Step<T>& step, std::vector<nn::Walk> walks) {
  for (const auto& layer : step.net.spec().layers)
    if (layer.dropout > 0)
      throw Error("a glance at a step of training sees what dropout = " +
                  std::to_string(layer.dropout) + " left of it, expected 0");
  turn_page(glance_, std::move(walks), loss_scale_);
  copy_pass(step.net, {kGlancedExamples, kGlancedUnits}, step.clipped, glance_);
  mark_skips(step.net, glance_.layers);
  recent_.look(glance_.layers);
  return glance_;
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
    slopes = slopes || !seen[i].all_slope();
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
  std::vector<std::vector<Unit>> units;
  for (const auto& layer : seen) units.push_back(layer.units());
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
