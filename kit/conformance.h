// The examination: a target is asked about one function after the other, in every quantity and number
// format, and its answers are held against the truth; then at every length and place of an array, in
// place, and again.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "kit/dialect.h"
#include "kit/replay.h"
#include "kit/report.h"
#include "kit/row_call.h"

namespace gradkeep::kit {

struct Plan {
  std::vector<Activation> functions;
  std::vector<RowCall> rows;  // functions of rows
  std::vector<Visit> replay;  // if any, these inputs alone, of these functions
  Dialect dialect{"limit"};
  std::vector<Quantity::Kind> only;  // empty: all
  std::vector<Number> numbers;       // empty: all
  double tolerance = 2;              // ULP, of value and slope; all else twice that
  double budget = 10;                // seconds for a function; what must be visited always is
  // Besides the budget: all 2^32 inputs of float32; of functions of rows every length from 1 to 1000.
  bool exhaustive = false;
  // Called between questions with the share done and what is being asked; false ends the examination.
  std::function<bool(double, const std::string&)> progress;
};

// Throws Error if progress ended it.
Report examine(Target& target, const Plan& plan);

}  // namespace gradkeep::kit
