// The examination of one function of rows, in one quantity and number format: rows of a length go to the target
// together, are judged element by element, and come again in other ways (along the other axis, alone, in
// place, at other places of memory), which must not change what they say.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>

#include "kit/judge.h"
#include "kit/row_inputs.h"

namespace gradkeep::kit {

// The target's answer, or nothing where it failed, which is then in the row.
using AskRows = std::function<std::vector<double>(Row& row, const Question& question,
                                                  const Matrix& in, Layout layout)>;

class RowStudy {
 public:
  RowStudy(RowCall call, Quantity what, Number number, double tolerance, const Dialect& dialect);

  Row new_row() const;
  // Probes at every length. Nothing is asked beyond the first question of what the target does not have.
  void first_round(Row& row, const AskRows& ask, bool has_layouts) const;
  // One row as it is asked: x, and dy behind it for a backward pass.
  void replay(Row& row, const AskRows& ask, std::span<const double> x) const;
  // Drawn rows; whether there was an answer.
  bool further_round(Row& row, const AskRows& ask, int round) const;
  // Drawn rows of that length along either axis; whether there was an answer.
  bool at_length(Row& row, const AskRows& ask, std::size_t length) const;

 private:
  // Rows of one length, and what is right for each number of the answer, row after row.
  struct Task {
    std::vector<RowInput> rows;
    Matrix in;
    std::array<std::size_t, 2> out;
    std::vector<Expected> expected;
  };
  Task task(std::vector<RowInput> rows) const;
  bool drawn_round(Row& row, const AskRows& ask, std::size_t length, int round, int axis) const;
  std::vector<Expected> expect(const RowInput& row) const;
  // Asks about a matrix of rows; the answer with its rows as rows, whichever the axis.
  std::vector<double> ask_along(int axis, const Matrix& in, const AskRows& ask, Row& row,
                                Layout layout = {}) const;
  void judge(const Task& task, const std::vector<double>& got, int axis, Row& row) const;
  void compare(const Task& task, const std::vector<double>& before, const std::vector<double>& got,
               Finding::Kind kind, const std::string& detail, Row& row,
               std::size_t first = 0) const;
  Example example(const Task& task, std::size_t place, double got) const;
  double top_of(const RowInput& row) const;
  void add_spot(const Task& task, std::size_t place, double top, double error, Row& row) const;
  bool backward() const { return what_.kind == Quantity::backward; }

  RowCall call_;
  Quantity what_;
  Number number_;
  double tolerance_;  // of a value
  bool any_of_nan_;
};

}  // namespace gradkeep::kit
