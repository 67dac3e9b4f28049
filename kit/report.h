// What the kit found about a target: a row for each function, quantity and number format, with how far
// it is from the truth and what is wrong. Rendered as text, Markdown, JSON, JUnit XML and a page of HTML.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "kit/target.h"

namespace gradkeep::kit {

struct Example {
  double x = 0, got = 0, want = 0;
  // Of a function of rows: "element 3 of a row of 9 (rising)", and all that was asked along the axis.
  std::string where = {};
  std::vector<double> row = {};
  int axis = 1;
};

struct Finding {
  enum Kind {
    inaccurate,    // beyond the tolerance
    lost,          // zero where the real result is representable
    nan,           // NaN where there is a number
    number,        // a number where NaN is due: NaN in, or outside the domain
    infinite,      // an infinity where the result is finite, or the reverse
    sign_of_zero,  // f(-0) where f keeps the sign
    not_monotone,  // falls where the function rises, or the reverse
    lanes,         // another result for the same input at another length or place
    in_place,      // another result where the output is the input's array
    changes,       // another result when asked again
    failure        // no answer: a crash, a hang, garbage
  } kind = inaccurate;
  long count = 0;
  // The inputs that show it; for failure and the like the ends are equal.
  double low = 0, high = 0;
  Example example;     // the worst, or the first
  double ulp = 0;      // of the example, where that means something
  std::string detail;  // what a number does not say: "in an array of 5, at place 3"
};
std::string_view word(Finding::Kind kind);      // "lost": in JSON and JUnit
std::string_view sentence(Finding::Kind kind);  // "zero where the result is representable"
// For people: three digits, "1.7e7".
std::string figures(double v);
std::string with_commas(long n);  // "1,234,567"
// For XML and HTML, and for attributes between " there.
std::string escaped(std::string_view text);

// The largest error among inputs next to each other, for a picture.
struct Spot {
  double x, ulp;
};
inline constexpr std::size_t kSpots = 240;  // at most, of a row

struct Row {
  Question question;
  double tolerance = 0;  // ULP
  bool supported = true;
  std::string reason;  // why not
  long inputs = 0;
  double max_ulp = 0, mean_ulp = 0;
  double misrounded = 0;  // the share of inputs
  Example worst;
  bool of_rows = false;   // inputs are then elements of rows
  double sum_error = -1;  // how far a row's sum is from 1; less than 0 where it is not to be 1
  std::vector<Finding> findings;
  std::vector<Spot> profile;
  // Of functions of rows the picture runs from `low` to `high`: an element's distance from the largest of its row,
  // or a gate. Of others it runs along the number line, and these are 0.
  double low = 0, high = 0;

  bool conforms() const { return findings.empty(); }
  bool has(Finding::Kind kind) const {
    return std::any_of(findings.begin(), findings.end(),
                       [&](const Finding& f) { return f.kind == kind; });
  }
};

struct Report {
  std::string target, dialect = "limit";
  double tolerance = 0;  // ULP, of value and slope; all else twice that
  std::vector<Row> rows;
  double seconds = 0;

  // Where the target has nothing of what was asked, nobody knows, and that is no yes.
  bool conforms() const { return failing() == 0 && !shown().empty(); }
  long failing() const;                   // rows
  std::vector<const Row*> shown() const;  // not what the target does not have
  long inputs() const;
  std::string verdict() const;  // "conforms", "2 rows do not conform"
};

// One line for a finding: "zero where the result is representable: 1,234 inputs from 16.636 to 87.3; at
// 16.636 (0x41851687) got 0, want 5.96e-08".
std::string describe(const Row& row, const Finding& finding);

std::string as_text(const Report& report);
std::string as_markdown(const Report& report);
std::string as_junit(const Report& report);
std::string as_html(const Report& report);

}  // namespace gradkeep::kit
