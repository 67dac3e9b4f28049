// Proofs that were carried out and kept: one row for each function and order, with its digests. They
// live in check/proofs/, one text file a function, and are built in, so that any machine can compare
// its own results with them. docs/exactness.md is the same rows as a table.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "check/proof.h"

namespace gradkeep::check {

struct Proof {
  std::string function;
  int order = 0;
  std::string target, processor, date, commit;
  int threads = 0;
  double seconds = 0;  // together, on that many threads
  long inputs = 0, misrounded = 0, singles = 0, escalations = 0;
  std::array<std::uint64_t, kRanges> digests{};
};

// The text of a file in check/proofs/ and back. Throws Error, naming the line, for another text.
std::string to_text(const std::vector<Proof>& proofs);
std::vector<Proof> parse_proofs(std::string_view function, std::string_view text);

// Those built in, by function and order.
const std::vector<Proof>& stored_proofs();
// nullptr if none is stored.
const Proof* stored_proof(std::string_view function, int order);

// The ledger, docs/exactness.md.
std::string ledger(const std::vector<Proof>& proofs);

}  // namespace gradkeep::check
