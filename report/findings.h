// What the general report says: who failed and why, how deep each activation carries, what cures it.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "lab/store.h"
#include "report/gather.h"
#include "report/statements.h"

namespace gradkeep::report {

// The worst network of the deepest row, and the best one beside it.
struct Patient {
  const Cell* sick = nullptr;   // null where every network learned
  const Cell* cured = nullptr;  // null where none at this depth learned
  std::string cause;            // name of the cause, "function"
  std::string diagnosis;        // a sentence
};

bool learns(const Gathered& g, const Cell& cell);
// The greatest depth up to which every network of this activation and setting learns; 0 for none.
int depth_reached(const Gathered& g, const std::string& activation, int setting);

// The deepest row of networks in which some learn and some do not; failing that, the deepest in
// which any fails, or the deepest of all.
int telling_depth(const Gathered& g);

Patient find_patient(const Gathered& g, const lab::Store& store);
Verdict make_verdict(const Gathered& g, const Patient& patient);
std::vector<Finding> make_findings(const Gathered& g, const lab::Store& store,
                                   const Patient& patient);

}  // namespace gradkeep::report
