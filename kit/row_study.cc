// SPDX-License-Identifier: Apache-2.0
#include "kit/row_study.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "check/parallel.h"
#include "kit/gate_truth.h"

namespace gradkeep::kit {
namespace {

// One row in so many is asked for by itself.
constexpr std::size_t kAlone = 3;

Matrix matrix_of(const std::vector<RowInput>& rows, bool with_dy) {
  Matrix in{{rows.size(), 0}, {}};
  for (const RowInput& row : rows) {
    in.values.insert(in.values.end(), row.x.begin(), row.x.end());
    if (with_dy) in.values.insert(in.values.end(), row.dy.begin(), row.dy.end());
    in.shape[1] = row.x.size() + (with_dy ? row.dy.size() : 0);
  }
  return in;
}

// How far out something is left of an exponential, and somewhat beyond.
double reach_of(const RowCall& call, const check::Format& format) {
  const bool by_ties = !call.is_gated() && (call.rowwise() == RowFunction::sparsemax ||
                                            call.rowwise() == RowFunction::hardmax);
  return by_ties ? 1.5 : -1.1 * format.least_exponent() * std::numbers::ln2;
}

}  // namespace

RowStudy::RowStudy(RowCall call, Quantity what, Number number, double tolerance,
                   const Dialect& dialect)
    : call_(std::move(call)),
      what_(what),
      number_(number),
      tolerance_(tolerance),
      any_of_nan_(dialect.any_of_nan(call_.name)) {}

Row RowStudy::new_row() const {
  Row row;
  row.question = {call_.text(), what_, number_};
  row.tolerance = tolerance_ * (backward() || call_.is_gated() ? 2 : 1);
  row.of_rows = true;
  row.high = reach_of(call_, type_of(number_).format);
  if (call_.is_gated()) row.low = -row.high;
  return row;
}

std::vector<Expected> RowStudy::expect(const RowInput& row) const {
  const check::Format& format = type_of(number_).format;
  const bool has_nan =
      std::any_of(row.x.begin(), row.x.end(), [](double v) { return std::isnan(v); });
  if (any_of_nan_ && has_nan) {
    return std::vector<Expected>(row.x.size(), {.truth = {}, .known = false});
  }
  if (!call_.is_gated()) {
    return backward() ? check::row_gradients(call_.rowwise(), row.x, row.dy, format, tolerance_)
                      : check::row_values(call_.rowwise(), row.x, format);
  }
  return backward() ? gated_gradients(call_.gated(), row.x, row.dy, number_)
                    : gated_values(call_.gated(), row.x, number_);
}

RowStudy::Task RowStudy::task(std::vector<RowInput> rows) const {
  Task task{.rows = std::move(rows), .in = {}, .out = {}, .expected = {}};
  task.in = matrix_of(task.rows, backward());
  RowCall along = call_;
  along.axis = 1;
  task.out = along.answer_shape(backward(), task.in.shape);
  task.expected.resize(task.out[0] * task.out[1]);
  check::run_parallel(task.rows.size(), 0, [&](std::size_t r, std::size_t) {
    const std::vector<Expected> of_row = expect(task.rows[r]);
    std::copy(of_row.begin(), of_row.end(),
              task.expected.begin() + static_cast<std::ptrdiff_t>(r * task.out[1]));
  });
  return task;
}

std::vector<double> RowStudy::ask_along(int axis, const Matrix& in, const AskRows& ask, Row& row,
                                        Layout layout) const {
  RowCall call = call_;
  call.axis = axis;
  const Question question{call.axis_text(), what_, number_};
  if (axis == 1) return ask(row, question, in, layout);
  const Matrix turned = transposed(in);
  std::vector<double> got = ask(row, question, turned, layout);
  if (got.empty()) return got;
  return transposed({call.answer_shape(backward(), turned.shape), std::move(got)}).values;
}

Example RowStudy::example(const Task& task, std::size_t place, double got) const {
  const std::size_t r = place / task.out[1], k = place % task.out[1];
  const RowInput& row = task.rows[r];
  const std::size_t length = row.dy.size(), i = k % length;
  const auto text = [&](double v) { return shortest_text(number_, v); };
  const std::string of_row = " of a row of " + std::to_string(length) + " (" + row.about + ")";
  Example e{0, got, task.expected[place].truth.rounded, "", matrix_of({row}, backward()).values};
  if (!call_.is_gated()) {
    e.x = row.x[i];
    e.where = "element " + std::to_string(i) + of_row;
    if (backward()) e.where += ", dy " + text(row.dy[i]);
    return e;
  }
  const bool gate_first = call_.gated().gate == Gate::first;
  e.x = row.x[gate_first ? i : length + i];
  e.where =
      "gate " + std::to_string(i) + of_row + ", value " + text(row.x[gate_first ? length + i : i]);
  if (backward()) {
    e.where += ", dy " + text(row.dy[i]) + ", gradient of the " +
               ((k < length) == gate_first ? "gate" : "value");
  }
  return e;
}

// What stands beyond the others in a row, and so decides what is left of them.
double RowStudy::top_of(const RowInput& row) const {
  if (call_.is_gated()) return 0;
  if (call_.rowwise() == RowFunction::softmin) return *std::min_element(row.x.begin(), row.x.end());
  return *std::max_element(row.x.begin(), row.x.end());
}

// Into its place of the row's profile, if the error is the largest there.
void RowStudy::add_spot(const Task& task, std::size_t place, double top, double error,
                        Row& row) const {
  const RowInput& input = task.rows[place / task.out[1]];
  const std::size_t length = input.dy.size(), i = place % task.out[1] % length;
  const double x = call_.is_gated() ? input.x[call_.gated().gate == Gate::first ? i : length + i]
                                    : std::abs(top - input.x[i]);
  const double share = (x - row.low) / (row.high - row.low);
  if (!(share >= 0 && share <= 1)) return;
  row.profile.resize(kSpots, {0, 0});
  Spot& spot = row.profile[std::min(kSpots - 1, static_cast<std::size_t>(share * kSpots))];
  if (error > spot.ulp) spot = {x, error};
}

void RowStudy::judge(const Task& task, const std::vector<double>& got, int axis, Row& row) const {
  Tally tally;
  double top = 0;
  for (std::size_t place = 0; place < got.size(); ++place) {
    if (place % task.out[1] == 0) top = top_of(task.rows[place / task.out[1]]);
    const Expected& e = task.expected[place];
    if (!e.known) continue;
    const double error = error_of(e, got[place]);
    tally.add(e, got[place], error);
    add_spot(task, place, top, error, row);
    const bool worst = error > row.max_ulp || row.inputs + tally.counted == 1;
    if (!worst && error <= row.tolerance) continue;
    Example shown = example(task, place, got[place]);
    shown.axis = axis;
    if (axis == 0) shown.where += ", along axis 0";
    if (worst) row.max_ulp = error, row.worst = shown;
    if (error > row.tolerance) {
      add_finding(row, kind_of(e.truth.rounded, got[place], false), shown, error);
    }
  }
  tally.add_to(row);
  const bool sums = !call_.is_gated() && call_.rowwise() != RowFunction::log_softmax;
  if (!sums || backward()) return;
  for (std::size_t r = 0; r < task.out[0]; ++r) {
    double sum = 0;
    for (std::size_t k = 0; k < task.out[1]; ++k) sum += got[r * task.out[1] + k];
    if (std::isfinite(sum)) row.sum_error = std::max(row.sum_error, std::abs(sum - 1));
  }
}

void RowStudy::compare(const Task& task, const std::vector<double>& before,
                       const std::vector<double>& got, Finding::Kind kind,
                       const std::string& detail, Row& row, std::size_t first) const {
  for (std::size_t i = 0; i < got.size(); ++i) {
    const std::size_t place = first + i;
    if (!task.expected[place].known || same_number(number_, before[place], got[i])) continue;
    Example shown = example(task, place, got[i]);
    shown.want = before[place];
    add_finding(row, kind, shown, 0, detail);
  }
}

void RowStudy::first_round(Row& row, const AskRows& ask, bool has_layouts) const {
  // Rows of nothing: whoever has no such functions need not read arrays of two axes to say so.
  ask_along(1, {{0, 2 * call_.parts(backward())}, {}}, ask, row);
  for (const std::size_t length : kRowLengths) {
    if (!row.supported) return;
    const Task rows = task(row_inputs(call_, number_, length, 0));
    const std::vector<double> got = ask_along(1, rows.in, ask, row);
    if (got.empty()) return;
    judge(rows, got, 1, row);
    const std::vector<double> down = ask_along(0, rows.in, ask, row);
    if (down.empty()) return;
    judge(rows, down, 0, row);
    compare(rows, got, ask_along(1, rows.in, ask, row), Finding::changes, "", row);
    const std::string together = "among " + std::to_string(rows.rows.size()) + " rows";
    for (std::size_t r = length % kAlone; r < rows.rows.size(); r += kAlone) {
      const std::vector<double> alone =
          ask_along(1, matrix_of({rows.rows[r]}, backward()), ask, row);
      if (alone.empty()) return;
      compare(rows, got, alone, Finding::lanes, "alone, " + together + " it is", row,
              r * rows.out[1]);
    }
    if (!has_layouts) continue;
    if (backward() || !call_.is_gated()) {
      compare(rows, got, ask_along(1, rows.in, ask, row, {.in_place = true}), Finding::in_place,
              "in place, otherwise it is", row);
    }
    for (const int offset : {1, 3, 6}) {
      compare(rows, got, ask_along(1, rows.in, ask, row, {.offset = offset}), Finding::lanes,
              std::to_string(offset) + " past a boundary of 64 bytes, at a page's end it is", row);
    }
  }
}

void RowStudy::replay(Row& row, const AskRows& ask, std::span<const double> x) const {
  RowCall along = call_;
  along.axis = 1;
  auto [given, dy] = along.split(backward(), {{1, x.size()}, {x.begin(), x.end()}});
  dy.values.resize(x.size() / call_.parts(backward()));
  const Task rows = task({{"replayed", std::move(given.values), std::move(dy.values)}});
  const std::vector<double> got = ask_along(call_.axis, rows.in, ask, row);
  if (!got.empty()) judge(rows, got, call_.axis, row);
}

bool RowStudy::further_round(Row& row, const AskRows& ask, int round) const {
  // Lengths that differ from round to round.
  const std::size_t length = 1 + static_cast<std::size_t>(round) * 37 % 300;
  return drawn_round(row, ask, length, round, round % 4 == 0 ? 0 : 1);
}

bool RowStudy::at_length(Row& row, const AskRows& ask, std::size_t length) const {
  const int round = static_cast<int>(length);
  return drawn_round(row, ask, length, round, 1) && drawn_round(row, ask, length, round, 0);
}

bool RowStudy::drawn_round(Row& row, const AskRows& ask, std::size_t length, int round,
                           int axis) const {
  const Task rows = task(row_inputs(call_, number_, length, round));
  const std::vector<double> got = ask_along(axis, rows.in, ask, row);
  if (got.empty()) return false;
  judge(rows, got, axis, row);
  return true;
}

}  // namespace gradkeep::kit
