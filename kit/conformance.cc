// SPDX-License-Identifier: Apache-2.0
#include "kit/conformance.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "check/stopwatch.h"
#include "kit/inputs.h"
#include "kit/judge.h"
#include "kit/row_study.h"

namespace gradkeep::kit {
namespace {

// Beyond the first, rounds add inputs; the last of them is far beyond any budget but "exhaustive".
constexpr int kRounds = 100;
// After so many failures one after the other a target is not asked any more.
constexpr int kPatience = 3;

std::string place_text(Layout layout) {
  std::string text;
  if (layout.offset) text = ", " + std::to_string(*layout.offset) + " past a boundary of 64 bytes";
  return text + (layout.in_place ? ", in place" : "");
}
std::string array_text(std::size_t size, Layout layout) {
  return "an array of " + std::to_string(size) + place_text(layout);
}

// Worth asking for more: it answers.
bool is_sound(const Row& row) { return row.supported && !row.has(Finding::failure); }

// No list means all.
template <class T>
bool is_wanted(const std::vector<T>& list, const T& item) {
  return list.empty() || std::find(list.begin(), list.end(), item) != list.end();
}

std::vector<Quantity> quantities(const Activation& f, const std::vector<Quantity::Kind>& only) {
  std::vector<Quantity> all{{Quantity::value}, {Quantity::slope}, {Quantity::curvature}};
  if (f.has_output_form()) {
    all.insert(all.end(), {{Quantity::slope_from_output}, {Quantity::curvature_from_output}});
  }
  for (int k = 0; k < static_cast<int>(f.parameters().size()); ++k) {
    all.push_back({Quantity::parameter_slope, k});
  }
  std::erase_if(all, [&](const Quantity& q) { return !is_wanted(only, q.kind); });
  return all;
}

class Examination {
 public:
  Examination(Target& target, const Plan& plan) : target_(target), plan_(plan) {}

  Report run() {
    Report report{.target = target_.description(),
                  .dialect = plan_.dialect.name(),
                  .tolerance = plan_.tolerance,
                  .rows = {}};
    for (const Visit& visit : plan_.replay) replay(visit, report.rows);
    if (plan_.replay.empty()) {
      for (const Activation& f : plan_.functions) {
        examine(f, report.rows);
        ++done_;
      }
      for (const RowCall& call : plan_.rows) {
        examine(call, report.rows);
        ++done_;
      }
    }
    report.seconds = watch_.seconds();
    return report;
  }

 private:
  Row row_of(const Question& question) const {
    const bool first = question.what.kind <= Quantity::slope;
    Row row;
    row.question = question;
    row.tolerance = plan_.tolerance * (first ? 1 : 2);
    return row;
  }

  void examine(const Activation& f, std::vector<Row>& rows) {
    const check::Stopwatch watch;
    const Meaning subject(f, plan_.dialect);
    std::vector<Row> mine;
    for (const Quantity& what : quantities(f, plan_.only)) {
      for (const NumberType& type : number_types()) {
        if (!is_wanted(plan_.numbers, type.number)) continue;
        Row row = row_of({f.text(), what, type.number});
        first_round(subject, row);
        mine.push_back(std::move(row));
      }
    }
    if (plan_.exhaustive) {
      for (Row& row : mine) visit_all(subject, row);
    }
    spend(watch, mine,
          [&](std::size_t k, int round) { return further_round(subject, mine[k], round); });
    rows.insert(rows.end(), mine.begin(), mine.end());
  }

  AskRows asker() {
    return [this](Row& row, const Question& question, const Matrix& in, Layout layout) {
      const std::string what = "a matrix of " + std::to_string(in.shape[0]) + " x " +
                               std::to_string(in.shape[1]) + place_text(layout);
      return put(row, what, [&] { return target_.ask_rows(question, in, layout); });
    };
  }

  void examine(const RowCall& call, std::vector<Row>& rows) {
    const check::Stopwatch watch;
    const AskRows ask = asker();
    std::vector<RowStudy> studies;
    std::vector<Row> mine;
    for (const Quantity::Kind what : {Quantity::value, Quantity::backward}) {
      for (const NumberType& type : number_types()) {
        if (!is_wanted(plan_.only, what) || !is_wanted(plan_.numbers, type.number)) continue;
        const RowStudy study(call, {what}, type.number, plan_.tolerance, plan_.dialect);
        Row row = study.new_row();
        study.first_round(row, ask, target_.has_layouts());
        studies.push_back(study);
        if (plan_.exhaustive) visit_lengths(study, ask, row);
        mine.push_back(std::move(row));
      }
    }
    spend(watch, mine, [&](std::size_t k, int round) {
      return is_sound(mine[k]) && studies[k].further_round(mine[k], ask, round);
    });
    rows.insert(rows.end(), mine.begin(), mine.end());
  }

