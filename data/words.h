// Choosing by word: "softmax" in a study's file becomes Loss::softmax, and a word that is not known
// becomes an Error that lists what is. And how a message quotes what a file holds and prints numbers.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gradkeep/core.h>

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gradkeep::data {

// "unknown loss 'sofmax': expected softmax, binary or squared (did you mean softmax?)"
[[noreturn]] void unknown_word(std::string_view what, std::string_view text,
                               const std::vector<std::string>& known);

// 'text' in quotation marks, fit for a one-line message: control characters become spaces, and of a
// long text only the beginning is shown.
std::string in_quotes(std::string_view text);

// As few digits as read back as the same number: "0.1", "1e+150".
std::string shortest(double v);

template <class E>
E parse_word(std::string_view what, std::string_view text,
             std::initializer_list<std::pair<const char*, E>> words) {
  std::vector<std::string> known;
  for (const auto& [word, value] : words) {
    if (text == word) return value;
    known.emplace_back(word);
  }
  unknown_word(what, text, known);
}

}  // namespace gradkeep::data
