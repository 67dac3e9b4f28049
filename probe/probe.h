// A probe is one measured quantity, in one file under probe/quantities/. It answers two questions:
// when it looks (`when`) and what it computes (`measure`) from a snapshot of the network. The build
// finds the files, so adding a probe touches one file. Probes yield numbers; drawing them is
// somebody else's room.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "probe/snapshot.h"

namespace gradkeep::probe {

// The moments of a run at which the network is looked at: before the first step, at log-spaced
// steps (much happens early, little late) and after the last.
std::vector<int> sample_steps(int steps, int samples);

struct Moment {
  int step = 0;   // updates made so far
  int steps = 0;  // the budget
  bool first() const { return step == 0; }
  bool last() const { return step >= steps; }
};

// One number of one layer. layer counts from 1 (nearest the data) to depth + 1 (the output layer);
// 0 stands for the network as a whole.
struct Value {
  int layer = 0;
  std::string probe;
  double value = 0;
};

// Receives a probe's numbers. The name is the probe's own; a probe with several numbers a layer
// appends to it ("learned_a").
class Sink {
 public:
  Sink(std::string name, std::vector<Value>& out) : name_(std::move(name)), out_(out) {}
  void add(int layer, double value) { out_.push_back({layer, name_, value}); }
  // Nothing where the quantity does not apply: a missing number misleads nobody.
  void add(int layer, std::optional<double> value) {
    if (value) add(layer, *value);
  }
  void add(int layer, double value, const std::string& suffix) {
    out_.push_back({layer, name_ + "_" + suffix, value});
  }

 private:
  std::string name_;
  std::vector<Value>& out_;
};

struct Probe {
  std::string name;   // "mean_slope"
  std::string title;  // what the number is, in one line
  bool (*when)(const Moment&) = nullptr;
  void (*measure)(const Snapshot&, Sink&) = nullptr;
  bool costly = false;  // measured only when a study names it
  bool walks = false;   // reads Snapshot::walks, for which somebody must follow the weights
  bool whole = false;   // needs all examples or weights, or the look before: not of a glance
};

// The answers to `when`.
bool every_sample(const Moment&);
bool start_and_end(const Moment&);
bool at_end(const Moment&);

// All probes, by name in alphabetical order.
const std::vector<Probe>& all();
std::vector<std::string> names();
// Whether one of these is to be told the way of the weights.
bool any_walks(std::span<const std::string> probes);

// What the probes of these names (all but the costly ones, if there are none) have to say at this
// moment. Throws Error for an unknown name.
std::vector<Value> measure(std::span<const std::string> probes, const Moment& moment,
                           const Snapshot& snapshot);

}  // namespace gradkeep::probe
