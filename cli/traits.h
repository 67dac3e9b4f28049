// What a table says of a function: properties computed from the function itself, none typed in, and
// a remark in words made from them.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gradkeep/core.h>
#include <gradkeep/flow.h>

#include <optional>
#include <string>
#include <vector>

namespace gradkeep::cli {

struct Traits {
  std::string function;  // "elu(alpha=0.5)"
  Interval domain, range;
  Limits limits;
  // Where |slope| stays under 1 % of its maximum on the way to a finite limit: at and beyond these
  // points, -inf or inf where there is no such half line.
  double saturates_below = -kInfinity, saturates_above = kInfinity;
  Extremes slope;
  std::optional<double> mean;  // of the value under a standard normal, where double holds it
  bool zero_centred = false;
  int monotone = 0;  // 1 increasing, -1 decreasing, 0 neither
  bool bounded_below = false, bounded_above = false;
  std::vector<Interval> dead;  // where the slope is 0
  bool probability = false;    // monotone, with its range inside [0, 1]
  std::vector<double> value_jumps, slope_jumps, curvature_jumps;
  Extreme curvature;  // the largest |f''| off kinks
  std::vector<std::string> learned;
  double nanoseconds = 0;  // an element of value, float32, fast, in cache, on one thread
};

Traits traits(const Activation& f);
// The kinks where the value or the slope (order 0, 1) jumps; at the others only the curvature does.
std::vector<double> jumps(const Activation& f, int order);

// Is it the whole line?
bool everywhere(const Interval& domain);

// Words for columns, shared by text and Markdown: "x < -4.6", "no".
std::string range_text(const Traits& t);
std::string limits_text(const Traits& t);
std::string saturation_text(const Traits& t);
std::string slope_range_text(const Traits& t);
std::string mean_text(const Traits& t);
std::string monotone_text(const Traits& t);
std::string bounded_text(const Traits& t);
std::string dead_text(const Traits& t);
std::string smooth_text(const Traits& t);
std::string curvature_text(const Traits& t);
std::string learned_text(const Traits& t);
std::string remark(const Traits& t);

}  // namespace gradkeep::cli
