// The way that weights take while they are trained: how far each step goes, and whether the next one
// goes on in its direction (cosine 1) or turns back (cosine -1), as it does to and fro between the
// walls of a narrow valley. Biases and other parameters do not count.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "nn/network.h"

namespace gradkeep::nn {

// Of one layer's weights, or of all.
struct Walk {
  double length = 0;   // the sum of the steps' Euclidean norms
  double last = 0;     // the norm of the last step
  double cosines = 0;  // between each step and the one before it, added up ...
  int turns = 0;       // ... over so many pairs of steps that are both not zero
};

template <class T>
class Walker {
 public:
  explicit Walker(int layers) : walks_(layers + 1) {}
  // Around an update. The first of them allocates.
  void before(const Network<T>& net);
  void after(const Network<T>& net);
  // The next step has none before it to be compared with.
  void pause();
  const std::vector<Walk>& walks() const { return walks_; }  // by layer, then of all weights

 private:
  Buffer<T> place_, step_;  // as Network::parameters()
  std::vector<Walk> walks_;
};

}  // namespace gradkeep::nn
