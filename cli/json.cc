// The escapes of a JSON string, and the objects that several verbs write.
// SPDX-License-Identifier: Apache-2.0
#include "cli/json.h"

#include "cli/utf8.h"

namespace gradkeep::cli {

Json& Json::function(const Activation& f) {
  field("function", f.info().name).key("parameters").object();
  for (std::size_t k = 0; k < f.parameters().size(); ++k) {
    field(f.info().parameters[k].name, f.parameters()[k]);
  }
  return end_object();
}

void Json::string(std::string_view text) {
  std::string quoted = "\"";
  while (!text.empty()) {
    const std::size_t length = character_length(text);
    const char c = text.front();
    if (c == '"' || c == '\\') {
      quoted += '\\';
      quoted += c;
    } else if (length == 0) {
      quoted += "\\ufffd";  // a file's name may be any bytes, JSON may not
    } else if (static_cast<unsigned char>(c) < 0x20) {
      constexpr char kDigits[] = "0123456789abcdef";
      quoted += "\\u00";
      quoted += kDigits[static_cast<unsigned char>(c) >> 4];
      quoted += kDigits[c & 15];
    } else {
      quoted += text.substr(0, length);
    }
    text.remove_prefix(length == 0 ? 1 : length);
  }
  out_ << quoted + "\"";
}

}  // namespace gradkeep::cli
