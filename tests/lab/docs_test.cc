// docs/studies.md tells users every key, with its default and whether it takes a list, in the order
// of the table in lab/fields.cc; and every built-in study.
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <regex>
#include <sstream>

#include "lab/fields.h"

namespace gradkeep::lab {
namespace {

std::string page() {
  std::ifstream in(GRADKEEP_SOURCE_DIR "/docs/studies.md");
  return {std::istreambuf_iterator<char>(in), {}};
}

struct Row {
  std::string key, value, list;
  bool operator==(const Row&) const = default;
  friend void PrintTo(const Row& row, std::ostream* out) {
    *out << row.key << " | " << row.value << " | " << row.list;
  }
};

TEST(StudiesPage, ListsEveryKeyWithItsDefault) {
  std::vector<Row> told, known;
  std::istringstream lines(page());
  const std::regex pattern(R"(\| `(\w+)` \| (?:(\S+) )?\| (?:(\w+) )?\| .*)");
  std::smatch match;
  for (std::string line; std::getline(lines, line);)
    if (std::regex_match(line, match, pattern)) told.push_back({match[1], match[2], match[3]});
  for (const auto& field : fields())
    if (field.written_by_user)
      known.push_back(
          {std::string(field.key), field_text(field, RunSpec{}), field.axis ? "list" : ""});
  EXPECT_EQ(told, known);
}

TEST(StudiesPage, ListsEveryBuiltInStudy) {
  for (const auto& study : built_in_studies())
    EXPECT_NE(page().find("| `" + study.name + "` |"), std::string::npos) << study.name;
}

}  // namespace
}  // namespace gradkeep::lab
