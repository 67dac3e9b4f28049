// Pieces that readings share; see parts.h.
// SPDX-License-Identifier: Apache-2.0
#include "report/parts.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace gradkeep::report {
namespace {

constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();

std::string with_range(const Spread& s, const std::function<std::string(double)>& say) {
  if (!s.known()) return "–";
  const std::string low = say(s.low), high = say(s.high);
  return low == high ? say(s.mid) : say(s.mid) + " (" + low + " to " + high + ")";
}

}  // namespace

int place(std::vector<std::string>& list, const std::string& item) {
  const auto found = std::find(list.begin(), list.end(), item);
  if (found != list.end()) return static_cast<int>(found - list.begin());
  list.push_back(item);
  return static_cast<int>(list.size()) - 1;
}

std::string share_text(const Spread& s) {
  return with_range(s, [](double v) { return percent(v); });
}

std::string number_text(const Spread& s) {
  return with_range(s, [](double v) { return number(v); });
}

Spread steps_over(const Trial& trial, double loss) {
  for (const auto* run : trial.runs)
    if (std::isnan(steps_to(*run, loss))) return {kUnknown, kUnknown, kUnknown};
  return over(trial, [loss](const lab::Run& r) { return steps_to(r, loss); });
}

std::string steps_text(const Spread& s) {
  return s.known() ? thousands(std::llround(s.mid)) : "not reached";
}

bool smaller(const Spread& a, const Spread& b) {
  return a.known() && (!b.known() || (a.mid < b.mid && apart(a, b)));
}

Series curve(const std::string& label, const std::string& activation, int panel, const Trial& trial,
             const std::function<double(const lab::CurvePoint&)>& number) {
  Series series{label, activation, panel};
  std::size_t longest = 0;
  for (const auto* run : trial.runs) longest = std::max(longest, run->curve.size());
  for (std::size_t i = 0; i < longest; ++i) {
    int step = 0;
    for (const auto* run : trial.runs)
      if (i < run->curve.size()) step = std::max(step, run->curve[i].step);
    series.marks.push_back({.x = static_cast<double>(step),
                            .y = over(trial, [&](const lab::Run& r) {
                              return i < r.curve.size() ? number(r.curve[i]) : kUnknown;
                            })});
  }
  return series;
}

double train_loss_of(const lab::CurvePoint& point) { return point.train_loss; }

Series profile(const std::string& label, const std::string& activation, int panel,
               const Trial& trial, const std::string& probe, bool at_end) {
  Series series{label, activation, panel};
  for (int layer = 1; layer <= trial.spec().depth; ++layer)
    series.marks.push_back(
        {.x = static_cast<double>(layer), .y = over_geometric(trial, [&](const lab::Run& r) {
                                            return at_end ? report::at_end(r, probe, layer)
                                                          : at_start(r, probe, layer);
                                          })});
  return series;
}

}  // namespace gradkeep::report
