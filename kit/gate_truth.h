// The truth about gated functions: value * f(gate), and dy f(gate) and dy value f'(gate) for its gradients, each
// rounded once. f itself has been asked about for its own sake, so that an error also counts in the ulps
// that f's result has before it is multiplied: of a gate that gives 1e-44, no product knows 24 bits.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gradkeep/gated.h>

#include <span>
#include <vector>

#include "check/row_truth.h"
#include "kit/number.h"

namespace gradkeep::kit {

using check::Expected;

// x holds both halves in their order. Where an infinity meets a number that rounds to 0, nothing is known.
std::vector<Expected> gated_values(const Gated& g, std::span<const double> x, Number number);
// For both halves of x, in their order.
std::vector<Expected> gated_gradients(const Gated& g, std::span<const double> x,
                                      std::span<const double> dy, Number number);

}  // namespace gradkeep::kit
