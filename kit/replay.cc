// SPDX-License-Identifier: Apache-2.0
#include "kit/replay.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <sstream>

namespace gradkeep::kit {
namespace {

std::optional<Quantity> quantity_named(const std::string& word) {
  for (const Quantity::Kind kind :
       {Quantity::value, Quantity::slope, Quantity::curvature, Quantity::slope_from_output}) {
    if (Quantity{kind}.text() == word) return Quantity{kind};
  }
  for (int k = 0; k < kMaxParameters; ++k) {
    if (Quantity{Quantity::parameter_slope, k}.text() == word) {
      return Quantity{Quantity::parameter_slope, k};
    }
  }
  return {};
}

std::optional<double> number_with(Number number, const std::string& word) {
  std::uint64_t bits = 0;
  if (!word.starts_with("0x") || word.size() > 2 + 2 * type_of(number).bytes) return {};
  const char* const end = word.data() + word.size();
  const auto [stop, failure] = std::from_chars(word.data() + 2, end, bits, 16);
  if (failure != std::errc() || stop != end) return {};
  return number_of(number, bits);
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
    std::istringstream words(line);
    std::string what, function, type, bits;
    words >> what >> function >> type >> bits;
    const auto bad = [&](const std::string& why) {
      return Error(file + ", line " + std::to_string(number) + ": " + why +
                   ", expected such as 'slope gelu f32 0xc0b00000'");
    };
    const auto quantity = quantity_named(what);
    if (!quantity) throw bad("'" + what + "' is no quantity");
    const auto types = number_types();
    const auto found = std::find_if(types.begin(), types.end(),
                                    [&](const NumberType& each) { return each.name == type; });
    if (found == types.end()) throw bad("'" + type + "' is no number format");
    const auto x = number_with(found->number, bits);
    if (!x) throw bad("'" + bits + "' are no bits of " + type);
    const Question question{Activation(function, Bounds::any).text(), *quantity, found->number};
    const auto same = [&](const Visit& visit) {
      return visit.question.function == question.function && visit.question.what == question.what &&
             visit.question.number == question.number;
    };
    auto visit = std::find_if(visits.begin(), visits.end(), same);
    if (visit == visits.end()) visit = visits.insert(visits.end(), {question, {}});
    visit->x.push_back(*x);
  }
  if (visits.empty()) throw Error(file + " holds no inputs to visit");
  return visits;
}

}  // namespace gradkeep::kit
