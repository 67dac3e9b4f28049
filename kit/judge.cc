// SPDX-License-Identifier: Apache-2.0
#include "kit/judge.h"

#include <algorithm>
#include <cmath>

#include "check/parallel.h"
#include "kit/units.h"

namespace gradkeep::kit {
namespace {

using check::Ask;

constexpr std::size_t kBlock = 1024;

// A convention's number. Of a zero the sign is nobody's business.
check::Reference exactly(double v, const check::Format& format) {
  const double rounded = check::round_to(v, format);
  const double unit = check::ulp(v, format);
  return {.rounded = rounded, .offset = (v - rounded) / unit, .unit = unit, .any_zero = v == 0};
}

// How fast a derivative of that order changes with y = f(x): |f^(order + 1) / f'|. Where not even 240
// bits know the slope, it is nothing beside any y.
double steepness(const check::Truth& truth, int order, double x) {
  const auto narrow = [](const check::DoubleBall& v) {
    return v.high() - v.low() <= 0x1p-10 * std::abs(v.low());
  };
  for (const bool finely : {false, true}) {
    try {
      const auto terms = finely ? truth.expand_finely(x) : truth.expand(x);
      const check::DoubleBall &slope = terms[1], &next = terms[order + 1];
      if (!narrow(slope)) continue;
      const double most = (order == 1 ? 2 : 6) * std::max(-next.low(), next.high());
      return slope.low() == 0 ? 0 : most / std::abs(slope.low());
    } catch (const check::Undecided&) {
    }
  }
  return 0;
}

// y = f(x) rounded knows x to about a unit of its own, and the derivative to steepness times that.
Expected from_output(const Meaning& meaning, int order, double x, double y,
                     const check::Format& format) {
  Expected e;
  const auto right = meaning.at({static_cast<Quantity::Kind>(order)}, x, format);
  e.known = right && std::isfinite(x) && std::abs(x) <= 1e4 && std::isfinite(y);
  if (!e.known) return e;
  e.truth = *right;
  const double lost = std::abs(y) < std::ldexp(1.0, format.min_exponent) ? 1 : 0.5;
  // The forms subtract from y, so that their own errors come in units of y's.
  const double unit = check::ulp(y, format);
  e.slack = steepness(meaning.truth(), order, x) * lost * unit;
  e.unit = std::max(unit, e.truth.unit);
  return e;
}

// Inputs with one output have one derivative as far as that output tells: any of theirs.
void share_answers(Task& task) {
  const std::size_t size = task.x.size();
  for (std::size_t first = 0, end = 0; first < size; first = end) {
    double low = kInfinity, high = -kInfinity;
    for (end = first; end < size && task.asked[end] == task.asked[first]; ++end) {
      low = std::min(low, task.expected[end].truth.rounded);
      high = std::max(high, task.expected[end].truth.rounded);
    }
    end = std::max(end, first + 1);
    for (std::size_t i = first; i < end; ++i) {
      const double want = task.expected[i].truth.rounded;
      if (std::isfinite(high - low)) task.expected[i].slack += std::max(high - want, want - low);
    }
  }
}

// What is lost because subnormal numbers count as zero is not what is lost far out.
bool lost_elsewhere(Number number, const Finding& one, const Finding& other) {
  const double tiny = std::ldexp(4.0, type_of(number).format.min_exponent);
  return one.kind == Finding::lost &&
         (std::abs(one.example.x) < tiny) != (std::abs(other.example.x) < tiny);
}

// Whether `one` is the better example: the largest error, but the onset of what is lost for good.
bool better(const Finding& one, const Finding& than) {
  const bool has_onset = one.kind == Finding::lost && one.example.where.empty();
  if (has_onset) return std::abs(one.example.x) < std::abs(than.example.x);
  return one.ulp > than.ulp;
}

void judge_order(const Task& task, std::span<const double> got, std::size_t i, Row& row) {
  const Expected &here = task.expected[i], &next = task.expected[i + 1];
  if (!here.known || !next.known || here.slack > 0) return;
  const double rise = next.truth.rounded - here.truth.rounded, shown = got[i + 1] - got[i];
  if (!(std::isfinite(rise) && std::isfinite(shown))) return;
  // Two answers that are both within the tolerance may be so far out of order.
  const double allowed =
      2 * row.tolerance * std::max({here.truth.unit, next.truth.unit, here.unit, next.unit});
  if ((rise >= 0 && shown < -allowed) || (rise <= 0 && shown > allowed)) {
    add_finding(row, Finding::not_monotone, {task.x[i + 1], got[i + 1], next.truth.rounded},
                error_of(next, got[i + 1]));
  }
}

}  // namespace

double error_of(const Expected& e, double got) {
  const double error = check::error_in_ulps(e.truth, got, e.unit);
  if (e.slack == 0 || !std::isfinite(error)) return error;
  return std::max(0.0, error - e.slack / (e.unit > 0 ? e.unit : e.truth.unit));
}

Finding::Kind kind_of(double want, double got, bool cancels) {
  if (std::isnan(got)) return Finding::nan;
  if (std::isnan(want)) return Finding::number;
  if (std::isinf(got) != std::isinf(want) || (std::isinf(got) && got != want)) {
    return Finding::infinite;
  }
  // Where addends cancel, 0 is one wrong result among others.
  return got == 0 && !cancels ? Finding::lost : Finding::inaccurate;
}

void Tally::add(const Expected& e, double got, double error) {
  ++counted;
  if (std::isfinite(error)) sum += error;
  wrong += !check::rounded_correctly(e.truth, got);
}

void Tally::add_to(Row& row) const {
  const double before = row.mean_ulp * static_cast<double>(row.inputs);
  const double wrong_before = row.misrounded * static_cast<double>(row.inputs);
  row.inputs += counted;
  if (row.inputs == 0) return;
  row.mean_ulp = (before + sum) / static_cast<double>(row.inputs);
  row.misrounded = (wrong_before + static_cast<double>(wrong)) / static_cast<double>(row.inputs);
}

Ask ask_of(Quantity what) {
  return what.kind == Quantity::parameter_slope ? check::ask_parameter(what.parameter)
                                                : check::ask_order(what.order());
}

Meaning::Meaning(const Activation& f, const Dialect& dialect)
    : f_(f), truth_(f), rule_(dialect.rule(f)) {
  for (const Piece& piece : rule_.pieces) pieces_.emplace_back(Activation(piece.is, Bounds::any));
}

std::optional<check::Reference> Meaning::at(Quantity what, double x,
                                            const check::Format& format) const {
  const Ask ask = ask_of(what);
  for (const Convention& convention : rule_.conventions) {
    const std::optional<double>& v = ask == Ask::value   ? convention.value
                                     : ask == Ask::slope ? convention.slope
                                                         : convention.curvature;
    const bool here = convention.x == x || (std::isnan(convention.x) && std::isnan(x));
    if (here && is_order(ask) && v) return exactly(*v, format);
  }
  if (std::isnan(x) && rule_.any_slope_of_nan && ask != Ask::value) return {};
  if (!is_order(ask) && std::isinf(x)) return {};
  const check::Truth* truth = &truth_;
  for (std::size_t k = 0; k < pieces_.size() && is_order(ask); ++k) {
    if (rule_.pieces[k].above < x && x < rule_.pieces[k].below) truth = &pieces_[k];
  }
  return truth->at(ask, x, format, nullptr, check::Truth::Zero::any);
}

Task expect(const Meaning& meaning, Quantity what, Number number, std::vector<double> x) {
  const check::Format& format = type_of(number).format;
  const Units units(meaning.function(), what, number);
  Task task{.x = std::move(x), .asked = {}, .expected = {}};
  task.asked = task.x;
  task.expected.resize(task.x.size());
  const auto fill = [&](std::size_t i) {
    const double at = task.x[i];
    Expected& e = task.expected[i];
    if (what.from_output()) {
      const auto y = meaning.at({Quantity::value}, at, format);
      if (y) task.asked[i] = y->rounded;
      e = from_output(meaning, what.order(), at, task.asked[i], format);
      return;
    }
    const auto truth = meaning.at(what, at, format);
    e = {.truth = truth.value_or(check::Reference{}),
         .unit = units.at(at),
         .known = truth.has_value()};
  };
  const std::size_t size = task.x.size();
  check::run_parallel((size + kBlock - 1) / kBlock, 0, [&](std::size_t block, std::size_t) {
    for (std::size_t i = block * kBlock; i < std::min(size, (block + 1) * kBlock); ++i) fill(i);
  });
  if (what.from_output()) share_answers(task);
  return task;
}

void add_finding(Row& row, Finding::Kind kind, const Example& example, double ulp,
                 std::string detail) {
  Finding finding{.kind = kind,
                  .count = 1,
                  .low = example.x,
                  .high = example.x,
                  .example = example,
                  .ulp = ulp,
                  .detail = std::move(detail)};
  for (Finding& known : row.findings) {
    const bool same_side = std::signbit(known.example.x) == std::signbit(example.x);
    if (known.kind != kind || !(same_side || row.of_rows)) continue;
    if (!row.of_rows && lost_elsewhere(row.question.number, known, finding)) continue;
    finding.count += known.count;
    finding.low = std::min(known.low, example.x), finding.high = std::max(known.high, example.x);
    if (!better(finding, known)) {
      known.count = finding.count, known.low = finding.low, known.high = finding.high;
    } else {
      known = std::move(finding);
    }
    return;
  }
  row.findings.push_back(std::move(finding));
}

void judge(const Task& task, std::span<const double> got, Row& row) {
  Tally tally;
  const std::size_t group = std::max<std::size_t>(1, task.x.size() / kSpots);
  for (std::size_t i = 0; i < task.x.size(); ++i) {
    const Expected& e = task.expected[i];
    if (!e.known) continue;
    const double x = task.x[i], want = e.truth.rounded, error = error_of(e, got[i]);
    tally.add(e, got[i], error);
    if (error > row.max_ulp || row.inputs + tally.counted == 1) {
      row.max_ulp = error;
      row.worst = {x, got[i], want};
    }
    if (i % group == 0 || row.profile.empty()) row.profile.push_back({x, 0});
    if (error >= row.profile.back().ulp) row.profile.back() = {x, error};
    if (error > row.tolerance) {
      const bool cancels = e.unit > 0 && !row.question.what.from_output();
      add_finding(row, kind_of(want, got[i], cancels), {x, got[i], want}, error);
    }
    const bool zeros = x == 0 && got[i] == 0 && want == 0 && !e.truth.any_zero;
    if (zeros && std::signbit(got[i]) != std::signbit(want)) {
      add_finding(row, Finding::sign_of_zero, {x, got[i], want});
    }
    if (i + 1 < task.x.size()) judge_order(task, got, i, row);
  }
  tally.add_to(row);
}

}  // namespace gradkeep::kit
