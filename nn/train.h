// Training: a Batches that deals the rows of a data set in shuffled order, and a Trainer whose step
// is a few calls in reading order: next batch, forward, backward, clip, update. Gradients need no
// zeroing call, as backward overwrites them. The caller owns the loop, so that long work can be
// interrupted between any two steps:
//
//   nn::Trainer<float> trainer(net, parts.train, spec);
//   trainer.after_backward([&](const nn::Step<float>& step) { ... });  // probes
//   while (trainer.steps() < budget && !stop) trainer.step();
//
// A run uses one thread, whichever calls step(); runs on different threads do not meet. The same
// seed gives the same bits. After the first step of each batch size nothing is allocated.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "data/dataset.h"
#include "data/random.h"
#include "nn/loss.h"
#include "nn/loss_scale.h"
#include "nn/network.h"
#include "nn/optimiser.h"
#include "nn/schedule.h"
#include "nn/walk.h"

namespace gradkeep::nn {

template <class T>
struct Batch {
  Matrix<const T> x;
  Wanted<T> wanted;
};

// The rows of a data set, converted to T once. An epoch visits every row once, in an order that
// depends on seed and epoch; its last batch may be smaller.
template <class T>
class Batches {
 public:
  Batches(const data::Dataset& set, int batch, std::uint64_t seed);
  Batch<T> next();
  int epoch() const { return epoch_; }  // of the batch handed out last, from 0
  int rows() const { return static_cast<int>(order_.size()); }

 private:
  int features_, batch_, epoch_ = -1;
  std::size_t next_;
  std::uint64_t seed_;
  std::vector<std::uint32_t> order_;
  Buffer<T> all_x_, x_, all_target_, target_;
  std::vector<int> all_label_, label_;
};

struct TrainSpec {
  Loss loss = Loss::softmax;
  OptimiserSpec optimiser{};
  double clip = 0;  // largest norm of the gradient; 0: no clipping
  int batch = 32;
  std::uint64_t seed = 0;  // of the batches' order and of dropout
  int warmup = 0;          // steps over which the rate grows evenly from rate / warmup to rate
  Schedule schedule = Schedule::constant;
  LossScaleSpec loss_scale{};
  std::int64_t budget = 0;  // steps at whose end the schedule ends; constant needs none
};

// The state of affairs after backward (and clipping) and before the update.
template <class T>
struct Step {
  const Network<T>& net;
  std::int64_t number = 0;  // from 0
  int epoch = 0;            // from 0
  double loss = 0;
  double gradient_norm = 0;  // before clipping; NaN where clip is 0 or the step is skipped
  double clipped = 1;        // what clipping has multiplied the gradients by
  Batch<T> batch;
};

template <class T>
class Trainer {
 public:
  // `net` and `train` must outlive the trainer. Throws Error where loss, outputs and data do not
  // fit each other, or the batch is larger than the network's capacity.
  Trainer(Network<T>& net, const data::Dataset& train, const TrainSpec& spec);

  void after_backward(std::function<void(const Step<T>&)> probe) { probe_ = std::move(probe); }
  double step();  // the loss
  std::int64_t steps() const { return steps_; }
  int epoch() const { return batches_.epoch(); }
  const Optimiser<T>& optimiser() const { return optimiser_; }
  const LossScale& loss_scale() const { return loss_scale_; }

  // The way that the weights have taken while followed, by layer, then of all weights. Costs two
  // passes over the weights a step.
  void follow_path(bool on);
  const std::vector<Walk>& walks() const { return walker_.walks(); }

 private:
  void update();

  Network<T>& net_;
  TrainSpec spec_;
  Batches<T> batches_;
  Optimiser<T> optimiser_;
  LossScale loss_scale_;
  std::function<void(const Step<T>&)> probe_;
  std::int64_t steps_ = 0;
  bool follow_ = false;
  Walker<T> walker_;
};

// The number of outputs that a data set asks of a network under a loss: 1 in a regression, and for
// two classes unless the loss is softmax; else the number of classes.
int outputs_for(Loss loss, const data::Dataset& set);
Loss default_loss(const data::Dataset& set);  // softmax, or squared in a regression

struct Evaluation {
  double loss = 0;
  double accuracy = 0;  // NaN in a regression
};

// Loss and accuracy over a whole data set. Holds its own Pass and its own copy of the data, so it
// may be called between any two steps, or from within after_backward, and allocates only when made.
template <class T>
class Evaluator {
 public:
  Evaluator(const NetworkSpec& spec, const data::Dataset& set, Loss loss, int capacity = 256);
  Evaluation operator()(const Network<T>& net);

  // Every row in data order through the network, `capacity` at a time; each(pass) sees h and y, and
  // f'(h) with `slopes`, and tells whether to go on. For probes of the whole data set; `layers`: how
  // many of them, from the first, these want to see.
  void each_pass(
      const Network<T>& net, bool slopes, int layers,
      const std::function<bool(const Pass<T>&, Matrix<const T> logits, int first)>& each);

 private:
  Loss loss_;
  int rows_, features_;
  Buffer<T> x_, target_;
  std::vector<int> label_;
  Pass<T> pass_;
};

}  // namespace gradkeep::nn
