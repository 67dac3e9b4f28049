// What all of flow's sources need of numbers.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>
#include <cstdio>
#include <string>

namespace gradkeep::flow {

inline double square(double v) { return v * v; }

// Of E phi^2: a variance that may be the rounding of two averages.
inline constexpr double kNoVariance = 4e-14;

// Every digit, for messages.
inline std::string number(double v) {
  char text[32];
  std::snprintf(text, sizeof text, "%.17g", v);
  return text;
}

}  // namespace gradkeep::flow
