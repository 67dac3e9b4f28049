// What becomes of a function's limits in arithmetic: from which input on a number format rounds the
// value, or the slope, to the limit that the function itself only approaches.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gradkeep/core.h>

#include <optional>
#include <vector>

namespace gradkeep::cli {

// One tail of the value (order 0) or slope (order 1) in one format. `from` is the input nearest to
// the middle from which on every input outwards gives the limit; no value where none does.
struct Tail {
  const char* format;  // "float32"
  int order;
  bool plus;     // towards +inf
  double limit;  // rounded to the format
  std::optional<double> from;
};

// The tails with a finite limit, in float32, float64, bfloat16 and float16, correctly rounded.
std::vector<Tail> tails(const Activation& f);

}  // namespace gradkeep::cli
