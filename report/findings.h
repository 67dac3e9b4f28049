// What the study says, in sentences: the verdict first, then findings, each with its evidence and,
// where something can be done, a remedy that was measured. Every sentence is made from numbers of
// the store; differences are claimed only where compare.h allows it.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "lab/store.h"
#include "report/gather.h"

namespace gradkeep::report {

struct Finding {
  enum class Level { problem, cure, note };
  std::string id;
  Level level = Level::note;
  std::string cause{};  // "function"; "" if the finding is none of a cause
  std::string title{}, text{};
  std::vector<std::pair<std::string, std::string>> evidence{};  // what, value
  std::string remedy{};
  std::string figure{};  // id of the figure that shows it
};

struct Verdict {
  std::string headline;
  std::vector<std::string> text;
};

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
