// zig-zag: what outputs of one sign do to the direction of a step, and whether it costs steps. The
// signs are read off the gradients of single examples; the wandering is the length of the path of
// the weights over the distance they end up from their start; the price is steps to a loss.
// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include "report/parts.h"

namespace gradkeep::report::readings {
namespace {

constexpr double kGoal = 0.5;

std::string function_name(const Trial& t) {
  return (t.spec().shift != 0 ? "centred " : "") + t.activation();
}

std::string method_name(const Trial& t) {
  if (t.spec().optimiser == "momentum") return "momentum";
  if (t.spec().optimiser == "adam") return "Adam";
  return "SGD, " + (t.spec().batch == 1 ? "1 example" : count(t.spec().batch, "example"));
}

// Mean over the layers whose input is a hidden layer's output.
Number behind_hidden(const std::string& probe, bool start) {
  return [=](const lab::Run& run) {
    double sum = 0;
    for (int layer = 2; layer <= run.spec.depth + 1; ++layer)
      sum += start ? at_start(run, probe, layer) : at_end(run, probe, layer);
    return sum / run.spec.depth;
  };
}

Spread path(const Trial& t) {
  return over(t, [](const lab::Run& r) { return at_end(r, "path_ratio"); });
}
Spread steps(const Trial& t) { return steps_over(t, kGoal); }

struct Table {
  std::vector<std::string> functions, methods;
  std::vector<Trial> trials;

