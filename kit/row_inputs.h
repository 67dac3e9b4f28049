// The rows that functions of rows are asked about: what implementations forget (one element that dominates, ties,
// infinities, NaN, big offsets, tails that underflow, lengths on either side of a vector's), then rows drawn at
// several spreads, more of them round after round. For gated functions pairs of a value and a gate.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <string>
#include <vector>

#include "kit/number.h"
#include "kit/row_call.h"

namespace gradkeep::kit {

inline constexpr std::array<std::size_t, 9> kRowLengths{1, 2, 3, 7, 8, 9, 17, 64, 1000};

struct RowInput {
  std::string about;      // "one of 20 among zeros, last"
  std::vector<double> x;  // for a gated function both halves, in their order
  std::vector<double> dy;
};

// Rows that answer with `length` numbers each. Round 0 has the probes; later ones are drawn. The same for the same
// arguments.
std::vector<RowInput> row_inputs(const RowCall& call, Number number, std::size_t length, int round);

}  // namespace gradkeep::kit
