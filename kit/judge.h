// Judging answers: each number against the truth at its input, in units in the last place, and what is
// beyond the tolerance sorted into kinds of findings.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "check/row_truth.h"
#include "check/truth.h"
#include "kit/dialect.h"
#include "kit/report.h"

namespace gradkeep::kit {

// A function as a dialect means it.
class Meaning {
 public:
  Meaning(const Activation& f, const Dialect& dialect);
  const Activation& function() const { return f_; }
  const check::Truth& truth() const { return truth_; }
  // What is right at x. Infinite x have no answer for the slope of a parameter: not known.
  std::optional<check::Reference> at(Quantity what, double x, const check::Format& format) const;

 private:
  Activation f_;
  check::Truth truth_;
  Rule rule_;
  std::vector<check::Truth> pieces_;  // of the rule's
};

using check::Expected;

// Of one quantity of a function in one number format; the inputs as the target gets them.
struct Task {
  std::vector<double> x;      // where the truth is asked
  std::vector<double> asked;  // what the target is asked: x, or f(x) rounded
  std::vector<Expected> expected;
};

// What the truth is asked; from the output or not is one.
check::Ask ask_of(Quantity what);

// The truth at all inputs, over all cores. Where the question is about outputs, what they have lost is
// slack, and those that know nothing of the derivative are left out.
Task expect(const Meaning& meaning, Quantity what, Number number, std::vector<double> x);

// In the units of what is expected, beyond its slack.
double error_of(const Expected& e, double got);
// What a wrong answer is; where addends cancel, 0 is one wrong result among others.
Finding::Kind kind_of(double want, double got, bool cancels);

// What a row says about many answers together.
struct Tally {
  long counted = 0, wrong = 0;
  double sum = 0;
  void add(const Expected& e, double got, double error);
  void add_to(Row& row) const;
};

// Adds what the answers show to the row.
void judge(const Task& task, std::span<const double> got, Row& row);

// Into the finding of that kind and side of zero, made if need be; the better example stays.
void add_finding(Row& row, Finding::Kind kind, const Example& example, double ulp = 0,
                 std::string detail = {});

}  // namespace gradkeep::kit
