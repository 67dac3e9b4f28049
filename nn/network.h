// A network of dense layers: h = x W^T + b, y = f(h) + shift, layer after layer. Forward stands
// beside backward: given dL/dy of the last layer, the chain rule walks back through
//   dL/dh = dL/dy * f'(h),   dW = (dL/dh)^T x,   db = column sums of dL/dh,   dL/dx = (dL/dh) W.
// Weights, biases and learned parameters of the activations lie in one array, their gradients in
// another of the same layout, so that an optimiser is one loop. Numbers that belong to one batch
// (h, y and their gradients) live in a Pass; a network has one for training, a probe may bring its
// own to look at other data without disturbing it. T is float or double.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gradkeep/core.h>

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "nn/matrix.h"

namespace gradkeep::nn {

// Where f' is computed from: the input h, or the cached output y as frameworks do, which saves
// memory and loses the slope where y has rounded to a limit. Where no such form exists
// (Activation::has_output_form), also while prelu has learned an a below 0, the input serves.
enum class Derivative { input, output };
Derivative parse_derivative(std::string_view text);

// Which of an activation's parameters are trained, one of each per layer: those that its definition
// declares as learned (prelu's a), all, or none. They are kept inside Bounds::any by clamping after
// each update.
enum class Learn { declared, all, none };

struct LayerSpec {
  int units = 0;
  Activation activation;
  double shift = 0;  // added to f(h): -0.5 centres the sigmoid
  Learn learn = Learn::declared;
};

struct NetworkSpec {
  int inputs = 0;
  std::vector<LayerSpec> layers;  // the last one gives the logits: identity, usually
  Derivative derivative = Derivative::input;
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
  Matrix<const T> x;                   // the layer's input
  Matrix<const T> h, y;                // pre-activations, outputs
  Matrix<const T> dh, dy;              // dL/dh, dL/dy; of the training pass only
  Matrix<const T> slope;               // f'(h), where the pass has computed it
  Matrix<const T> w, dw, initial_w;    // units x inputs
  Matrix<const T> b, db;               // 1 x units
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
    int units;
    T *h, *y, *slope, *dh, *dy;
  };
  int capacity_, rows_ = 0;
  Matrix<const T> input_;
  std::vector<Layer> layers_;
  Buffer<T> memory_;
  bool timed_ = false;
  double activation_seconds_ = 0;
};

template <class T>
class Network {
 public:
  // Throws Error for a network without layers, units or inputs. `capacity`: rows of the largest
  // training batch. Weights are zero until initialise() (nn/initialise.h).
  Network(const NetworkSpec& spec, int capacity);

  const NetworkSpec& spec() const { return spec_; }
  int layers() const { return static_cast<int>(layers_.size()); }
  int outputs() const { return spec_.layers.back().units; }
  int capacity() const { return pass_.capacity(); }

  // The logits of a batch, rows x outputs. The input is not copied and must stay until backward.
  Matrix<const T> forward(Matrix<const T> x) { return forward(x, pass_, true); }
  // From dL/dlogits, written by the loss into loss_gradient(), to all gradients.
  void backward();
  Matrix<T> loss_gradient();

  // The same computation on a pass of the caller's own; nothing of the training pass changes.
  // With `slopes`, LayerView::slope holds f'(h) afterwards, else it is undefined.
  Matrix<const T> forward(Matrix<const T> x, Pass<T>& pass, bool slopes = false) const;

  LayerView<T> layer(int i) const { return layer(i, pass_); }
  LayerView<T> layer(int i, const Pass<T>& pass) const;

  // All trained numbers and their gradients: per layer w, b, learned parameters.
  std::span<T> parameters() const { return parameters_.span(); }
  std::span<T> gradients() const { return gradients_.span(); }
  Matrix<T> weights(int layer) const;
  Matrix<T> biases(int layer) const;

  // To be called after parameters() have been written: clamps learned activation parameters to
  // their bounds and hands them to the activations.
  void parameters_changed();
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
    std::vector<int> learned_index{};
    T *w = nullptr, *dw = nullptr, *initial_w = nullptr, *b = nullptr, *db = nullptr;
    T *learned = nullptr, *dlearned = nullptr;
  };
  static void activate(const Layer& layer, Pass<T>& pass, int index, bool slopes);
  static void activate_backward(const Layer& layer, Pass<T>& pass, int index);
  static void add_parameter_gradients(const Layer& layer, Matrix<const T> h, const T* dy);

  NetworkSpec spec_;
  std::vector<Layer> layers_;
  Buffer<T> parameters_, gradients_, initial_;
  Pass<T> pass_;
};

}  // namespace gradkeep::nn
