// A network of dense layers: h = x W^T + b, y = f(h) + shift, layer after layer. Forward stands
// beside backward: given dL/dy of the last layer, the chain rule walks back through
//   dL/dh = dL/dy * f'(h),   dW = (dL/dh)^T x,   db = column sums of dL/dh,   dL/dx = (dL/dh) W.
// A layer may do more to its pre-activations before f sees them. With a = x W^T + b,
//   h = N(a)                      normalisation (nn/normalise.h), which learns gamma and beta
//   h = h_below + branch N(a)     a skip from the layer below (Yang and Schoenholz 2017), N optional
// and dL/da takes the place of dL/dh in dW, db and dL/dx, while dL/dh of a layer with a skip is added
// to dL/dh of the layer below. Weights may be tied (nn/tie.h).
//
// Weights, biases and learned parameters of the activations lie in one array, their gradients in
// another of the same layout, so that an optimiser is one loop. Numbers that belong to one batch
// (h, y and their gradients) live in a Pass; a network has one for training, a probe may bring its
// own to look at other data without disturbing it. T is float or double.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gradkeep/core.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "nn/format.h"
#include "nn/matrix.h"
#include "nn/normalise.h"

namespace gradkeep::nn {

// Where f' is computed from: the input h, or the cached output y as frameworks do, which saves
// memory and loses the slope where y has rounded to a limit. Where no such form exists
// (Activation::has_output_form), also while prelu has learned an a below 0, the input serves.
enum class Derivative { input, output };
Derivative parse_derivative(std::string_view text);

// Which of an activation's parameters are trained, one of each per layer: those that its definition
// declares as learned (prelu's a), all, or none. They are kept inside LayerSpec::learn_within by
// clamping after each update.
enum class Learn { declared, all, none };

struct LayerSpec {
  int units = 0;
  Activation activation;
  double shift = 0;  // added to f(h): -0.5 centres the sigmoid
  Learn learn = Learn::declared;
  Normalisation normalisation = Normalisation::none;
  double branch = 0;         // 0: no skip; else the factor of N(a) beside h of the layer below
  bool zero_branch = false;  // a skip's branch starts at 0 (Fixup, SkipInit)
  std::vector<int> tie{};    // empty, or units * inputs group numbers, -1 for a weight that is zero
  Bounds learn_within = Bounds::any;
  double dropout = 0;  // share of y that training passes set to 0 (nn/dropout.h), in [0, 1)
};

struct NetworkSpec {
  int inputs = 0;
  std::vector<LayerSpec> layers;  // the last one gives the outputs: identity for logits
  Derivative derivative = Derivative::input;
  NumberFormat format = NumberFormat::own;  // of what passes store (nn/format.h)
};

// `depth` hidden layers of `width` units and a linear output layer.
NetworkSpec plain_network(int inputs, int depth, int width, int outputs,
                          const Activation& activation);

// Everything about one layer after a step, for probes. Batches are rows, units columns; w is
// units x inputs as in PyTorch.
template <class T>
struct LayerView {
  int index = 0;
  bool hidden = true;  // false for the last layer
  const Activation* activation = nullptr;
  double shift = 0;
  double branch = 0;                   // 0: no skip from the layer below
  Matrix<const T> x;                   // the layer's input
  Matrix<const T> h, y;                // pre-activations, outputs (what dropout left of them)
  Matrix<const T> dh, dy;              // dL/dh, dL/dy; of the training pass only
  Matrix<const T> normal;              // n of nn/normalise.h, null without normalisation
  Matrix<const T> da;                  // dL/da: dw is da^T x; dh itself in a layer without extras
  Matrix<const T> slope;               // f'(h), where computed; times dropout's factor
  Matrix<const T> w, dw, initial_w;    // units x inputs
  Matrix<const T> b, db;               // 1 x units
  Matrix<const T> gamma, dgamma;       // 1 x units, null without normalisation
  Matrix<const T> beta, dbeta;         // 1 x units, null without normalisation
  Matrix<const T> learned, dlearned;   // 1 x number of learned activation parameters, often 0
  std::span<const int> learned_index;  // which of activation->info().parameters they are
};

// The numbers of one batch, with room for `capacity` rows.
template <class T>
class Pass {
 public:
  Pass(const NetworkSpec& spec, int capacity);
  int capacity() const { return capacity_; }
  int rows() const { return rows_; }  // of the latest forward

 private:
  template <class>
  friend class Network;
  struct Layer {
    int units = 0;
    T *h = nullptr, *y = nullptr, *slope = nullptr, *dh = nullptr, *dy = nullptr;
    // Linear layers have y = h and dy = dh, plain ones a = h and da = dh; normalisation leaves n in a.
    T *a = nullptr, *da = nullptr;
    T* factor = nullptr;  // of dropout
    // Of normalisation: one number a unit (batch), or inverse only, one a row (layer).
    T *mean = nullptr, *variance = nullptr, *inverse = nullptr;
  };
  int capacity_, rows_ = 0;
  Matrix<const T> input_;
  T* rounded_input_ = nullptr;  // of a 16-bit format
  std::vector<Layer> layers_;
  Buffer<T> memory_;
  bool timed_ = false;
  double activation_seconds_ = 0;
};

template <class T>
class Network {
 public:
  // Throws Error for a network without layers, units or inputs, with a skip or tie that does not
  // fit, or of double in a 16-bit format. `capacity`: rows of the largest training batch. Weights are
  // zero until initialise() (nn/initialise.h).
  Network(const NetworkSpec& spec, int capacity);

