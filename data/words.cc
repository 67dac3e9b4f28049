// The message for a word that is not known; see words.h.
// SPDX-License-Identifier: Apache-2.0
#include "data/words.h"

#include <charconv>

namespace gradkeep::data {

std::string in_quotes(std::string_view text) {
  constexpr std::size_t kLongest = 60;
  std::string shown = "'";
  for (const char symbol : text.substr(0, kLongest)) {
    shown += static_cast<unsigned char>(symbol) < ' ' ? ' ' : symbol;
  }
  return shown + (text.size() > kLongest ? "...'" : "'");
}

std::string shortest(double v) {
  char digits[32];
  return {digits, std::to_chars(digits, digits + sizeof digits, v).ptr};
}

void unknown_word(std::string_view what, std::string_view text,
                  const std::vector<std::string>& known) {
  std::string message = "unknown " + std::string(what) + " " + in_quotes(text) + ": expected ";
  for (std::size_t i = 0; i < known.size(); ++i) {
    if (i > 0) message += i + 1 == known.size() ? " or " : ", ";
    message += known[i];
  }
  const std::string near = nearest(text, known);
  if (!near.empty()) message += " (did you mean " + near + "?)";
  throw Error(message);
}

}  // namespace gradkeep::data
