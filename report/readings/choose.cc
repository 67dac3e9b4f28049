// choose: every registered activation on the data at hand, beside logistic regression. It ranks by
// the test score and says whom the seeds and the size of the test part let it tell apart; it adds
// what the score does not show: time, steps, and how much care the learning rate needs.
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "data/dataset.h"
#include "report/parts.h"

namespace gradkeep::report::readings {
namespace {

bool baseline(const lab::RunSpec& s) { return s.depth == 0; }
std::string name(const Trial& t) {
  return baseline(t.spec()) ? "logistic regression" : t.activation();
}
std::string place_name(const lab::RunSpec& s) {
  return s.data + (s.scale == "none" ? " raw" : " " + s.scale);
}

// The score of a run, larger is better; for a regression minus the loss.
double score(const lab::Run& r) { return r.classes > 0 ? r.test_accuracy : -r.test_loss; }
std::string say(const Trial& t, double v) {
  return t.runs.front()->classes > 0 ? percent(v) : number(-v);
}

Spread gain(const Trial& t) {
  return over_geometric(t, [](const lab::Run& r) {
    return r.spec.depth > 1 ? at_start(r, "backward_gain", 1) : NAN;
  });
}

// How many factors of ten the learning rates span at which the network trains: at which the
// validation score comes within a tenth of the best one's way up from guessing.
struct Width {
  int trained = 0, tried = 0;
  double decades = 0;
};
using Rates = std::map<double, double>;  // validation score by learning rate

Width width_of(const Rates& rates, bool classes, double chance) {
  Width result;
  result.tried = static_cast<int>(rates.size());
  double best = -INFINITY, low = 0, high = 0;
  for (const auto& [rate, value] : rates)
    best = std::max(best, std::isfinite(value) ? value : -INFINITY);
  const double bar = classes ? best - 0.1 * (best - chance) : best * 1.1;
  for (const auto& [rate, value] : rates) {
    if (!(value >= bar)) continue;
    if (result.trained++ == 0) low = rate;
    high = rate;
  }
  if (result.trained > 0) result.decades = std::log10(high / low);
  return result;
}

std::map<std::string, Rates> rates_of(const Material& material) {
  std::map<std::string, Rates> found;  // by place and name
  for (const auto& r : material.tuning()) {
    const double value = r.diverged      ? -INFINITY
                         : r.classes > 0 ? r.last.held_accuracy
                                         : -r.last.held_loss;
    found[place_name(r.spec) + "/" +
          (baseline(r.spec) ? "logistic regression" : short_activation(r.spec.activation))]
         [r.spec.learning_rate] = value;
  }
  return found;
}

// The accuracy of always naming the largest class, where the data are the program's own; else of
// drawing lots.
double chance_of(const lab::Run& run) {
  if (run.classes == 0) return 0;
  const auto known = data::source_names();
  if (run.spec.data.find('.') != std::string::npos ||
      std::find(known.begin(), known.end(), run.spec.data) == known.end())
    return 1.0 / run.classes;
  const auto set = data::load({.name = run.spec.data});
  std::vector<int> counts(static_cast<std::size_t>(set.classes));
  for (const int label : set.label) ++counts[static_cast<std::size_t>(label)];
  return *std::max_element(counts.begin(), counts.end()) / static_cast<double>(set.rows);
}

double rank(const Trial& t) {
  const double mid = over(t, score).mid;
  return std::isnan(mid) ? -INFINITY : mid;
}

struct Place {
  std::string name;
  std::vector<Trial> trials;  // best first
  const Trial* base = nullptr;
  int test = 0;
  double chance = 0;
};

}  // namespace

Reading choose(const Material& material) {
  std::vector<std::string> names;
  for (const auto& t : material.trials()) gradkeep::report::place(names, place_name(t.spec()));
  std::vector<Place> places;
  for (const auto& n : names) {
    Place p{n, material.trials([&](const lab::RunSpec& s) { return place_name(s) == n; })};
    std::stable_sort(p.trials.begin(), p.trials.end(),
                     [](const Trial& a, const Trial& b) { return rank(a) > rank(b); });
    places.push_back(std::move(p));
  }
  for (auto& p : places) {
    for (const auto& t : p.trials)
      if (baseline(t.spec())) p.base = &t;
    p.test = test_examples(*p.trials.front().runs.front());
    p.chance = chance_of(*p.trials.front().runs.front());
  }
  const auto rates = rates_of(material);

  Reading reading;
  Figure scores{.id = "scores",
                .kind = Figure::Kind::dots,
                .heading = "Scores",
                .title = "Test score of every function",
                .caption =
                    "Mean and range over the seeds, each at the learning rate that validation data "
                    "chose. Functions whose dots lie closer than "
                    "the bars are wide cannot be told apart.",
                .x = {"Function"},
                .y = {"test accuracy", false, "%"},
                .lead = true};
  Figure widths{.id = "widths",
                .kind = Figure::Kind::heat,
                .heading = "Care and cost",
                .title = "Learning rates that train",
                .caption =
                    "Of the candidates: how many come within a tenth of the best one's way up from "
                    "guessing, on validation data.",
                .x = {"Data"},
                .y = {"candidates that train"}};
  Figure times{.id = "times",
               .kind = Figure::Kind::dots,
               .heading = "Care and cost",
               .title = "Time of a training step against the baseline",
               .caption = "Processor time, as a ratio to logistic regression on the same data.",
               .x = {"Function"},
               .y = {"times logistic regression", true}};
  Figure goal{.id = "steps",
              .kind = Figure::Kind::dots,
              .heading = "Care and cost",
              .title = "Steps to a training loss",
              .caption =
                  "The hardest of the study's losses that the function reached for most data; "
                  "missing: not reached.",
              .x = {"Function"},
              .y = {"steps", true}};
  std::vector<std::string> functions;
  for (const auto& t : material.trials()) gradkeep::report::place(functions, name(t));
  std::map<std::string, std::pair<int, int>> care;  // candidates that train, and tried, by function
  for (const auto& f : functions) {
    Series row{f, f == "logistic regression" ? "" : f};
    for (const auto& p : places) {
      const auto found = rates.find(p.name + "/" + f);
      if (found == rates.end()) continue;
      const Trial& any = p.trials.front();
      const auto& run = *any.runs.front();
      const Width w = width_of(found->second, run.classes > 0, p.chance);
      care[f].first += w.trained;
      care[f].second += w.tried;
      row.marks.push_back({.category = p.name,
                           .y = {static_cast<double>(w.trained), static_cast<double>(w.trained),
                                 static_cast<double>(w.trained)}});
    }
    widths.series.push_back(std::move(row));
  }
  for (const auto& p : places) {
    const std::string scale = p.trials.front().spec().scale;
    const std::string inputs = scale == "none" ? "raw inputs" : "inputs scaled by " + scale;
    const std::string& data = p.trials.front().spec().data;
    Series s{inputs, "", gradkeep::report::place(scores.panels, data)}, time{p.name};
    Series reached{inputs, "", gradkeep::report::place(goal.panels, data)};
    for (const auto& f : functions)
      for (const auto& t : p.trials)
        if (name(t) == f) {
          s.marks.push_back({.category = f, .y = over(t, score)});
          if (p.base) {
            const double unit = over(*p.base, step_seconds).mid;
            time.marks.push_back({.category = f, .y = over(t, [unit](const lab::Run& r) {
                                                   return step_seconds(r) / unit;
                                                 })});
          }
          reached.marks.push_back(
              {.category = f, .y = over(t, [](const lab::Run& r) {
                                return r.spec.targets.empty() ? NAN
                                                              : steps_to(r, r.spec.targets.front());
                              })});
        }
    scores.series.push_back(std::move(s));
    times.series.push_back(std::move(time));
    goal.series.push_back(std::move(reached));
  }
  reading.figures = {scores, widths, times, goal};

  reading.key = {
      .title = "The best on each data set, and who cannot be told apart from it",
      .head = {"data", "best", "score", "not told apart from it", "logistic regression"}};
  TextTable all{
      .id = "all",
      .title = "All scores",
      .note =
          "Test score, mean over the seeds; gain: of the gradient a layer before training, on " +
          places.front().name + ".",
      .head = {"function"}};
  for (const auto& p : places) all.head.push_back(p.name);
  all.head.push_back("gain a layer");
  all.head.push_back("rates that train");

  std::map<std::string, int> among_best;
  for (const auto& p : places) {
    const Trial& best = p.trials.front();
    std::vector<std::string> equals;
    for (const auto& t : p.trials) {
      const bool differs = best.runs.front()->classes > 0
                               ? apart(over(best, score), over(t, score), p.test)
                               : apart(over(best, score), over(t, score));
      if (!over(t, score).known() || differs) continue;
      ++among_best[name(t)];
      if (&t != &best) equals.push_back(name(t));
    }
    const std::size_t count_equal = equals.size();
    if (count_equal > 4) {
      equals.resize(3);
      equals.push_back(std::to_string(count_equal - 3) + " more");
    }
    reading.key.rows.push_back({p.name, name(best), say(best, over(best, score).mid),
                                equals.empty() ? "none" : join(equals),
                                p.base ? say(*p.base, over(*p.base, score).mid) : "–"});
  }
  for (const auto& f : functions) {
    std::vector<std::string> row = {f};
    Spread g{NAN, NAN, NAN};
    for (const auto& p : places) {
      const auto t = std::find_if(p.trials.begin(), p.trials.end(),
                                  [&](const Trial& x) { return name(x) == f; });
      row.push_back(t == p.trials.end() ? "–" : say(*t, over(*t, score).mid));
      if (t != p.trials.end() && !g.known()) g = gain(*t);
    }
    row.push_back(number(g.mid));
    row.push_back(std::to_string(care[f].first) + " of " + std::to_string(care[f].second));
    all.rows.push_back(std::move(row));
  }
  reading.tables.push_back(all);

  // The recommendation: among the best everywhere, the least care; where logistic regression is
  // among the best, no hidden layer is needed.
  const int everywhere = static_cast<int>(places.size());
  std::vector<std::string> always;
  for (const auto& f : functions)
    if (f != "logistic regression" && f != "identity" && among_best[f] == everywhere)
      always.push_back(f);
  std::stable_sort(always.begin(), always.end(),
                   [&](const auto& a, const auto& b) { return care[a].first > care[b].first; });
  std::vector<std::string> simple, deep;
  for (const auto& p : places) {
    const Trial& best = p.trials.front();
    // Raw and scaled inputs are one question; the way of the better score answers it.
    const bool better_elsewhere = std::any_of(places.begin(), places.end(), [&](const Place& q) {
      return q.trials.front().spec().data == best.spec().data &&
             rank(q.trials.front()) > rank(best);
    });
    if (better_elsewhere || !p.base || !over(*p.base, score).known()) continue;
    (apart(over(best, score), over(*p.base, score), p.test) ? deep : simple).push_back(p.name);
  }
  std::vector<std::string> few(
      always.begin(), always.begin() + static_cast<long>(std::min<std::size_t>(3, always.size())));
  const auto hidden_functions =
      static_cast<int>(std::count_if(functions.begin(), functions.end(), [](const auto& f) {
        return f != "logistic regression" && f != "identity";
      }));
  reading.verdict.headline = always.empty()
                                 ? "No function is among the best everywhere: choose by data."
                                 : "Hidden layers: " + std::to_string(always.size()) + " of " +
                                       count(hidden_functions, "function") +
                                       " cannot be told apart from the best anywhere, " +
                                       join(few, " and ") + " among them.";
  std::string hidden;
  if (!always.empty()) {
    const auto& [trained, tried] = care[few.front()];
    hidden += "Hidden layers: take one of those that train at most learning rates, " +
              join(few, " or ") + " (" + few.front() + ": " + std::to_string(trained) + " of " +
              std::to_string(tried) + " tried; a count without an error bar). ";
  }
  if (!simple.empty())
    hidden += "On " + join(simple) +
              " logistic regression cannot be told apart from the best, so hidden layers are not "
              "shown to pay there. ";
  if (!deep.empty()) hidden += "On " + join(deep) + " hidden layers pay.";
  while (hidden.ends_with(' ')) hidden.pop_back();
  reading.verdict.text.push_back(hidden);
  reading.verdict.text.push_back(
      "Output layer: the loss decides, not the table above. For one class of many softmax with "
      "cross-entropy, for yes or no a sigmoid with "
      "cross-entropy, both on logits; for a number no activation at all (study `output`).");
  std::vector<std::string> scaling;
  for (const auto& p : places) {
    const std::string raw = " raw";
    if (!p.name.ends_with(raw)) continue;
    const std::string data = p.name.substr(0, p.name.size() - raw.size());
    for (const auto& q : places)
      if (&q != &p && q.name.starts_with(data + " ") &&
          apart(over(q.trials.front(), score), over(p.trials.front(), score), p.test))
        scaling.push_back(data + " (" + say(p.trials.front(), over(p.trials.front(), score).mid) +
                          " to " + say(q.trials.front(), over(q.trials.front(), score).mid) + ")");
  }
  reading.findings.push_back(
      {.id = "scaling",
       .level = scaling.empty() ? Finding::Level::note : Finding::Level::cure,
       .title = scaling.empty() ? "Scaling the inputs changes no best score beyond the noise"
                                : "Scaling the inputs changes the best score",
       .text = scaling.empty() ? "The best function copes with raw inputs at some learning rate; "
                                 "which functions do is another question, see the table."
                               : "Between raw and scaled inputs the best score changes on " +
                                     join(scaling) + ".",
       .remedy = scaling.empty() ? "" : "scale = \"zscore\", fitted on the training part.",
       .figure = "all"});
  std::string least;
  for (const auto& f : functions)
    if (care[f].second > 0 && (least.empty() || care[f].first < care[least].first)) least = f;
  if (!least.empty())
    reading.findings.push_back(
        {.id = "care",
         .level = Finding::Level::note,
         .title = "Which functions forgive a learning rate",
         .text = "A wide range of learning rates that train is worth more than a tenth of a "
                 "percent: it is what makes a net easy to use.",
         .evidence = {{"fewest: " + least, std::to_string(care[least].first) + " of " +
                                               std::to_string(care[least].second)},
                      {always.empty() ? "" : "most among the best: " + always.front(),
                       always.empty() ? ""
                                      : std::to_string(care[always.front()].first) + " of " +
                                            std::to_string(care[always.front()].second)}},
         .figure = "widths"});
  return reading;
}

}  // namespace gradkeep::report::readings