  const Trial* find(const std::string& function, const std::string& method) const {
    for (const auto& t : trials)
      if (function_name(t) == function && method_name(t) == method) return &t;
    return nullptr;
  }
};

Table tabulate(const Material& material) {
  Table table;
  table.trials = material.trials();
  for (const auto& t : table.trials) {
    place(table.functions, function_name(t));
    place(table.methods, method_name(t));
  }
  return table;
}

Figure by_function(const Table& table, const std::string& id, const std::string& title,
                   const std::string& caption, Scale scale,
                   const std::function<Spread(const Trial&)>& value) {
  Figure figure{.id = id,
                .kind = Figure::Kind::dots,
                .heading = "What it costs",
                .title = title,
                .caption = caption,
                .x = {"Function"},
                .y = std::move(scale)};
  for (const auto& method : table.methods) {
    Series series{method};
    for (const auto& function : table.functions)
      if (const Trial* t = table.find(function, method))
        series.marks.push_back({.category = function, .y = value(*t)});
    figure.series.push_back(std::move(series));
  }
  return figure;
}

Figure signs(const Table& table) {
  Figure figure{.id = "signs",
                .kind = Figure::Kind::dots,
                .heading = "Which way the weights are pushed",
                .title = "Share of a unit's weights that one gradient moves the same way",
                .caption =
                    "100 %: all weights of the unit rise together or fall together. Layers "
                    "behind a hidden layer, before training; one example, and a batch of 128.",
                .x = {"Function"},
                .y = {"share of the majority sign", false, "%"},
                .rules = {{"half: no preference", 0.5}},
                .lead = true};
  Series one{"one example"}, batch{"128 examples"};
  for (const auto& function : table.functions)
    for (const auto& t : table.trials)
      if (function_name(t) == function) {
        one.marks.push_back(
            {.category = function, .y = over(t, behind_hidden("sign_agreement", true))});
        batch.marks.push_back(
            {.category = function, .y = over(t, behind_hidden("batch_sign_agreement", true))});
        break;
      }
  figure.series = {one, batch};
  return figure;
}

Figure curves(const Table& table) {
  Figure figure{.id = "loss",
                .heading = "What it costs",
                .title = "Training loss against steps",
                .caption =
                    "Mean and range over the seeds, each function at the learning rate that "
                    "validation data chose for it under that method.",
                .x = {"step"},
                .y = {"training loss"},
                .panels = table.methods,
                .rules = {{"goal", kGoal}}};
  for (const auto& t : table.trials)
    figure.series.push_back(curve(function_name(t), t.spec().shift != 0 ? "" : t.activation(),
                                  place(figure.panels, method_name(t)), t, train_loss_of));
  return figure;
}

}  // namespace

Reading zig_zag(const Material& material) {
  const Table table = tabulate(material);
  Reading reading;
  reading.figures = {
      signs(table), curves(table),
      by_function(
          table, "steps", "Steps to a training loss of " + number(kGoal),
          "Mean and range over the seeds; a function that is missing in a row did not get there.",
          {"steps", true}, steps),
      by_function(table, "path", "How much longer the way was than the distance",
                  "Length of the path of all weights over the distance between start and end. "
                  "1 would be a straight line.",
                  {"path / distance", true}, path)};

  reading.key = {
      .id = "key",
      .title = "One sign, and what it costs: steps to a training loss of " + number(kGoal),
      .head = {"function", "one way, one example", "input's mean, share"}};
  for (const auto& m : table.methods) reading.key.head.push_back("steps, " + m);
  std::vector<std::string> one_way, both_ways;
  for (const auto& function : table.functions) {
    std::vector<std::string> row = {function};
    for (const auto& method : table.methods) {
      const Trial* t = table.find(function, method);
      if (row.size() == 1) {
        const Spread share =
            t ? over(*t, behind_hidden("sign_agreement", true)) : Spread{NAN, NAN, NAN};
        row.push_back(percent(share.mid));
        row.push_back(t ? percent(over(*t, behind_hidden("dc_share", true)).mid) : "–");
        (share.mid > 0.999 ? one_way : both_ways)
            .push_back(function + " (" + percent(share.mid, 0) + ")");
      }
      row.push_back(t ? steps_text(steps(*t)) : "–");
    }
    reading.key.rows.push_back(std::move(row));
  }

  // The clean comparison: centring changes nothing but the mean of the outputs.
  std::vector<std::string> faster, same, slower;
  double most = 1;
  for (const auto& method : table.methods) {
    const Trial* plain = table.find("sigmoid", method);
    const Trial* centred = table.find("centred sigmoid", method);
    if (!plain || !centred) continue;
    const Spread a = steps(*plain), b = steps(*centred);
    const std::string words = method + ": " + steps_text(a) + " → " + steps_text(b);
    (smaller(b, a) ? faster : smaller(a, b) ? slower : same).push_back(words);
    if (smaller(b, a) && a.known()) most = std::max(most, a.mid / b.mid);
  }
  reading.verdict.headline = "Outputs of one sign push all weights of a unit one way; ";
  if (!faster.empty())
    reading.verdict.headline +=
        "centring them saves steps" +
        (most > 1 ? ", up to a factor of " + number(most, 2) + "." : std::string("."));
  else
    reading.verdict.headline += slower.empty()
                                    ? "centring them saved no steps here that the seeds can tell."
                                    : "centring them saved no steps here, and cost some.";
  if (!one_way.empty())
    reading.verdict.text.push_back(
        "Behind " + join(one_way) +
        " a single example moves every weight of a unit in the same direction" +
        (both_ways.empty() ? "." : "; behind " + join(both_ways) + " it does not.") +
        " A batch of examples with errors of both signs loosens this, it does not undo it.");
  std::string price =
      "A sigmoid shifted by -1/2 differs from the sigmoid in nothing but the mean of its outputs "
      "(each has its own best learning rate). Steps to a loss of " +
      number(kGoal) + ", plain → centred.";
  if (!faster.empty()) price += " Fewer: " + join(faster, "; ") + ".";
  if (!slower.empty()) price += " More: " + join(slower, "; ") + ".";
  if (!same.empty()) price += " Not told apart: " + join(same, "; ") + ".";
  reading.verdict.text.push_back(price);

  const Trial* relu = nullptr;
  const Trial* centred = nullptr;
  std::string where;
  for (const auto& method : table.methods) {
    const Trial* r = table.find("relu", method);
    const Trial* c = table.find("tanh", method);
    if (r && c && steps(*r).known()) {
      relu = r;
      centred = c;
      where = method;
    }
  }
  if (relu && centred) {
    const Spread a = steps(*relu), b = steps(*centred);
    const bool differs = apart(a, b);
    reading.findings.push_back(
        {.id = "relu",
         .level = Finding::Level::note,
         .title =
             differs && a.mid < b.mid
                 ? "relu is as one-sided as sigmoid, and faster than tanh all the same under " +
                       where
             : differs
                 ? "tanh, whose outputs take both signs, needs fewer steps than relu under " + where
                 : "relu is as one-sided as sigmoid, and under " + where +
                       " not told apart from tanh",
         .text = "The sign of the outputs is one thing among several: how large the slopes are and "
                 "how much of "
                 "the input's energy lies in its mean (" +
                 percent(over(*relu, behind_hidden("dc_share", true)).mid) +
                 " behind relu) count as well.",
         .evidence = {{"relu, steps (" + where + ")", steps_text(a)},
                      {"tanh, steps", steps_text(b)}},
         .figure = "steps"});
  }
  if (const Trial *plain = table.find("sigmoid", "SGD, 32 examples"),
      *shifted = table.find("centred sigmoid", "SGD, 32 examples");
      plain && shifted)
    reading.findings.push_back(
        {.id = "centring",
         .level = faster.empty() ? Finding::Level::note : Finding::Level::cure,
         .title = "What centring changes",
         .text = "With outputs between 0 and 1 most of what a weight sees is the constant part of "
                 "its input. "
                 "Shifting the outputs to -1/2 to 1/2 takes that part away and leaves slopes and "
                 "weights as they were.",
         .evidence = {{"input's mean, share of its energy",
                       percent(over(*plain, behind_hidden("dc_share", true)).mid) + " to " +
                           percent(over(*shifted, behind_hidden("dc_share", true)).mid)},
                      {"path over distance",
                       number(path(*plain).mid) + " to " + number(path(*shifted).mid)},
                      {"test accuracy", percent(over(*plain, test_accuracy).mid) + " to " +
                                            percent(over(*shifted, test_accuracy).mid)}},
         .remedy = "Use a function whose outputs average 0 (tanh, elu), shift the outputs, or "
                   "normalise them.",
         .figure = "path"});
  return reading;
}

}  // namespace gradkeep::report::readings
