// Findings from inside the networks: speed to the goal, dead and saturated units, learned slopes,
// the cost of the activation, and what arithmetic did or did not do.
// SPDX-License-Identifier: Apache-2.0
#include <gradkeep/core.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "report/findings.h"
#include "report/phrases.h"
#include "report/words.h"

namespace gradkeep::report {
namespace {

using Findings = std::vector<Finding>;

int last_setting(const Gathered& g) { return static_cast<int>(g.settings.size()) - 1; }

// The deepest row of the improved setting in which at least half of the activations reach the goal
// with every seed: there a comparison of speeds is worth most.
std::vector<const Cell*> racers(const Gathered& g, int goal) {
  for (auto depth = g.depths.rbegin(); depth != g.depths.rend(); ++depth) {
    std::vector<const Cell*> row;
    int all = 0;
    for (const auto& cell : g.cells) {
      if (cell.depth != *depth || cell.setting != last_setting(g)) continue;
      ++all;
      if (cell.reached[goal].seeds == cell.seeds) row.push_back(&cell);
    }
    if (row.size() >= 2 && 2 * static_cast<int>(row.size()) >= all) return row;
  }
  return {};
}

void add_speed(const Gathered& g, Findings& out) {
  if (g.main_goal < 0) return;
  const int goal = g.main_goal;
  auto row = racers(g, goal);
  if (row.empty()) return;
  const auto order = [&](auto get) {
    std::stable_sort(row.begin(), row.end(),
                     [&](auto* a, auto* b) { return get(*a).mid < get(*b).mid; });
    const auto &first = get(*row.front()), &last = get(*row.back());
    std::vector<std::string> tied;
    for (const auto* c : row)
      if (!apart(get(*c), first)) tied.push_back(c->activation);
    return std::pair{tied, apart(first, last)};
  };
  const auto steps = [&](const Cell& c) -> const Spread& { return c.reached[goal].steps; };
  const auto secs = [&](const Cell& c) -> const Spread& { return c.reached[goal].seconds; };
  Finding f{.id = "speed"};
  f.title = "Who gets to a training loss of " + number(g.goals[goal]) + " first";
  f.text = "With " + layers(row.front()->depth) + " and " + g.settings.back().label + ": ";
  const auto [step_tied, step_apart] = order(steps);
  const Cell *quick = row.front(), *slow = row.back();
  f.text += step_apart ? join(step_tied) + (step_tied.size() == 1 ? " needs" : " need") +
                             " the fewest steps (" + number(steps(*quick).mid) + "), " +
                             slow->activation + " the most (" + number(steps(*slow).mid) + ")"
                       : "the numbers of steps do not differ beyond the seeds";
  if (step_apart)
    f.evidence = {{"fewest steps", quick->activation + ", " + number(steps(*quick).mid)}};
  const auto [second_tied, second_apart] = order(secs);
  quick = row.front(), slow = row.back();
  f.text += second_apart ? "; in processor time " + join(second_tied) +
                               (second_tied.size() == 1 ? " is" : " are") + " ahead with " +
                               seconds(secs(*quick).mid) + ", " + slow->activation + " last with " +
                               seconds(secs(*slow).mid) + "."
                         : "; the processor times do not differ beyond the seeds.";
  if (second_apart)
    f.evidence.push_back({"least time", quick->activation + ", " + seconds(secs(*quick).mid)});
  std::vector<std::string> absent;
  for (const auto& name : g.activations) {
    const Cell* cell = g.find(name, quick->depth, last_setting(g));
    if (cell && cell->reached[goal].seeds < cell->seeds) absent.push_back(name);
  }
  if (!absent.empty()) f.text += " Not reached, or not by every seed: " + join(absent) + ".";
  f.figure = "reached";
  out.push_back(std::move(f));
}

// The layer with the largest share at the end, over all cells.
struct Peak {
  const Cell* cell = nullptr;
  int layer = 0;
  double share = 0;
};

Peak peak(const Gathered& g, Rows Cell::* rows, Moment moment,
          bool (*skip)(const Cell&) = nullptr) {
  Peak best;
  for (const auto& cell : g.cells) {
    if (skip && skip(cell)) continue;
    const auto& row = (cell.*rows)[moment];
    for (std::size_t l = 0; l < row.size(); ++l)
      if (row[l].mid > best.share) best = {&cell, static_cast<int>(l) + 1, row[l].mid};
  }
  return best;
}

bool measured(const Gathered& g, Rows Cell::* rows) {
  return std::any_of(g.cells.begin(), g.cells.end(),
                     [&](const auto& c) { return !(c.*rows)[kEnd].empty(); });
}

// relu and kin are flat on half a line by design; there saturation is no sign of illness.
bool flat_by_design(const Cell& cell) {
  const Activation f(cell.activation, Bounds::any);
  return f(-1, 1) == 0 || f(1, 1) == 0;
}

void add_units(const Gathered& g, Findings& out) {
  if (measured(g, &Cell::dead)) {
    const Peak end = peak(g, &Cell::dead, kEnd);
    Finding f{.id = "dead"};
    if (end.share < 0.005) {
      f.title = "No unit died";
      f.text =
          "In every network each unit keeps a slope that is not zero on some training example.";
    } else {
      const Cell& cell = *end.cell;
      f.title = "Dead units: up to " + percent(end.share, 0) + " of a layer";
      f.text = "In layer " + std::to_string(end.layer) + " of " + network(g, cell) + ", " +
               percent(end.share, 0) +
               " of the units have slope zero on every training example after training; no "
               "gradient passes them.";
      std::vector<std::string> spared;
      const Cell* alive = nullptr;  // the best without dead units, all else equal
      for (const auto& name : g.activations) {
        if (std::none_of(g.cells.begin(), g.cells.end(), [&](const auto& c) {
              return c.activation == name && Cell::mean(c.dead[kEnd]) > 0;
            }))
          spared.push_back(name);
        const Cell* other = g.find(name, cell.depth, cell.setting);
        if (other && learns(g, *other) && !(Cell::mean(other->dead[kEnd]) > 0) &&
            (!alive || other->accuracy.mid > alive->accuracy.mid))
          alive = other;
      }
      if (!spared.empty()) f.text += " None died with " + join(spared) + ".";
      if (!cell.dead[kStart].empty())
        f.evidence.push_back({"before training", percent(cell.dead[kStart][end.layer - 1].mid)});
      f.evidence.push_back({"after", percent(end.share)});
      if (alive && !learns(g, cell))
        f.remedy = with_setting(g, *alive) + " has no dead unit at this depth and reaches " +
                   result(g, *alive) + ".";
    }
    f.figure = "dead";
    out.push_back(std::move(f));
  }
  if (measured(g, &Cell::saturated)) {
    const Peak end = peak(g, &Cell::saturated, kEnd, flat_by_design);
    if (end.share < 0.05) return;
    Finding f{.id = "saturated"};
    f.title = "Saturation: up to " + percent(end.share, 0) + " of a layer";
    f.text = "In layer " + std::to_string(end.layer) + " of " + network(g, *end.cell) + ", " +
             percent(end.share, 0) +
             " of the pre-activations lie after training where the slope is under 1 % of its "
             "maximum and the function has levelled out.";
    f.figure = "saturated";
    out.push_back(std::move(f));
  }
}

void add_learned(const Gathered& g, const Learned& learned, Findings& out) {
  struct Place {
    const Cell* cell = nullptr;
    int layer = 0;
    double value = 0;
  } lowest, highest;
  for (const auto& cell : g.cells) {
    if (cell.activation != learned.activation || !learns(g, cell)) continue;
    const auto found = cell.learned.find(learned.parameter);
    if (found == cell.learned.end()) continue;
    for (std::size_t l = 0; l < found->second.size(); ++l) {
      const Place here{&cell, static_cast<int>(l) + 1, found->second[l].mid};
      if (!lowest.cell || here.value < lowest.value) lowest = here;
      if (!highest.cell || here.value > highest.value) highest = here;
    }
  }
  if (!lowest.cell) return;
  const auto where = [&](const Place& p) {
    return "layer " + std::to_string(p.layer) + " of " + std::to_string(p.cell->depth) + " (" +
           g.settings[p.cell->setting].label + ")";
  };
  Finding f{.id = "learned-" + learned.activation + "-" + learned.parameter};
  f.title = learned.activation + " learned values of " + learned.parameter + " from " +
            number(lowest.value, 2) + " to " + number(highest.value, 2);
  f.text = "Every layer started at " + number(learned.start) +
           ". In the networks that learned, the lowest value stands in " + where(lowest) +
           ", the highest in " + where(highest) + ".";
  f.evidence = {{"start", number(learned.start)},
                {"lowest", number(lowest.value)},
                {"highest", number(highest.value)}};
  f.figure = "learned";
  out.push_back(std::move(f));
}

void add_cost(const Gathered& g, Findings& out) {
  const int depth = g.depths.back();
  std::vector<const Cell*> row;
  for (const auto& cell : g.cells)
    if (cell.depth == depth && cell.setting == last_setting(g) && cell.activation_share.known())
      row.push_back(&cell);
  if (row.size() < 2) return;
  std::stable_sort(row.begin(), row.end(), [](auto* a, auto* b) {
    return a->activation_share.mid < b->activation_share.mid;
  });
  const Cell &least = *row.front(), &most = *row.back();
  Finding f{.id = "cost"};
  f.title = "The activation takes " + percent(least.activation_share.mid, 0) + " to " +
            percent(most.activation_share.mid, 0) + " of a training step";
  f.text = "With " + layers(depth) + " of " + std::to_string(g.width) + " units and batches of " +
           std::to_string(g.batch) + ", forward and backward together, ";
  f.text +=
      apart(least.activation_share, most.activation_share)
          ? least.activation + " takes the smallest share and " + most.activation + " the largest."
          : "and the shares do not differ beyond the seeds.";
  f.evidence = {{least.activation, percent(least.activation_share.mid)},
                {most.activation, percent(most.activation_share.mid)}};
  f.figure = "share";
  out.push_back(std::move(f));
}

// Glorot's standard deviation sqrt(2 / (inputs + units)) is the plain 1/sqrt(inputs) where both are
// equal; a reader who compares the two panels of such a function has to know.
void add_agreement(const Gathered& g, Findings& out) {
  if (g.settings.size() != 2 || g.setting_title != "Initialisation" || g.depths.back() < 2) return;
  std::vector<std::string> names;
  for (const auto& name : g.activations) {
    const Cell *a = g.find(name, g.depths.back(), 0), *b = g.find(name, g.depths.back(), 1);
    if (!a || !b) continue;
    const std::set<std::string> both = {a->initialiser, b->initialiser};
    if (both == std::set<std::string>{"normal(1/sqrt(n))", "glorot_normal"}) names.push_back(name);
  }
  if (names.empty()) return;
  out.push_back(
      {.id = "agreement",
       .title = "For " + join(names) + " the two initialisations are nearly one",
       .text = "What fits " + std::string(names.size() == 1 ? "it" : "them") +
               " is Glorot's normal, whose standard deviation √(2/(inputs + units)) is 1/√n on a "
               "layer of as many units as inputs. Only " +
               (g.features == g.width ? "the output layer differs"
                                      : "the first and the output layer differ") +
               ", so " + (names.size() == 1 ? "its" : "their") +
               " panels agree. He's, which fits "
               "the others, is √2 times as wide on every layer.",
       .figure = "profile"});
}

void add_arithmetic(const Gathered& g, Findings& out) {
  if (!measured(g, &Cell::lost_slope) && !measured(g, &Cell::lost_gradient)) return;
  Peak worst;
  for (const auto rows : {&Cell::lost_slope, &Cell::lost_gradient})
    for (const Moment moment : {kStart, kEnd}) {
      const Peak p = peak(g, rows, moment);
      if (p.share > worst.share) worst = p;
    }
  const std::string format = format_name(g.precision);
  Finding f{.id = "arithmetic"};
  if (!worst.cell) {
    f.title = "Arithmetic is not the cause: " + format + " lost no gradient";
    f.text =
        "In no layer of any network was a slope or a gradient rounded to zero that is not zero.";
  } else {
    f.level = worst.share >= 0.05 ? Finding::Level::problem : Finding::Level::note;
    if (f.level == Finding::Level::problem) f.cause = "arithmetic";
    f.title = format + " lost up to " + percent(worst.share) + " of a layer's gradients";
    f.text = "In layer " + std::to_string(worst.layer) + " of " + network(g, *worst.cell) + ", " +
             percent(worst.share) +
             " of the slopes or gradients were rounded to zero though they are not.";
  }
  out.push_back(std::move(f));
}

void add_incomplete(const Gathered& g, Findings& out) {
  if (g.diverged > 0)
    out.push_back({.id = "diverged",
                   .level = Finding::Level::problem,
                   .title = count(g.diverged, "run") + " ended early",
                   .text = g.diverged == 1 ? "Its loss was no longer a finite number."
                                           : "Their loss was no longer a finite number.",
                   .remedy = "A smaller learning rate, or gradient clipping."});
  if (g.done < g.planned)
    out.push_back({.id = "incomplete",
                   .title = "The study is not finished",
                   .text = thousands(g.done) + " of " + thousands(g.planned) +
                           " runs are in the store; everything here speaks of those alone.",
                   .remedy = "Start the study again: it continues where it stopped."});
}

}  // namespace

void add_measurements(const Gathered& g, Findings& out);
void add_measurements(const Gathered& g, Findings& out) {
  add_speed(g, out);
  add_units(g, out);
  for (const auto& learned : g.learned) add_learned(g, learned, out);
  add_agreement(g, out);
  add_cost(g, out);
  add_arithmetic(g, out);
  add_incomplete(g, out);
}

}  // namespace gradkeep::report
