// What a probe sees of a network: a batch of training examples, forward and backward, with every
// number as a double (exact for float32, zeros, infinities and NaN included); and, when a probe
// asks, what each unit showed over the whole training part and the outputs for examples that were
// held out of training. An Observer (probe/observer.h) takes it: in a look all of it, in a glance a
// few examples and units.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "data/dataset.h"
#include "nn/loss.h"
#include "nn/network.h"
#include "nn/walk.h"

namespace gradkeep::probe {

// What most probes want of all the numbers of a table.
struct Summary {
  double sum = 0, squares = 0;  // of the numbers, of their squares
  std::size_t zeros = 0;        // how many are zero
};

// Examples x units (or units x inputs for weights), row-major.
struct Table {
  int rows = 0, columns = 0;
  std::vector<double> values;
  // Taken while the values were copied, if it was; whoever changes them takes it away.
  std::optional<Summary> summary{};
  std::span<const double> row(int r) const {
    return {values.data() + static_cast<std::size_t>(r) * columns,
            static_cast<std::size_t>(columns)};
  }
};

struct Layer {
  int number = 0;      // from 1, nearest the data
  bool hidden = true;  // false: the output layer
  const Activation* activation = nullptr;
  double shift = 0;  // y = f(h) + shift
  nn::Normalisation normalisation = nn::Normalisation::none;
  double branch = 0;     // 0: no skip from the layer below; else h = h_below + branch N(a)
  bool skipped = false;  // the layer above has a skip, so that dh is more than dy f'(h)
  bool tied = false;     // weights in several places are one number

  Table x;                 // the layer's input
  Table h, y, slope;       // pre-activations, outputs, f'(h) as training uses it
  Table dh, dy;            // derivatives of an example's own loss (not of the batch's mean)
  Table da;                // the same by a = x W^T + b, which is h where nothing stands between
  Table normal;            // normalised a, before gamma and beta; empty without normalisation
  Table w, initial_w, dw;  // dw: of the mean loss over the batch
  std::vector<double> b;
  std::vector<double> gamma, beta;  // of normalisation, else empty
  std::vector<double> learned;      // the activation's learned parameters
  std::vector<std::string> learned_names;
};

// Singular values of one matrix, see probe/spectrum.h: all of them, descending, or of a wide one the
// ends at most.
struct Spectrum {
  Spectrum() = default;
  Spectrum(std::vector<double> all)
      : values(std::move(all)),
        size(static_cast<int>(values.size())),
        largest(values.front()),
        smallest(values.back()) {}
  std::vector<double> values;
  int size = 0;  // how many there are; 0 where a number was not finite
  std::optional<double> largest, smallest;
};
struct Spectra {
  std::vector<Spectrum> weights;                 // by layer
  std::vector<std::vector<double>> eigenvalues;  // of the weights, their moduli, by layer
  std::vector<Spectrum> jacobians;               // by example
};

// What a unit did over all training examples, weights held still: an epoch without updates.
struct Unit {
  bool has_slope = false;  // f'(h) was not zero on every example
  bool fires = false;      // h was above zero on some example
};

// What the network says about examples that nothing was trained or chosen on.
struct Held {
  nn::Loss loss = nn::Loss::softmax;
  int classes = 0;         // 0: a regression
  Table outputs;           // of the last layer; no rows where nothing was held out
  std::vector<int> label;  // empty in a regression
};

// What a layer makes of examples that training sees and of examples held out, as evaluation has it.
struct Represented {
  int classes = 0;
  Table trained, held;  // outputs y, examples x units
  std::vector<int> trained_label, held_label;
};

// Of the training part no more examples than these are represented.
inline constexpr int kRepresented = 4096;

struct Snapshot {
  std::vector<Layer> layers;
  bool glance = false;  // h, y, ... of the first examples of a batch, w and dw of some units only
  // From 1 to the next number, in the format that the network computes in.
  double epsilon = std::numeric_limits<double>::epsilon();
  // Of dynamic loss scaling: the steps of the training so far whose gradient overflowed.
  std::optional<std::int64_t> skipped_steps;
  // The way that the weights have taken since the start, by layer, then all together, and what it
  // was at the look before. Empty where nobody followed.
  std::vector<nn::Walk> walks, previous_walks;
  // By layer, hidden ones only, then by unit; computed at the first call.
  const std::vector<std::vector<Unit>>& units() const;
  // The same at the look before; empty at the first one, or where no probe asked then.
  std::vector<std::vector<Unit>> previous_units;
  // How often each unit was dead at one look and not at the next; empty where there is no look before.
  const std::vector<std::vector<int>>& revivals() const;
  const Held& held() const;  // computed at the first call

  std::function<std::vector<std::vector<Unit>>()> compute_units;
  std::function<Held()> compute_held;  // none: nothing is held out
  // Of a layer, from 0. None: nothing is held out, or there are no classes.
  std::function<Represented(int layer)> represent;
  mutable std::vector<std::vector<Unit>> units_cache;
  mutable std::vector<std::vector<int>> revivals_cache;
  mutable std::optional<Held> held_cache;
  mutable Spectra spectra_cache;
  mutable std::vector<std::array<double, 2>>
      histogram_edges;  // of the first look; kept for the run
};

}  // namespace gradkeep::probe
