// A caller's text inside an error's one line.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace gradkeep::detail {

// In quotes; what would end the line or steer a terminal is shown as '?'.
inline std::string quoted(std::string_view text) {
  std::string s = "'";
  for (const char c : text) {
    const bool plain = static_cast<unsigned char>(c) >= ' ' && c != 0x7f;
    s += plain ? c : '?';
  }
  return s + "'";
}

}  // namespace gradkeep::detail
