// Failing inputs kept in a file, one a line, and visited again alone: "slope gelu f32 0xc0b00000".
// Of a function of rows a line holds the whole row, "value softmax f32 0x3f800000,0x40000000".
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "kit/report.h"

namespace gradkeep::kit {

struct Visit {
  Question question;
  std::vector<double> x;
};

// The examples of all findings.
std::string as_replay(const Report& report);

// Lines about one question become one visit, a row each one of its own. Throws Error, which names `file` and the line.
std::vector<Visit> parse_replay(std::string_view text, const std::string& file);

}  // namespace gradkeep::kit
