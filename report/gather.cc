// From runs to cells. The settings are found by looking at what varies: every key of the
// specification that takes more than one value, besides activation, depth and seed.
// SPDX-License-Identifier: Apache-2.0
#include "report/gather.h"

#include <gradkeep/flow.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>
#include <tuple>

#include "lab/fields.h"
#include "report/words.h"

namespace gradkeep::report {
namespace {

constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();

// Short names where they are enough: "leaky_relu", but "elu(alpha=0.5)" beside another elu.
std::map<std::string, std::string> short_names(const std::vector<lab::Run>& runs) {
  std::map<std::string, std::set<std::string>> by_name;
  std::map<std::string, std::string> base;
  for (const auto& run : runs) {
    const std::string& text = run.spec.activation;
    base[text] = Activation(text, Bounds::any).info().name;
    by_name[base[text]].insert(text);
  }
  std::map<std::string, std::string> names;
  for (const auto& [text, name] : base) {
    const bool plain = Activation(name).text() == Activation(text, Bounds::any).text();
    names[text] = by_name[name].size() == 1 && plain ? name : text;
  }
  return names;
}

// The keys that make a setting, in the order of the specification.
std::vector<const lab::Field*> varying_keys(const std::vector<lab::RunSpec>& runs, bool chosen) {
  static const std::set<std::string_view> kOwnAxes = {"activation", "depth", "seed"};
  std::vector<const lab::Field*> keys;
  if (runs.empty()) return keys;
  for (const auto& field : lab::fields()) {
    // A learning rate that was chosen belongs to the network that it was chosen for.
    if (kOwnAxes.contains(field.key) || (chosen && field.key == "learning_rate")) continue;
    const auto first = field_text(field, runs.front());
    if (std::any_of(runs.begin(), runs.end(),
                    [&](const lab::RunSpec& run) { return field_text(field, run) != first; }))
      keys.push_back(&field);
  }
  return keys;
}

std::string spoken(const lab::Field& field, const std::string& text) {
  if (field.key == "normalisation") return text == "none" ? "" : text + " normalisation";
  if (field.key == "residual") {
    return text == "none"     ? ""
           : text == "plain"  ? "skips"
           : text == "scaled" ? "skips with branches / √depth"
                              : "skips with branches from 0";
  }
  if (field.key == "initialiser") {
    if (text == "plain") return "normal(1/√n)";
    if (text == "matched") return "Glorot/He";
    if (text.starts_with("lsuv")) return "LSUV" + text.substr(4);
    std::string words = text;
    std::replace(words.begin(), words.end(), '_', ' ');
    return words;
  }
  if (std::holds_alternative<std::string lab::RunSpec::*>(field.member)) return text;
  std::string name(field.key);
  std::replace(name.begin(), name.end(), '_', ' ');
  return name + " " + text;
}

Setting setting_of(const lab::RunSpec& spec, const std::vector<const lab::Field*>& keys) {
  std::vector<std::string> names, labels;
  for (const auto* key : keys) {
    names.push_back(field_text(*key, spec));
    auto label = spoken(*key, names.back());
    if (!label.empty()) labels.push_back(std::move(label));
  }
  if (keys.empty()) return {"all", spoken(*lab::find_field("initialiser"), spec.initialiser)};
  return {join(names, ", "), labels.empty() ? "nothing added" : join(labels, ", ")};
}

// The settings, by name, that are treatments: they reach less than half as many networks as the
// widest setting does, and none that no other setting reaches. The plan decides, not what of it is done.
std::set<std::string> treatments_of(const std::vector<lab::RunSpec>& plan,
                                    const std::vector<const lab::Field*>& keys) {
  using Networks = std::set<std::pair<std::string, int>>;
  std::map<std::string, Networks> reached;
  for (const auto& run : plan)
    reached[setting_of(run, keys).name].insert({run.activation, run.depth});
  std::size_t most = 0;
  for (const auto& [name, own] : reached) most = std::max(most, own.size());
  Networks wide;
  for (const auto& [name, own] : reached)
    if (2 * own.size() >= most) wide.insert(own.begin(), own.end());
  std::set<std::string> few;
  for (const auto& [name, own] : reached)
    if (2 * own.size() < most && std::includes(wide.begin(), wide.end(), own.begin(), own.end()))
      few.insert(name);
  return few;
}

template <class T>
int place(std::vector<T>& list, const T& item) {
  const auto it = std::find(list.begin(), list.end(), item);
  if (it != list.end()) return static_cast<int>(it - list.begin());
  list.push_back(item);
  return static_cast<int>(list.size()) - 1;
}

// Probe values of one run at its first and last sample, by probe, then by layer from 1.
using Values = std::map<std::string, std::map<int, double>>;
Values at_moment(const lab::Run& run, Moment moment) {
  Values values;
  if (run.measures.empty()) return values;
  const auto [first, last] =
      std::minmax_element(run.measures.begin(), run.measures.end(),
                          [](const auto& a, const auto& b) { return a.step < b.step; });
  const int step = moment == kStart ? first->step : last->step;
  for (const auto& m : run.measures)
    if (m.step == step) values[m.probe][m.layer] = m.value;
  return values;
}

using Gatherer = Spread (*)(std::span<const double>);

// One row: layers 1 to `layers` of a probe, over the seeds.
std::vector<Spread> row(const std::vector<Values>& seeds, const std::string& probe, int layers,
                        Gatherer gatherer) {
  std::vector<Spread> result;
  bool any = false;
  for (int layer = 1; layer <= layers; ++layer) {
    std::vector<double> values;
    for (const auto& seed : seeds) {
      const auto found = seed.find(probe);
      if (found == seed.end()) continue;
      const auto at = found->second.find(layer);
      if (at != found->second.end()) values.push_back(at->second);
    }
    any = any || !values.empty();
    result.push_back(gatherer(values));
  }
  return any ? result : std::vector<Spread>{};
}

Reached reached(const std::vector<lab::Run>& runs, double goal) {
  std::vector<double> steps, seconds;
  for (const auto& run : runs)
    for (const auto& target : run.targets)
      if (target.loss == goal && target.step >= 0) {
        steps.push_back(target.step);
        seconds.push_back(target.seconds);
      }
  return {static_cast<int>(steps.size()), arithmetic_spread(steps), arithmetic_spread(seconds)};
}

std::vector<CellPoint> curve(const std::vector<lab::Run>& runs) {
  std::map<int, std::array<std::vector<double>, 3>> points;
  // Runs that ended early add to the common steps, but no step of their own.
  const auto finite =
      std::find_if(runs.begin(), runs.end(), [](const auto& r) { return !r.diverged; });
  std::set<int> steps;
  for (const auto& p : (finite == runs.end() ? runs.front() : *finite).curve) steps.insert(p.step);
  for (const auto& run : runs)
    for (const auto& p : run.curve) {
      if (!steps.contains(p.step)) continue;
      auto& at = points[p.step];
      at[0].push_back(p.seconds);
      at[1].push_back(p.train_loss);
      at[2].push_back(p.held_accuracy);
    }
  std::vector<CellPoint> result;
  for (const auto& [step, at] : points)
    result.push_back(
        {step, arithmetic_spread(at[0]).mid, arithmetic_spread(at[1]), arithmetic_spread(at[2])});
  return result;
}

template <class Get>
Spread over(const std::vector<lab::Run>& runs, Get get) {
  std::vector<double> values;
  for (const auto& run : runs) values.push_back(get(run));
  return arithmetic_spread(values);
}

constexpr std::string_view kLearned = "learned_";

// The learned parameters' probes ("learned_a").
std::set<std::string> learned_probes(const lab::Run& run) {
  std::set<std::string> probes;
  for (const auto& m : run.measures)
    if (m.probe.starts_with(kLearned)) probes.insert(m.probe);
  return probes;
}

void note_start(std::vector<Learned>& list, Learned learned) {
  for (const auto& other : list)
    if (other.activation == learned.activation && other.parameter == learned.parameter) return;
  list.push_back(std::move(learned));
}

void fill(Cell& cell, const std::vector<lab::Run>& runs, const std::vector<double>& goals,
          lab::Theory& theory, Gathered& all) {
  cell.seeds = static_cast<int>(runs.size());
  const auto badness = [](const lab::Run& r) {
    const double loss = r.classes > 0 ? 1 - r.test_accuracy : r.last.train_loss;
    return r.diverged || std::isnan(loss) ? std::numeric_limits<double>::infinity() : loss;
  };
  cell.run = std::max_element(runs.begin(), runs.end(), [&](const auto& a, const auto& b) {
               return badness(a) < badness(b);
             })->id;
  cell.initialiser = runs.front().initialiser;
  cell.accuracy = over(runs, [](const auto& r) { return r.test_accuracy; });
  cell.loss = over(runs, [](const auto& r) { return r.last.train_loss; });
  for (const auto& r : runs) cell.diverged += r.diverged;
  for (const double goal : goals) cell.reached.push_back(reached(runs, goal));
  cell.curve = curve(runs);
  cell.step_seconds = over(runs, [](const auto& r) {
                        return r.last.step > 0 ? r.seconds / r.last.step : kUnknown;
                      }).mid;
  cell.activation_share = over(runs, [](const auto& r) {
    return r.seconds > 0 ? r.activation_seconds / r.seconds : kUnknown;
  });

  for (const Moment moment : {kStart, kEnd}) {
    std::vector<Values> seeds;
    for (const auto& run : runs) seeds.push_back(at_moment(run, moment));
    const auto take = [&](Rows& rows, const char* probe, int layers, Gatherer gatherer) {
      rows[moment] = row(seeds, probe, layers, gatherer);
    };
    take(cell.gradient, "gradient_rms", cell.depth, geometric_spread);
    take(cell.slope_gain, "slope_gain", cell.depth - 1, geometric_spread);
    take(cell.weight_gain, "weight_gain", cell.depth - 1, geometric_spread);
    take(cell.saturated, "saturated", cell.depth, arithmetic_spread);
    take(cell.dead, "dead", cell.depth, arithmetic_spread);
    take(cell.lost_slope, "lost_slope", cell.depth, arithmetic_spread);
    take(cell.lost_gradient, "lost_gradient", cell.depth, arithmetic_spread);
    if (moment == kStart) {
      cell.square = row(seeds, "h_square", cell.depth, geometric_spread);
      cell.similarity = row(seeds, "similarity", cell.depth, arithmetic_spread);
      cell.layer_gain = row(seeds, "backward_gain", cell.depth - 1, geometric_spread);
    }
    for (const auto& probe : learned_probes(runs.front())) {
      const std::string parameter = probe.substr(kLearned.size());
      auto values = row(seeds, probe, cell.depth, arithmetic_spread);
      if (moment == kStart)
        note_start(all.learned, {cell.activation, parameter, values.front().mid});
      else
        cell.learned[parameter] = std::move(values);
    }
  }
  cell.foreseen = foresee(runs, theory);
}

// The hardest goal that most of the improved cells still reach.
int main_goal(const Gathered& g) {
  int best = g.goals.empty() ? -1 : 0;
  for (int k = 0; k < static_cast<int>(g.goals.size()); ++k) {
    int there = 0, all = 0;
    for (const auto& cell : g.cells)
      if (cell.setting + 1 == static_cast<int>(g.settings.size())) {
        ++all;
        there += cell.reached[k].seeds == cell.seeds;
      }
    if (2 * there >= all) best = k;
  }
  return best;
}

void describe(Gathered& g, const std::vector<lab::Run>& runs) {
  const auto& first = runs.front();
  g.features = first.features;
  g.classes = first.classes;
  g.width = first.spec.width;
  g.batch = first.spec.batch;
  g.precision = first.spec.precision;
  std::set<double, std::greater<>> goals;
  for (const auto& run : runs)
    for (const auto& target : run.targets) goals.insert(target.loss);
  g.goals.assign(goals.begin(), goals.end());
}

}  // namespace

Cell::Gain Cell::gain(Moment moment) const {
  const auto middle = [](const std::vector<Spread>& r) {
    std::vector<double> values;
    for (const auto& s : r) values.push_back(s.mid);
    return geometric_mean(values);
  };
  const double slope = middle(slope_gain[moment]), weight = middle(weight_gain[moment]);
  const auto& g = gradient[moment];
  const double total = g.size() > 1 ? g.front().mid / g.back().mid : kUnknown;
  const double layer =
      g.size() > 1 ? std::pow(total, 1.0 / static_cast<double>(g.size() - 1)) : kUnknown;
  return {slope, weight, layer, total};
}

double Cell::mean(const std::vector<Spread>& row) {
  std::vector<double> values;
  for (const auto& s : row) values.push_back(s.mid);
  return arithmetic_spread(values).mid;
}

const Cell* Gathered::find(const std::string& activation, int depth, int setting) const {
  for (const auto& cell : cells)
    if (cell.activation == activation && cell.depth == depth && cell.setting == setting)
      return &cell;
  return nullptr;
}

Gathered gather(const lab::Store& store) {
  const auto runs = store.runs();
  Gathered g;
  static_cast<Account&>(g) = account_of(store, runs, store.tuning_runs());
  describe(g, runs);

  const bool chooses = store.chooses();
  const auto plan = store.planned_runs();
  const auto all_keys = varying_keys(plan, chooses);
  const auto few = treatments_of(plan, all_keys);
  std::vector<const lab::Run*> main, treated;
  std::vector<lab::RunSpec> main_specs;
  for (const auto& run : runs) {
    const bool apart = few.contains(setting_of(run.spec, all_keys).name);
    (apart ? treated : main).push_back(&run);
    if (!apart) main_specs.push_back(run.spec);
    if (!apart) g.depths.push_back(run.spec.depth);
  }
  if (main.empty())
    throw Error("store " + store.path() +
                " holds no finished run but treatments: expected one of the networks that they "
                "are compared with");
  std::sort(g.depths.begin(), g.depths.end());
  g.depths.erase(std::unique(g.depths.begin(), g.depths.end()), g.depths.end());

  const auto names = short_names(runs);
  g.theory = std::make_shared<lab::Theory>();
  const auto gather_cells = [&](const std::vector<const lab::Run*>& some,
                                const std::vector<const lab::Field*>& keys,
                                std::vector<Setting>& settings, std::vector<Cell>& cells) {
    std::vector<std::string> setting_names;
    using Key = std::tuple<int, int, int>;  // activation, depth, setting
    std::map<Key, std::vector<std::int64_t>> members;
    for (const auto* run : some) {
      const Setting setting = setting_of(run->spec, keys);
      const int s = place(setting_names, setting.name);
      if (s == static_cast<int>(settings.size())) settings.push_back(setting);
      members[{place(g.activations, names.at(run->spec.activation)), run->spec.depth, s}].push_back(
          run->id);
    }
    for (const auto& [key, ids] : members) {
      std::vector<lab::Run> own;
      for (const auto id : ids) own.push_back(store.run(id));
      Cell cell;
      cell.activation = g.activations[std::get<0>(key)];
      cell.depth = std::get<1>(key);
      cell.setting = std::get<2>(key);
      fill(cell, own, g.goals, *g.theory, g);
      cells.push_back(std::move(cell));
    }
  };
  const auto keys = varying_keys(main_specs, chooses);
  g.setting_title = keys.empty() || (keys.size() == 1 && keys.front()->key == "initialiser")
                        ? "Initialisation"
                        : "Setting";
  gather_cells(main, keys, g.settings, g.cells);
  gather_cells(treated, all_keys, g.treatments, g.treated);
  // What a treatment shares with the improved setting goes without saying.
  const std::string shared = ", " + g.settings.back().label;
  for (auto& treatment : g.treatments)
    if (treatment.label.ends_with(shared))
      treatment.label.resize(treatment.label.size() - shared.size());
  for (const auto& name : g.activations) {
    g.slope_max[name] = slope_maximum(Activation(name, Bounds::any)).value;
  }
  g.main_goal = main_goal(g);
  return g;
}

}  // namespace gradkeep::report
