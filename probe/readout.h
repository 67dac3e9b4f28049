// A linear read-out: the affine map of a layer's outputs that comes closest, in the least squares, to 1
// for an example's class and 0 for the others. What it gets right of examples that it was not fitted to
// says how far the layer has untangled the classes, whatever the layers above make of it.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "probe/snapshot.h"

namespace gradkeep::probe {

// The share of the examples held out whose class has the largest output. Outputs are centred on the
// training part, and a ridge of 1e-6 of the units' mean variance keeps units that say the same from
// cancelling each other. Nothing where an output is not finite or nothing is held out.
std::optional<double> readout_accuracy(const Represented& layer);

}  // namespace gradkeep::probe
