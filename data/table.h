// The embedded tables are lines of numbers with spaces between them; here they become numbers.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <charconv>
#include <string_view>
#include <vector>

namespace gradkeep::data {

inline std::vector<double> numbers_of(std::string_view text) {
  std::vector<double> numbers;
  const char *at = text.data(), *end = at + text.size();
  while (at != end) {
    double value = 0;
    const auto [stop, failure] = std::from_chars(at, end, value);
    if (failure == std::errc()) {
      numbers.push_back(value);
      at = stop;
    } else {
      ++at;  // a space or the end of a line
    }
  }
  return numbers;
}

}  // namespace gradkeep::data
