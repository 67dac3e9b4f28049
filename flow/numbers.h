// What all of flow's sources need of numbers.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>
#include <cstdio>
#include <string>

namespace gradkeep::flow {

inline double square(double v) { return v * v; }

// Every digit, for messages.
inline std::string number(double v) {
  char text[32];
  std::snprintf(text, sizeof text, "%.17g", v);
  return text;
}

}  // namespace gradkeep::flow
