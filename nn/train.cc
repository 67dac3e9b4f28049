// The training loop's parts; see train.h.
// SPDX-License-Identifier: Apache-2.0
#include "nn/train.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <string>

namespace gradkeep::nn {
namespace {

template <class T>
Buffer<T> converted(std::span<const double> values) {
  Buffer<T> out(values.size());
  std::transform(values.begin(), values.end(), out.data(),
                 [](double v) { return static_cast<T>(v); });
  return out;
}

// A loss must have what it compares with: classes or numbers.
void check_fit(const NetworkSpec& net, const data::Dataset& set, Loss loss) {
  const std::string where = "training on '" + set.name + "': ";
  if (set.rows == 0) throw Error(where + "no rows, expected at least 1");
  if (static_cast<std::size_t>(net.inputs) != set.features) {
    throw Error(where + "the network has " + std::to_string(net.inputs) + " inputs, the data " +
                std::to_string(set.features) + " features");
  }
  if (loss != Loss::squared && set.regression()) {
    throw Error(where + "softmax and binary losses need classes, the data has a numeric target");
  }
  const int outputs = net.layers.back().units;
  if (outputs != outputs_for(loss, set)) {
    throw Error(where + "the network has " + std::to_string(outputs) + " outputs, expected " +
                std::to_string(outputs_for(loss, set)));
  }
  check_output(loss, net.layers.back().activation);
}

bool normalises_batches(const NetworkSpec& net) {
  return std::any_of(net.layers.begin(), net.layers.end(), [](const LayerSpec& layer) {
    return layer.normalisation == Normalisation::batch;
  });
}

}  // namespace

int outputs_for(Loss loss, const data::Dataset& set) {
  if (set.regression()) return 1;
  return set.classes == 2 && loss != Loss::softmax ? 1 : set.classes;
}

Loss default_loss(const data::Dataset& set) {
  return set.regression() ? Loss::squared : Loss::softmax;
}

template <class T>
Batches<T>::Batches(const data::Dataset& set, int batch, std::uint64_t seed)
    : features_(static_cast<int>(set.features)),
      batch_(static_cast<int>(std::min<std::size_t>(batch, set.rows))),
      next_(set.rows),
      seed_(seed),
      order_(set.rows),
      all_x_(converted<T>(set.x)),
      x_(static_cast<std::size_t>(batch_) * set.features),
      all_target_(converted<T>(set.target)),
      target_(set.target.empty() ? 0 : static_cast<std::size_t>(batch_)),
      all_label_(set.label),
      label_(set.label.empty() ? 0 : static_cast<std::size_t>(batch_)) {}

template <class T>
Batch<T> Batches<T>::next() {
  if (next_ == order_.size()) {
    ++epoch_;
    next_ = 0;
    std::iota(order_.begin(), order_.end(), 0u);
    data::Random random(seed_, static_cast<std::uint64_t>(epoch_));
    random.shuffle(std::span(order_));
  }
  const int rows = static_cast<int>(std::min<std::size_t>(batch_, order_.size() - next_));
  const Matrix<T> x = x_.matrix(rows, features_);
  for (int r = 0; r < rows; ++r) {
    const std::size_t from = order_[next_ + r];
    std::copy_n(all_x_.data() + from * features_, features_, x.row(r).data());
    if (!label_.empty()) label_[r] = all_label_[from];
    if (target_.size()) target_.data()[r] = all_target_.data()[from];
  }
  next_ += rows;
  Batch<T> batch{x, {}};
  if (!label_.empty()) batch.wanted.label = {label_.data(), static_cast<std::size_t>(rows)};
  if (target_.size()) batch.wanted.target = target_.matrix(rows, 1);
  return batch;
}

template <class T>
Trainer<T>::Trainer(Network<T>& net, const data::Dataset& train, const TrainSpec& spec)
    : net_(net),
      spec_(spec),
      batches_(train, std::max(spec.batch, 1), spec.seed),
      optimiser_(spec.optimiser, net.parameters().size()),
      loss_scale_(spec.loss_scale),
      walker_(net.layers()) {
  check_fit(net.spec(), train, spec.loss);
  if (spec.batch < 1 || spec.batch > net.capacity()) {
    throw Error("training: batch is " + std::to_string(spec.batch) + ", expected 1 to " +
                std::to_string(net.capacity()) + ", for which the network has room");
  }
  if (!(spec.clip >= 0)) throw Error("training: clip must not be negative, 0 for no clipping");
  if (spec.warmup < 0) {
    throw Error("training: warmup is " + std::to_string(spec.warmup) +
                " steps, expected 0 for none or more");
  }
  if (spec.schedule != Schedule::constant && spec.budget < 1) {
    throw Error("training: budget is " + std::to_string(spec.budget) +
                " steps, expected at least 1, as the schedule ends with it");
  }
  if (const T scale = static_cast<T>(spec.loss_scale.start);
      !(scale > 0) || !std::isfinite(scale)) {
    throw Error("training: loss_scale is " + std::to_string(spec.loss_scale.start) +
                ", expected a positive number");
  }
  if (spec.batch == 1 && normalises_batches(net.spec())) {
    throw Error(
        "training: batch normalisation of one row is always 0, expected a batch of at least 2");
  }
}

template <class T>
void Trainer<T>::follow_path(bool on) {
  follow_ = on;
  if (!on) walker_.pause();
}

template <class T>
double Trainer<T>::step() {
  const Batch<T> batch = batches_.next();
  net_.choose_dropped(spec_.seed, static_cast<std::uint64_t>(steps_));
  const Matrix<const T> logits = net_.forward(batch.x);
  const double loss = loss_and_gradient(spec_.loss, logits, batch.wanted, net_.loss_gradient());
  net_.backward(loss_scale_.now());
  const bool skip = loss_scale_.dynamic() && !all_finite<T>(net_.gradients());
  double norm = std::numeric_limits<double>::quiet_NaN(), clipped = 1;
  if (spec_.clip > 0 && !skip) {
    norm = clip_by_norm(net_.gradients(), spec_.clip);
    clipped = clip_factor(norm, spec_.clip);
  }
  if (probe_) probe_({net_, steps_, batches_.epoch(), loss, norm, clipped, batch});
  if (!skip) update();
  if (loss_scale_.dynamic()) loss_scale_.saw(!skip);
  net_.update_running_averages();
  ++steps_;
  return loss;
}

template <class T>
void Trainer<T>::update() {
  if (follow_) walker_.before(net_);
  optimiser_.update(net_.parameters(), net_.gradients(),
                    rate_share(spec_.schedule, steps_, spec_.warmup, spec_.budget));
  net_.parameters_changed();
  if (follow_) walker_.after(net_);
}

template <class T>
Evaluator<T>::Evaluator(const NetworkSpec& spec, const data::Dataset& set, Loss loss, int capacity)
    : loss_(loss),
      rows_(static_cast<int>(set.rows)),
      features_(static_cast<int>(set.features)),
      x_(converted<T>(set.x)),
      target_(converted<T>(set.target)),
      label_(set.label),
      pass_(spec, static_cast<int>(std::min<std::size_t>(capacity, set.rows))) {
  check_fit(spec, set, loss);
}

template <class T>
Evaluation Evaluator<T>::operator()(const Network<T>& net) {
  double loss = 0;
  int correct = 0;
  each_pass(net, false, net.layers(), [&](const Pass<T>& pass, Matrix<const T> logits, int first) {
    Wanted<T> wanted;
    if (!label_.empty()) {
      wanted.label = {label_.data() + first, static_cast<std::size_t>(pass.rows())};
      correct += count_correct(loss_, logits, wanted.label);
    } else {
      wanted.target = {target_.data() + first, pass.rows(), 1};
    }
    loss += loss_and_gradient<T>(loss_, logits, wanted, {}) * pass.rows();
    return true;
  });
  return {loss / rows_, label_.empty() ? std::numeric_limits<double>::quiet_NaN()
                                       : static_cast<double>(correct) / rows_};
}

template <class T>
void Evaluator<T>::each_pass(
    const Network<T>& net, bool slopes, int layers,
    const std::function<bool(const Pass<T>&, Matrix<const T>, int)>& each) {
  for (int first = 0; first < rows_; first += pass_.capacity()) {
    const int count = std::min(pass_.capacity(), rows_ - first);
    const Matrix<const T> x{x_.data() + static_cast<std::size_t>(first) * features_, count,
                            features_};
    if (!each(pass_, net.forward(x, pass_, slopes, layers), first)) return;
  }
}

template class Batches<float>;
template class Batches<double>;
template class Trainer<float>;
template class Trainer<double>;
template class Evaluator<float>;
template class Evaluator<double>;

}  // namespace gradkeep::nn
