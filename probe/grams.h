// How the gradients of single examples lie to each other. A layer's gradient by its weights is, for
// one example, the outer product of dL/da and x, with dL/da itself beside it for the biases. So the
// inner products of two examples' gradients are
//   <g_i, g_j> = (da_i . da_j) (x_i . x_j + 1),
// and the table of all pairs costs two products of small matrices instead of a gradient an example.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "probe/snapshot.h"

namespace gradkeep::probe {

struct Gram {
  Table products;    // examples x examples (none: nothing is known), of gradients ...
  int exponent = 0;  // ... that were divided by two to this power, lest their squares underflow
};

// By layer, then of all weights and biases together. Nothing for a layer whose weights are tied, whose
// numbers are not finite, or whose gradient comes through batch normalisation, which makes every
// example's loss depend on all of them; nothing for the network where a layer has none.
std::vector<Gram> gradient_grams(const Snapshot& snapshot);

// Calls measure(products) for each layer that has some and for the network, and hands its number on;
// it may be a std::optional.
template <class Measure>
void each_gram(const Snapshot& snapshot, const Measure& measure) {
  const auto grams = gradient_grams(snapshot);
  for (std::size_t i = 0; i < grams.size(); ++i)
    if (grams[i].products.rows > 0)
      measure(i < snapshot.layers.size() ? snapshot.layers[i].number : 0, grams[i].products);
}

}  // namespace gradkeep::probe
