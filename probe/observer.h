// Takes snapshots of a network in training. A look runs a fixed batch through a network of its own,
// so that training is not disturbed and start and end see the same examples. A glance takes what the
// training step itself has at hand, and of that a sample, so that it may be taken at every step.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <vector>

#include "nn/train.h"
#include "probe/snapshot.h"
#include "probe/units.h"

namespace gradkeep::probe {

// The training's batches are shuffled, so that the first examples of one are as good as any.
inline constexpr int kGlancedExamples = 8, kGlancedUnits = 8;

// T as in nn: float or double.
template <class T>
class Observer {
 public:
  // `net` is at its start: its weights become initial_w. `train` must outlive the observer.
  Observer(const nn::Network<T>& net, const data::Dataset& train, nn::Loss loss, int batch = 128);
  Observer(const Observer&) = delete;  // snapshots call back
  Observer& operator=(const Observer&) = delete;
  // What the training multiplies its loss by, from the next look on: in a 16-bit format the same
  // derivatives are lost as there, an example's share of the mean loss being the same too. A dynamic
  // scale that overflows here is halved until it does not, as training would.
  void scale_loss(const nn::LossScale& scale) { loss_scale_ = scale; }
  // Snapshot::held() is of these examples from the next look on.
  void hold_out(const data::Dataset& set);
  // The network as it is now; the snapshot is overwritten by the next one. `walks`: Snapshot::walks.
  const Snapshot& look(const nn::Network<T>& net, std::vector<nn::Walk> walks = {});
  // A step of the training that the network given to the constructor has gone through, to be called
  // from Trainer::after_backward: kGlancedExamples of its batch and of each layer's weights those of
  // kGlancedUnits units. What units show is that of as many glanced examples as the training part
  // has, and unknown before; nothing is held out. Overwritten by the next glance. Throws Error for a
  // network with dropout, whose steps do not show the network as it answers.
  const Snapshot& glance(const nn::Step<T>& step, std::vector<nn::Walk> walks = {});

 private:
  std::vector<std::vector<Unit>> measure_units();
  Held measure_held();
  Represented represent(int layer);
  void propagate();

  nn::Network<T> net_;
  int trained_rows_;  // a training batch's
  nn::LossScale loss_scale_{{}};
  nn::Loss loss_;
  nn::Batches<T> batches_;
  nn::Batch<T> batch_;
  nn::Evaluator<T> evaluator_;
  std::vector<int> label_;  // of the training part
  std::optional<nn::Evaluator<T>> on_held_;
  Held held_;  // all but the outputs
  Snapshot snapshot_, glance_;
  Recent recent_;
};

}  // namespace gradkeep::probe
