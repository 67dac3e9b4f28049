// What a network is to a matrix: its layers multiplied into one. With every activation replaced by
// the identity that one is the whole network; with every activation replaced by its slope at an
// example it is the Jacobian there. Skips are followed; batch normalisation is taken with the
// statistics of the snapshot's batch held still.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <vector>

#include "probe/lanczos.h"
#include "probe/snapshot.h"

namespace gradkeep::probe {

// x -> p x + c
struct Affine {
  Table p;  // outputs x inputs
  std::vector<double> c;
};

// From the input to the output layer's pre-activations, f(h) = h everywhere. Nothing where layer
// normalisation keeps even that from being affine, or a number is not finite.
std::optional<Affine> without_activations(const Snapshot& snapshot);

// dh_last / dh_first over the hidden layers, for one example of the batch. Nothing with fewer than
// two hidden layers, or where a number is not finite.
std::optional<Table> jacobian(const Snapshot& snapshot, int example);
// The same by what it does to a vector; the snapshot must outlive it.
std::optional<Operator> jacobian_operator(const Snapshot& snapshot, int example);

}  // namespace gradkeep::probe
