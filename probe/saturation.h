// Where an activation saturates: the half lines that end in a limit and on which the slope stays
// under 1 % of its maximum. A half line without a limit does not count: leaky_relu's left side is
// flat, but it goes on for ever and lets the gradient through.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gradkeep/core.h>

#include <cmath>

namespace gradkeep::probe {

struct Saturation {
  double left = -kInfinity;  // saturated where h < left (relu: where h <= 0) ...
  double right = kInfinity;  // ... or h > right
  bool left_closed = false, right_closed = false;  // does the point itself belong to it
  // Saturated is what is less than one or more than the other.
  double below() const { return left_closed ? std::nextafter(left, kInfinity) : left; }
  double above() const { return right_closed ? std::nextafter(right, -kInfinity) : right; }
};

Saturation saturation(const Activation& f);

}  // namespace gradkeep::probe