  const NetworkSpec& spec() const { return spec_; }
  int layers() const { return static_cast<int>(layers_.size()); }
  int outputs() const { return spec_.layers.back().units; }
  int capacity() const { return pass_.capacity(); }

  // The outputs of a batch, rows x outputs. The input must stay until backward.
  // Batch normalisation uses the batch's own mean and variance.
  Matrix<const T> forward(Matrix<const T> x) { return run(x, pass_, true, true, layers()); }
  // From dL/doutputs, written by the loss into loss_gradient(), to all gradients. They are computed
  // of the loss times `loss_scale` (nn/loss_scale.h) and divided by it at the end.
  void backward(double loss_scale = 1);
  Matrix<T> loss_gradient();
  // Which outputs dropout takes from the training passes that follow: the same ones for the same
  // seed and step.
  void choose_dropped(std::uint64_t seed, std::uint64_t step);

  // Evaluation on a pass of the caller's own; nothing of the training pass changes. Batch
  // normalisation uses the running averages. With `slopes`, LayerView::slope holds f'(h)
  // afterwards, else it is undefined. Through the first `count` layers only, the outputs are those
  // of the last of them.
  Matrix<const T> forward(Matrix<const T> x, Pass<T>& pass, bool slopes = false) const {
    return run(x, pass, slopes, false, layers());
  }
  Matrix<const T> forward(Matrix<const T> x, Pass<T>& pass, bool slopes, int count) const {
    return run(x, pass, slopes, false, count);
  }
  // Mixes the statistics of the latest training batch into the running averages; a batch of one
  // row, which has no variance, is left out. One call per training step.
  void update_running_averages();

  LayerView<T> layer(int i) const { return layer(i, pass_); }
  LayerView<T> layer(int i, const Pass<T>& pass) const;

  // All trained numbers and their gradients: per layer w, b, gamma, beta and learned
  // parameters.
  std::span<T> parameters() const { return parameters_.span(); }
  std::span<T> gradients() const { return gradients_.span(); }
  Matrix<T> weights(int layer) const;
  Matrix<T> biases(int layer) const;
  // Mean and variance of batch normalisation's running averages, 2 x units; else null.
  Matrix<T> running_averages(int layer) const;

  // To be called after parameters() have been written: clamps learned activation parameters to
  // their bounds and hands them to the activations, and makes the copies of a 16-bit format.
  void parameters_changed();
  // Takes over parameters and running averages of a network of the same spec.
  void copy_from(const Network& other);
  // Remembers the present weights as LayerView::initial_w.
  void mark_start();

  // Seconds spent in activation passes, forward and backward, since the last reset; only while
  // timing is on (a clock is read four times a layer).
  void time_activations(bool on) { pass_.timed_ = on; }
  double activation_seconds() const { return pass_.activation_seconds_; }
  void reset_activation_seconds() { pass_.activation_seconds_ = 0; }

 private:
  struct Layer {
    int inputs, units;
    Activation activation;
    double shift;
    bool linear;       // identity without shift: y is h
    bool from_output;  // the slope comes from y, where that form exists
    Normalisation normalisation;
    double branch, dropout;
    std::vector<int> learned_index{};
    T *w = nullptr, *dw = nullptr, *initial_w = nullptr, *b = nullptr, *db = nullptr;
    T *gamma = nullptr, *dgamma = nullptr, *beta = nullptr, *dbeta = nullptr;
    T* running = nullptr;  // means, then variances
    T *learned = nullptr, *dlearned = nullptr;
    // h is x W^T + b and nothing else.
    bool plain() const { return normalisation == Normalisation::none && branch == 0; }
  };
  Matrix<const T> run(Matrix<const T> x, Pass<T>& pass, bool slopes, bool training,
                      int count) const;
  void pre_activate(int index, Pass<T>& pass, bool training) const;
  void pre_activate_backward(int index);
  void activate(const Layer& layer, Pass<T>& pass, int index, bool slopes, const T* factor) const;
  void activate_backward(int index);
  static void add_parameter_gradients(const Layer& layer, Matrix<const T> h, const T* dy,
                                      const T* factor);

  void divide_derivatives(T by);
  // What passes compute with in the place of a parameter: itself, or its copy in the format.
  const T* used(const T* parameter) const { return used_ + (parameter - parameters_.data()); }
  void round(Matrix<T> values) const { round_to(spec_.format, values.flat()); }

  NetworkSpec spec_;
  std::vector<Layer> layers_;
  Buffer<T> parameters_, gradients_, initial_, running_;
  Buffer<T> rounded_;  // of the layout of parameters_, in a 16-bit format
  const T* used_ = nullptr;
  Buffer<double> tie_sums_;
  Pass<T> pass_;
  std::uint64_t dropout_seed_ = 0, dropout_step_ = 0;
};

}  // namespace gradkeep::nn
