// The findings, in the order in which a reader needs them: what failed and why, how deep each
// activation carries, what the cure gives back; then speed, units, learned slopes, cost and
// arithmetic. Each function below adds what it has to say, or nothing.
// SPDX-License-Identifier: Apache-2.0
#include "report/findings.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "lab/doctor.h"
#include "report/phrases.h"
#include "report/theory.h"
#include "report/words.h"

namespace gradkeep::report {
namespace {

using Findings = std::vector<Finding>;
using Level = Finding::Level;

int last_setting(const Gathered& g) { return static_cast<int>(g.settings.size()) - 1; }

// Networks that fail for one cause, the weakest gradient first.
struct Group {
  std::vector<const Cell*> cells;
  lab::Diagnosis worst;
};

// "relu and gelu with normal(1/√n), sigmoid with either"
std::string members(const Gathered& g, const std::vector<const Cell*>& cells) {
  std::map<std::string, std::vector<int>> settings;
  for (const auto* c : cells) settings[c->activation].push_back(c->setting);
  for (auto& [name, list] : settings) std::sort(list.begin(), list.end());
  std::map<std::vector<int>, std::vector<std::string>> groups;
  for (const auto& name : g.activations)
    if (settings.contains(name)) groups[settings[name]].push_back(name);
  std::vector<std::string> texts;
  for (const auto& [which, names] : groups) {
    std::vector<std::string> labels;
    for (const int s : which) labels.push_back(g.settings[s].label);
    const bool all = which.size() == g.settings.size();
    texts.push_back(join(names) + (g.settings.size() == 1 ? ""
                                   : all                  ? " with any " + lower(g.setting_title)
                                                          : " with " + join(labels)));
  }
  return join(texts, "; ");
}

std::string cause_title(lab::Cause cause) {
  switch (cause) {
    case lab::Cause::function:
      return "The function itself shrinks the gradient";
    case lab::Cause::saturation:
      return "Saturated units block the gradient";
    case lab::Cause::weights:
      return "The weights are too small for the activation";
    case lab::Cause::dead_units:
      return "Dead units stop the gradient";
    case lab::Cause::exploding:
      return "The gradient grows until training breaks";
    case lab::Cause::arithmetic:
      return "The number format lost the gradient";
    default:
      return "The gradient arrives, yet the network does not learn within its budget";
  }
}

std::string cause_text(const Gathered& g, lab::Cause cause, const Cell& cell) {
  const auto gain = cell.gain(kStart);
  const double slope_max = g.slope_max.at(cell.activation);
  const int crossed = cell.depth - 1;
  if (cause == lab::Cause::function && crossed > 0)
    return "The slope of " + cell.activation + " is nowhere above " + number(slope_max) +
           ", so the slopes alone let at most " + number(slope_max) + superscript(crossed) + " = " +
           number(std::pow(slope_max, crossed)) + " of the gradient through " + layers(cell.depth) +
           ". Weights could make up for it; these multiply by " + number(gain.weight) + " a layer.";
  if (cause == lab::Cause::weights)
    return "The slope of " + cell.activation + " may reach " + number(slope_max) +
           ", but on the values that actually pass it keeps " + number(gain.slope) +
           " of the gradient a layer. To hold the gradient the weights would have to multiply by " +
           number(1 / gain.slope) + "; they multiply by " + number(gain.weight) + ".";
  return "";
}

// First what changing the setting alone does for them; failing that, the best network there is.
std::string remedy(const Gathered& g, const std::vector<const Cell*>& sick, int depth) {
  std::vector<std::string> cured, not_cured;
  for (const auto* cell : sick) {
    const Cell* other = g.find(cell->activation, depth, last_setting(g));
    if (!other || other == cell) continue;
    if (learns(g, *other))
      cured.push_back(
          cell->activation + " then reaches " +
          (g.classification() ? percent(other->accuracy.mid) : number(other->loss.mid)));
    else
      not_cured.push_back(cell->activation);
  }
  if (!cured.empty())
    return "Change to " + g.settings.back().label + ": " + join(cured) + "." +
           (not_cured.empty() ? "" : " That is not enough for " + join(not_cured) + ".");
  const Cell* best = nullptr;
  for (const auto& cell : g.cells)
    if (cell.depth == depth && learns(g, cell) && (!best || cell.accuracy.mid > best->accuracy.mid))
      best = &cell;
  if (!best) return "Nothing in this study cures it at this depth; use fewer layers.";
  return "Change the activation: " + with_setting(g, *best) + " reaches " + result(g, *best) +
         " at the same depth.";
}

void add_failures(const Gathered& g, const lab::Store& store, Findings& out) {
  const int depth = telling_depth(g);
  std::map<lab::Cause, Group> groups;
  for (const auto& cell : g.cells) {
    if (cell.depth != depth || learns(g, cell)) continue;
    auto diagnosis = lab::diagnose(store.run(cell.run), *g.theory);
    auto& group = groups[diagnosis.cause];
    const auto order = [](const Cell& c) { return std::pair{c.setting, c.gain(kStart).total}; };
    const bool worst = group.cells.empty() || order(cell) < order(*group.cells.front());
    group.cells.insert(worst ? group.cells.begin() : group.cells.end(), &cell);
    if (worst) group.worst = std::move(diagnosis);
  }
  for (const auto& [cause, group] : groups) {
    const Cell& worst = *group.cells.front();
    const auto gain = worst.gain(kStart);
    Finding f{
        .id = "cause-" + lab::name(cause), .level = Level::problem, .cause = lab::name(cause)};
    std::replace(f.id.begin(), f.id.end(), ' ', '-');
    f.title = cause_title(cause);
    const std::string own = cause_text(g, cause, worst);
    f.text = "Over " + layers(depth) + " this holds back " + members(g, group.cells) + ". " +
             (own.empty() ? group.worst.verdict : own);
    f.evidence = {{"shown by", with_setting(g, worst)}};
    if (std::isfinite(gain.layer)) {
      f.evidence.push_back({"gain of a layer", number(gain.layer)});
      if (worst.foreseen.none.empty())
        f.evidence.push_back({"predicted", number(worst.foreseen.layer_gain)});
      f.evidence.push_back({"from the slopes", number(gain.slope)});
      f.evidence.push_back({"from the weights", number(gain.weight)});
      f.evidence.push_back({"arrives at layer 1", number(gain.total)});
    }
    f.remedy = remedy(g, group.cells, depth);
    f.figure = cause == lab::Cause::dead_units   ? "dead"
               : cause == lab::Cause::saturation ? "saturated"
               : cause == lab::Cause::unknown    ? "loss"
                                                 : "gain";
    out.push_back(std::move(f));
  }
}

void add_depths(const Gathered& g, Findings& out) {
  if (g.depths.size() < 2) return;
  Finding f{.id = "depth", .title = "How deep each activation still learns"};
  std::vector<std::string> sentences;
  for (int s = 0; s <= last_setting(g); ++s) {
    std::map<int, std::vector<std::string>, std::greater<>> by_depth;
    for (const auto& name : g.activations)
      if (g.find(name, g.depths.front(), s)) by_depth[depth_reached(g, name, s)].push_back(name);
    std::vector<std::string> parts;
    for (const auto& [depth, names] : by_depth)
      parts.push_back(join(names) + (depth == 0 ? " nowhere" : " up to " + std::to_string(depth)));
    sentences.push_back("With " + g.settings[s].label + ": " + join(parts, "; ") + ".");
  }
  f.text = join(sentences, " ") +
           " To learn means here to get at least half way from guessing to perfect.";
  if (!g.classification())
    f.text = join(sentences, " ") + " To learn means here to halve the loss.";
  f.figure = "accuracy";
  out.push_back(std::move(f));
}

void add_cure(const Gathered& g, Findings& out) {
  if (g.settings.size() < 2 || !g.classification()) return;
  const int depth = telling_depth(g);
  struct Change {
    std::string name;
    Spread before, after;
    double gain() const { return after.mid - before.mid; }
  };
  std::vector<Change> raised, lowered;
  std::vector<std::string> same;
  for (const auto& name : g.activations) {
    const Cell *before = g.find(name, depth, 0), *after = g.find(name, depth, last_setting(g));
    if (!before || !after) continue;
    const Change change{name, before->accuracy, after->accuracy};
    if (!apart(change.before, change.after, g.test_examples))
      same.push_back(name);
    else
      (change.gain() > 0 ? raised : lowered).push_back(change);
  }
  std::stable_sort(raised.begin(), raised.end(),
                   [](const auto& a, const auto& b) { return a.gain() > b.gain(); });
  if (raised.empty() && lowered.empty()) return;
  Finding f{.id = "cure", .level = raised.empty() ? Level::note : Level::cure};
  const std::string label = g.settings.back().label;
  f.title =
      raised.empty()
          ? label + " does not help at " + layers(depth)
          : label + " instead of " + g.settings.front().label + " helps " +
                std::to_string(raised.size()) + " of " +
                count(static_cast<int>(raised.size() + lowered.size() + same.size()), "activation");
  const auto listed = [](const std::vector<Change>& changes) {
    std::vector<std::string> names;
    for (const auto& c : changes)
      names.push_back(c.name + " from " + percent(c.before.mid) + " to " + percent(c.after.mid));
    return join(names);
  };
  std::vector<std::string> effects;
  if (!raised.empty()) effects.push_back("lifts " + listed(raised));
  if (!lowered.empty()) effects.push_back("lowers " + listed(lowered));
  f.text = "Over " + layers(depth) + " it " + join(effects, "; it ") + ".";
  if (!same.empty())
    f.text += " For " + join(same) +
              " the difference stays within the spread of the seeds and the error of " +
              count(g.test_examples, "test example") + ".";
  for (std::size_t i = 0; i < raised.size() && i < 4; ++i)
    f.evidence.push_back({raised[i].name, "+" + points(raised[i].gain())});
  f.figure = "cure";
  out.push_back(std::move(f));
}

void add_best(const Gathered& g, Findings& out) {
  if (!g.classification()) return;
  const int depth = telling_depth(g);
  std::vector<const Cell*> row;
  for (const auto& cell : g.cells)
    if (cell.depth == depth && cell.setting == last_setting(g) && learns(g, cell))
      row.push_back(&cell);
  if (row.size() < 2) return;
  std::stable_sort(row.begin(), row.end(),
                   [](auto* a, auto* b) { return a->accuracy.mid > b->accuracy.mid; });
  std::vector<std::string> tied, behind;
  for (const auto* cell : row)
    (apart(cell->accuracy, row.front()->accuracy, g.test_examples) ? behind : tied)
        .push_back(cell->activation);
  Finding f{.id = "best"};
  f.title = tied.size() == 1 ? tied.front() + " is ahead at " + layers(depth)
                             : "No winner among " + join(tied) + " at " + layers(depth);
  f.text = tied.size() == 1
               ? "It reaches " + result(g, *row.front()) +
                     "; the difference to the next exceeds the noise."
               : "Their test accuracies, " + percent(row[tied.size() - 1]->accuracy.mid) + " to " +
                     percent(row.front()->accuracy.mid) + ", differ by less than the seeds and " +
                     count(g.test_examples, "test example") + " can tell apart.";
  if (!behind.empty()) f.text += " Behind them, beyond that noise: " + join(behind) + ".";
  f.figure = "accuracy";
  out.push_back(std::move(f));
}

}  // namespace

void add_measurements(const Gathered& g, Findings& out);  // findings_inside.cc

std::vector<Finding> make_findings(const Gathered& g, const lab::Store& store, const Patient&) {
  Findings out;
  add_failures(g, store, out);
  add_cure(g, out);
  add_treatments(g, out);
  add_depths(g, out);
  add_best(g, out);
  add_foresight(g, out);
  add_measurements(g, out);
  std::stable_sort(out.begin(), out.end(),
                   [](const auto& a, const auto& b) { return a.level < b.level; });
  return out;
}

}  // namespace gradkeep::report
