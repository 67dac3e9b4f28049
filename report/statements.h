// What a report says in words: the verdict first, then findings, each with its evidence and, where
// something can be done, a remedy that was measured; and tables of text. Every sentence is made
// from numbers of the store; differences are claimed only where compare.h allows it.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace gradkeep::report {

struct Verdict {
  std::string headline;
  std::vector<std::string> text;
};

struct Finding {
  enum class Level { problem, cure, note };
  std::string id;
  Level level = Level::note;
  std::string cause{};  // "function"; "" if the finding is none of a cause
  std::string title{}, text{};
  std::vector<std::pair<std::string, std::string>> evidence{};  // what, value
  std::string remedy{};
  std::string figure{};  // id of the figure or the table that shows it
};

// Text in cells; the first column names the row. A column of numbers is set to the right.
struct TextTable {
  std::string id{}, title{}, note{};
  std::vector<std::string> head{};
  std::vector<std::vector<std::string>> rows{};
};

}  // namespace gradkeep::report
