// What the verb check is asked: a proof of this build's exact tier, the ledger of proofs, or the
// examination of anybody's implementation.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "cli/verbs.h"

namespace gradkeep::cli {

struct CheckOptions : Options {
  std::string what;
  std::vector<std::string> names;
  std::string threads = "0";
  // proofs
  bool exhaustive = false, digest = false;
  std::string order = "both", range, folder = "gradkeep-out/proofs", commit = "unknown";
  // examinations
  std::string tier = "fast", dialect = "limit", tolerance = "2ulp", budget = "10s", timeout = "30s";
  std::vector<std::string> only, types;
  std::string replay, failures, markdown, junit, html;
};

// All 2^32 float32 inputs of the exact tier against truth, or against stored digests.
int check_proofs(const CheckOptions& o, Output& out);
// The conformance kit on a target.
int check_target(const CheckOptions& o, Output& out);

}  // namespace gradkeep::cli
