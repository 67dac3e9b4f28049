// SPDX-License-Identifier: Apache-2.0
#include "kit/replay.h"

#include <algorithm>
#include <charconv>
#include <sstream>

namespace gradkeep::kit {
namespace {

double number_with(Number number, const std::string& word) {
  std::uint64_t bits = 0;
  const char* const end = word.data() + word.size();
  const bool fits = word.starts_with("0x") && word.size() <= 2 + 2 * type_of(number).bytes;
  if (!fits || std::from_chars(word.data() + 2, end, bits, 16).ptr != end || word.size() == 2) {
    throw Error("'" + word + "' are no bits of " + std::string(type_of(number).name));
  }
  return number_of(number, bits);
}

void add_visit(const std::string& line, std::vector<Visit>& visits) {
  std::istringstream words(line);
  std::string what, function, type, bits;
  words >> what >> function >> type >> bits;
  const Question question{Activation(function, Bounds::any).text(), Quantity::named(what),
                          number_named(type)};
  auto visit = std::find_if(visits.begin(), visits.end(),
                            [&](const Visit& known) { return known.question == question; });
  if (visit == visits.end()) visit = visits.insert(visits.end(), {question, {}});
  visit->x.push_back(number_with(question.number, bits));
}

}  // namespace

std::string as_replay(const Report& report) {
  std::string text = "# What failed: quantity, function, number format, bits of the input.\n";
  for (const Row& row : report.rows) {
    const Question& q = row.question;
    for (const Finding& finding : row.findings) {
      if (finding.kind == Finding::failure) continue;
      text += q.what.text() + " " + q.word() + " " + std::string(type_of(q.number).name) + " " +
              bits_text(q.number, finding.example.x) + "\n";
    }
  }
  return text;
}

std::vector<Visit> parse_replay(std::string_view text, const std::string& file) {
  std::vector<Visit> visits;
  std::istringstream lines{std::string(text)};
  int number = 0;
  for (std::string line; std::getline(lines, line);) {
    ++number;
    if (line.empty() || line[0] == '#') continue;
    try {
      add_visit(line, visits);
    } catch (const Error& error) {
      throw Error(file + ", line " + std::to_string(number) + ": " + error.what() +
                  " (a line is such as 'slope gelu f32 0xc0b00000')");
    }
  }
  if (visits.empty()) throw Error(file + " holds no inputs to visit");
  return visits;
}

}  // namespace gradkeep::kit