  // What is left of the budget goes to the rows in turn; `visit` says whether there was an answer.
  template <class Visitor>
  void spend(const check::Stopwatch& watch, const std::vector<Row>& rows, const Visitor& visit) {
    for (int round = 1; round < kRounds && watch.seconds() < plan_.budget; ++round) {
      bool any = false;
      for (std::size_t k = 0; k < rows.size(); ++k) {
        if (watch.seconds() >= plan_.budget) break;
        any = visit(k, round) || any;
      }
      if (!any) break;
    }
  }

  void replay(const Visit& visit, std::vector<Row>& rows) {
    if (const auto call = RowCall::named(visit.question.function)) {
      const RowStudy study(*call, visit.question.what, visit.question.number, plan_.tolerance,
                           plan_.dialect);
      rows.push_back(study.new_row());
      study.replay(rows.back(), asker(), visit.x);
      return;
    }
    Row row = row_of(visit.question);
    const Activation f(visit.question.function, Bounds::any);
    judge_all(Meaning(f, plan_.dialect), visit.x, row);
    rows.push_back(std::move(row));
  }

  // Whether there was an answer.
  bool judge_all(const Meaning& subject, std::vector<double> x, Row& row) {
    const Task task = expect(subject, row.question.what, row.question.number, std::move(x));
    const std::vector<double> got = ask(row, task.asked);
    if (got.size() != task.asked.size()) return false;
    judge(task, got, row);
    return true;
  }

  std::vector<double> ask(Row& row, std::span<const double> x, Layout layout = {}) {
    return put(row, array_text(x.size(), layout),
               [&] { return target_.ask(row.question, x, layout); });
  }

  // An answer, or nothing where the target failed, which is then one of the row's findings.
  template <class AskTarget>
  std::vector<double> put(Row& row, const std::string& what, const AskTarget& ask_target) {
    if (!row.supported) return {};
    if (plan_.progress) {
      const double all = static_cast<double>(plan_.functions.size() + plan_.rows.size());
      const std::string note = row.question.function + " " + row.question.what.text() + " " +
                               std::string(type_of(row.question.number).name) +
                               (percent_ < 0 ? "" : ", " + std::to_string(percent_) + " %");
      if (!plan_.progress(static_cast<double>(done_) / std::max(1.0, all), note)) {
        throw Error("stopped");
      }
    }
    if (failures_ >= kPatience) {
      add_finding(row, Finding::failure, {}, 0,
                  "not asked any more after " + std::to_string(kPatience) + " failures");
      return {};
    }
    try {
      Answer answer = ask_target();
      failures_ = 0;
      row.supported = answer.supported;
      row.reason = answer.reason;
      return std::move(answer.out);
    } catch (const TargetFailure& failure) {
      ++failures_;
      add_finding(row, Finding::failure, {}, 0, std::string(failure.what()) + " (" + what + ")");
      return {};
    }
  }

  void first_round(const Meaning& subject, Row& row) {
    const Question& q = row.question;
    // Nobody waits for the truth about what the target does not have.
    std::vector<double> few = few_inputs(subject.function(), q.number);
    // What nobody judges, such as the slope of NaN, may be one thing here and another there.
    std::erase_if(few, [&](double v) { return !subject.at(q.what, v, type_of(q.number).format); });
    const std::vector<double> alone = ask_alone(row, few);
    if (!row.supported || alone.size() != few.size()) return;

    const Task task =
        expect(subject, q.what, q.number,
               inputs(subject.function(), subject.truth(), ask_of(q.what), q.number, 0));
    const std::vector<double> got = ask(row, task.asked);
    if (got.size() != task.asked.size()) return;
    judge(task, got, row);
    find_onset(subject, task, row);
    at_every_length(few, alone, row);
    if (target_.has_layouts()) at_every_place(few, alone, row);
    compare(task.asked, got, Finding::changes, {}, row);
  }

  bool further_round(const Meaning& subject, Row& row, int round) {
    const Question& q = row.question;
    if (!is_sound(row)) return false;
    std::vector<double> x =
        inputs(subject.function(), subject.truth(), ask_of(q.what), q.number, round);
    if (x.empty()) return false;
    judge_all(subject, std::move(x), row);
    return true;
  }

  void visit_all(const Meaning& subject, Row& row) {
    if (row.question.number != Number::f32 || !row.supported) return;
    for (int part = 0; part < kParts; ++part) {
      percent_ = 100 * part / kParts;
      std::vector<double> x = all_floats(part);
      if (!x.empty() && !judge_all(subject, std::move(x), row)) break;
    }
    percent_ = -1;
  }

  void visit_lengths(const RowStudy& study, const AskRows& ask, Row& row) {
    for (std::size_t length = 1; length <= kRowLengths.back() && is_sound(row); ++length) {
      percent_ = static_cast<int>(100 * length / kRowLengths.back());
      if (!study.at_length(row, ask, length)) break;
    }
    percent_ = -1;
  }

