// The escapes of a JSON string.
// SPDX-License-Identifier: Apache-2.0
#include "cli/json.h"

namespace gradkeep::cli {

void Json::string(std::string_view text) {
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      quoted += '\\';
      quoted += c;
    } else if (static_cast<unsigned char>(c) < 0x20) {
      constexpr char kDigits[] = "0123456789abcdef";
      quoted += "\\u00";
      quoted += kDigits[static_cast<unsigned char>(c) >> 4];
      quoted += kDigits[c & 15];
    } else {
      quoted += c;
    }
  }
  out_ << quoted + "\"";
}

}  // namespace gradkeep::cli
