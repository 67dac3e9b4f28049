// SPDX-License-Identifier: Apache-2.0
#include "kit/replay.h"

#include <algorithm>
#include <charconv>
#include <sstream>

#include "kit/row_call.h"

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

std::string row_text(Number number, const std::vector<double>& row) {
  std::string text;
  for (const double v : row) text += (text.empty() ? "" : ",") + bits_text(number, v);
  return text;
}

// "gelu f32 0xc0b00000", "softmax(axis=0) f32 0x3f800000,0x40000000".
std::string input_text(const Row& row, const Example& e) {
  const Number number = row.question.number;
  const std::string type(type_of(number).name);
  if (!row.of_rows) return row.question.word() + " " + type + " " + bits_text(number, e.x);
  RowCall call = RowCall::of(row.question.function);
  call.axis = e.axis;
  return call.axis_text() + " " + type + " " + row_text(number, e.row);
}

// A row is visited as it stands in its line.
void add_row(const RowCall& call, const Quantity& what, Number number, const std::string& bits,
             std::vector<Visit>& visits) {
  Visit visit{{call.axis_text(), what, number}, {}};
  std::istringstream list(bits);
  for (std::string word; std::getline(list, word, ',');) {
    visit.x.push_back(number_with(number, word));
  }
  const bool backward = what.kind == Quantity::backward;
  if (!backward && what.kind != Quantity::value) {
    throw Error("of " + call.name + " there is no " + what.text() + ": expected value or backward");
  }
  if (visit.x.empty()) throw Error("a row has numbers");
  call.answer_shape(backward, {visit.x.size(), visit.x.size()});
  visits.push_back(std::move(visit));
}

void add_visit(const std::string& line, std::vector<Visit>& visits) {
  std::istringstream words(line);
  std::string what, function, type, bits;
  words >> what >> function >> type >> bits;
  if (const auto call = RowCall::named(function)) {
    add_row(*call, Quantity::named(what), number_named(type), bits, visits);
    return;
  }
  const Question question{Activation(function, Bounds::any).text(), Quantity::named(what),
                          number_named(type)};
  auto visit = std::find_if(visits.begin(), visits.end(),
                            [&](const Visit& known) { return known.question == question; });
  if (visit == visits.end()) visit = visits.insert(visits.end(), {question, {}});
  visit->x.push_back(number_with(question.number, bits));
}

}  // namespace

std::string as_replay(const Report& report) {
  std::string text =
      "# What failed: quantity, function, number format, bits of the input (of a row, one after "
      "the other).\n";
  for (const Row& row : report.rows) {
    const Question& q = row.question;
    for (const Finding& finding : row.findings) {
      if (finding.kind == Finding::failure) continue;
      text += q.what.text() + " " + input_text(row, finding.example) + "\n";
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
