// SPDX-License-Identifier: Apache-2.0
#include "kit/report.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

#include "kit/row_call.h"

namespace gradkeep::kit {
namespace {

struct Words {
  Finding::Kind kind;
  std::string_view word, sentence;
};
constexpr std::array<Words, 11> kWords{
    {{Finding::inaccurate, "inaccurate", "beyond the tolerance"},
     {Finding::lost, "lost", "zero where the result is representable"},
     {Finding::nan, "nan", "NaN where there is a number"},
     {Finding::number, "number", "a number where NaN is due"},
     {Finding::infinite, "infinite", "a wrong infinity, or none where one is due"},
     {Finding::sign_of_zero, "sign_of_zero", "a zero of the wrong sign"},
     {Finding::not_monotone, "not_monotone", "against the function's direction"},
     {Finding::lanes, "lanes", "another result at another length or place"},
     {Finding::in_place, "in_place", "another result in place"},
     {Finding::changes, "changes", "another result when asked again"},
     {Finding::failure, "failure", "no answer"}}};

const Words& words_of(Finding::Kind kind) { return kWords[static_cast<std::size_t>(kind)]; }

// "element 3 of a row of 9 (rising), 0.75 (0x3f400000), got 0, want 1.5e-9 (1e7 ulp)".
std::string element_text(const Row& row, const Finding& finding) {
  const Number number = row.question.number;
  const Example& e = finding.example;
  std::string text = e.where + ", x " + shortest_text(number, e.x) + " (" + bits_text(number, e.x) +
                     "), got " + shortest_text(number, e.got) +
                     (finding.detail.empty() ? ", " : " ");
  text += finding.kind == Finding::changes ? "before it was"
          : finding.detail.empty()         ? "want"
                                           : finding.detail;
  text += " " + shortest_text(number, e.want);
  if (finding.ulp > 0 && std::isfinite(finding.ulp)) text += " (" + figures(finding.ulp) + " ulp)";
  return text;
}

}  // namespace

std::string_view word(Finding::Kind kind) { return words_of(kind).word; }
std::string_view sentence(Finding::Kind kind) { return words_of(kind).sentence; }

std::string with_commas(long n) {
  std::string text = std::to_string(n);
  for (int at = static_cast<int>(text.size()) - 3; at > 0; at -= 3)
    text.insert(static_cast<std::size_t>(at), ",");
  return text;
}

std::string figures(double v) {
  if (!std::isfinite(v)) return std::isnan(v) ? "nan" : v < 0 ? "-inf" : "inf";
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.3g", v);
  std::string out = text.data();
  for (const std::string_view long_form : {"e+0", "e+"}) {
    if (const std::size_t at = out.find(long_form); at != out.npos)
      out.replace(at, long_form.size(), "e");
  }
  if (const std::size_t at = out.find("e-0"); at != out.npos) out.erase(at + 2, 1);
  return out;
}

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    out += c == '&'   ? "&amp;"
           : c == '<' ? "&lt;"
           : c == '>' ? "&gt;"
           : c == '"' ? "&quot;"
                      : std::string(1, c);
  }
  return out;
}

long Report::failing() const {
  return std::count_if(rows.begin(), rows.end(), [](const Row& row) { return !row.conforms(); });
}

std::vector<const Row*> Report::shown() const {
  std::vector<const Row*> chosen;
  for (const Row& row : rows) {
    if (row.supported || !row.conforms()) chosen.push_back(&row);
  }
  return chosen;
}

std::string Report::verdict() const {
  if (conforms()) return "conforms";
  if (failing() == 0 && !rows.empty()) {
    const Row& first = rows.front();
    const std::string asked =
        first.of_rows ? RowCall::of(first.question.function).axis_text() : first.question.word();
    return "nothing to check: asked for \"" + first.question.what.text() + " " + asked +
           "\", the target said: unsupported" + (first.reason.empty() ? "" : " " + first.reason);
  }
  return with_commas(failing()) + (failing() == 1 ? " row does" : " rows do") + " not conform";
}

long Report::inputs() const {
  long sum = 0;
  for (const Row& row : rows) sum += row.inputs;
  return sum;
}

std::string describe(const Row& row, const Finding& finding) {
  const Number number = row.question.number;
  std::string text(sentence(finding.kind));
  if (finding.kind == Finding::failure) return text + ": it " + finding.detail;
  const auto decimal = [&](double v) { return shortest_text(number, v); };
  const Example& e = finding.example;
  if (finding.count > 1) {
    text += ": " + with_commas(finding.count) + (row.of_rows ? " elements" : " inputs");
  }
  if (row.of_rows) return text + ": " + element_text(row, finding);
  if (finding.count > 1 && finding.low != finding.high) {
    text += " from " + decimal(finding.low) + " to " + decimal(finding.high);
  }
  text += (finding.count == 1 ? ": at " : "; at ") + decimal(e.x) + " (" + bits_text(number, e.x) +
          ") got " + decimal(e.got);
  if (!finding.detail.empty()) {
    return text + " " + finding.detail +
           (finding.kind == Finding::changes ? ", before it was " : ", alone it is ") +
           decimal(e.want);
  }
  text += finding.kind == Finding::changes ? ", before it was " : ", want ";
  text += decimal(e.want);
  if (finding.ulp > 0 && std::isfinite(finding.ulp)) text += " (" + figures(finding.ulp) + " ulp)";
  return text;
}

}  // namespace gradkeep::kit