  // Each number in an array of its own.
  std::vector<double> ask_alone(Row& row, std::span<const double> few) {
    std::vector<double> alone;
    for (std::size_t i = 0; i < few.size(); ++i) {
      const std::vector<double> one = ask(row, few.subspan(i, 1));
      if (one.size() != 1) return {};
      alone.push_back(one[0]);
    }
    return alone;
  }

  // n of the few from number `start` on, over and over.
  static std::vector<double> turned(std::span<const double> few, std::size_t n, std::size_t start) {
    std::vector<double> x(n);
    for (std::size_t i = 0; i < n; ++i) x[i] = few[(start + i) % few.size()];
    return x;
  }

  void at_every_length(std::span<const double> few, std::span<const double> alone, Row& row) {
    // Three of the widest vectors that processors have, and what frameworks give to a library.
    const std::size_t widest = 64 / type_of(row.question.number).bytes;
    std::vector<std::size_t> lengths(3 * widest + 2);
    std::iota(lengths.begin(), lengths.end(), std::size_t{0});
    lengths.insert(lengths.end(), {64, 127, 257, 4099});
    for (const std::size_t n : lengths) {
      const std::vector<double> x = turned(few, n, 7 * n), want = turned(alone, n, 7 * n);
      if (!compare(x, want, Finding::lanes, {}, row)) return;
    }
  }

  void at_every_place(std::span<const double> few, std::span<const double> alone, Row& row) {
    const std::size_t vector = 64 / type_of(row.question.number).bytes;
    for (std::size_t n : {std::size_t{1}, vector - 1, vector + 1, 3 * vector + 5}) {
      const std::vector<double> x = turned(few, n, n), want = turned(alone, n, n);
      for (std::size_t offset = 0; offset < vector; ++offset) {
        const Layout layout{.offset = static_cast<int>(offset)};
        if (!compare(x, want, Finding::lanes, layout, row)) return;
      }
      if (!compare(x, want, Finding::in_place, {.in_place = true}, row)) return;
    }
  }

  // Asks in that layout; whether there was an answer.
  bool compare(std::span<const double> x, std::span<const double> want, Finding::Kind kind,
               Layout layout, Row& row) {
    const std::vector<double> got = ask(row, x, layout);
    if (got.size() != x.size()) return false;
    for (std::size_t i = 0; i < x.size(); ++i) {
      if (same_number(row.question.number, got[i], want[i])) continue;
      const std::string where =
          "in " + array_text(x.size(), layout) + ", at place " + std::to_string(i);
      add_finding(row, kind, {x[i], got[i], want[i]}, 0, kind == Finding::changes ? "" : where);
    }
    return true;
  }

  // The input nearest to 0 from which on the result is lost: between the sample's and its neighbour by
  // asking for what lies between, sixty at a time.
  void find_onset(const Meaning& subject, const Task& task, Row& row) {
    const Question& q = row.question;
    if (q.what.from_output()) return;
    for (Finding& finding : row.findings) {
      if (finding.kind != Finding::lost) continue;
      const auto here = std::find_if(task.x.begin(), task.x.end(), [&](double v) {
        return bits_of(q.number, v) == bits_of(q.number, finding.example.x);
      });
      const bool left = finding.example.x < 0;
      if (here == task.x.end() || (!left && here == task.x.begin())) continue;
      const double inner = left ? *(here + 1) : *(here - 1);
      std::int64_t lost = ordinal(q.number, finding.example.x), kept = ordinal(q.number, inner);
      while (std::abs(lost - kept) > 1) {
        const std::int64_t distance = lost - kept;
        const auto steps = std::min<std::int64_t>(60, std::abs(distance) - 1);
        std::vector<double> x;
        for (std::int64_t k = 1; k <= steps; ++k) {
          x.push_back(from_ordinal(q.number, kept + distance / (steps + 1) * k));
        }
        const std::vector<double> got = ask(row, x);
        if (got.size() != x.size()) return;
        const auto first =
            static_cast<std::size_t>(std::find(got.begin(), got.end(), 0.0) - got.begin());
        if (first < x.size()) lost = ordinal(q.number, x[first]);
        if (first > 0) kept = ordinal(q.number, x[first - 1]);
      }
      finding.example.x = from_ordinal(q.number, lost);
      finding.example.got = 0;
      const auto want = subject.at(q.what, finding.example.x, type_of(q.number).format);
      if (want) finding.example.want = want->rounded;
      (left ? finding.high : finding.low) = finding.example.x;
    }
  }

  Target& target_;
  const Plan& plan_;
  const check::Stopwatch watch_;
  std::size_t done_ = 0;
  int percent_ = -1;  // of an exhaustive visit
  int failures_ = 0;
};

}  // namespace

Report examine(Target& target, const Plan& plan) { return Examination(target, plan).run(); }

}  // namespace gradkeep::kit
