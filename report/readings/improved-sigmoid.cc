// improved-sigmoid: sigma(alpha x) + beta x against what it is made of and what it competes with.
// Its two terms are taken apart (beta = 0, alpha = 1), its steepness is put into the weights of a
// plain sigmoid instead, and at an output it is measured as what it would have to be there, a
// probability. The closing answer is mathematics: a slope that integrates to 1 cannot be bounded
// from below.
// SPDX-License-Identifier: Apache-2.0
#include <gradkeep/core.h>

#include <algorithm>
#include <cmath>

#include "report/parts.h"

namespace gradkeep::report::readings {
namespace {

bool improved(const lab::RunSpec& s) { return s.activation.starts_with("improved_sigmoid"); }
bool hidden(const lab::RunSpec& s) { return s.data == "digits"; }

double parameter(const lab::RunSpec& s, int k) {
  return Activation(s.activation, Bounds::any).parameters()[static_cast<std::size_t>(k)];
}

std::string name(const lab::RunSpec& s) {
  const std::string text = short_activation(s.activation);
  if (improved(s)) {
    if (s.learn == "all") return "improved, learned";
    return "improved " + number(parameter(s, 0)) + ", " + number(parameter(s, 1));
  }
  if (s.initialiser.starts_with("glorot_normal("))
    return text + ", weights × " + s.initialiser.substr(14, s.initialiser.size() - 15);
  return text;
}

Spread gain(const Trial& t) {
  return over_geometric(t, [](const lab::Run& r) {
    return std::pow(at_start(r, "gradient_rms", 1) / at_start(r, "gradient_rms", r.spec.depth),
                    1.0 / (r.spec.depth - 1));
  });
}
double chance(const Trial& t) { return 1.0 / t.runs.front()->classes; }
Spread accuracy(const Trial& t) { return over(t, test_accuracy); }
double activation_cost(const Trial& t) {
  return over(t, [](const lab::Run& r) { return r.activation_seconds / r.last.step; }).mid;
}

// Where f leaves (0, 1), f increasing: the zero by bisection. By symmetry f is 1 at its mirror image.
double leaves_at(const Activation& f) {
  double low = -1e3, high = 0;
  for (int i = 0; i < 100; ++i) {
    const double middle = (low + high) / 2;
    (f(middle) < 0 ? low : high) = middle;
  }
  return high;
}

std::string output_name(const lab::RunSpec& s) {
  if (s.loss == "binary")
    return short_activation(s.activation) + " hidden, sigmoid on top, cross-entropy";
  return "tanh hidden, " + short_activation(s.output) + " on top, squared error";
}
Number score(const std::string& probe) {
  return [probe](const lab::Run& r) { return at_end(r, probe); };
}

}  // namespace

Reading improved_sigmoid(const Material& material) {
  const auto trials = material.trials(hidden);
  std::vector<int> depths;
  std::vector<std::string> names;
  for (const auto& t : trials) {
    place(names, name(t.spec()));
    if (std::find(depths.begin(), depths.end(), t.spec().depth) == depths.end())
      depths.push_back(t.spec().depth);
  }
  std::sort(depths.begin(), depths.end());
  const int deepest = depths.empty() ? 0 : depths.back();
  const auto find = [&](const std::string& n, int depth) -> const Trial* {
    for (const auto& t : trials)
      if (name(t.spec()) == n && t.spec().depth == depth) return &t;
    return nullptr;
  };
  const int test =
      trials.empty() ? material.test_examples() : test_examples(*trials.front().runs.front());

  // The best of a kind at a depth.
  const auto best = [&](int depth, const auto& of) -> const Trial* {
    const Trial* found = nullptr;
    for (const auto& t : trials)
      if (t.spec().depth == depth && of(t.spec()) &&
          (!found || accuracy(t).mid > accuracy(*found).mid))
        found = &t;
    return found;
  };
  const auto proposal = [](const lab::RunSpec& s) {
    return improved(s) && !s.any_parameters && s.learn != "all";
  };
  const auto other = [](const lab::RunSpec& s) {
    return !improved(s) && s.activation.find("sigmoid") == std::string::npos;
  };

  Reading reading;
  Figure grid{.id = "grid",
              .kind = Figure::Kind::heat,
              .heading = "Steepness and linear term",
              .title = "Test accuracy over alpha and beta",
              .caption = "sigma(alpha x) + beta x in every hidden layer; mean over the seeds.",
              .x = {"beta"},
              .y = {"test accuracy", false, "%"}};
  for (const auto& t : trials) {
    if (!proposal(t.spec())) continue;
    const std::string row = "alpha " + number(parameter(t.spec(), 0));
    const int panel = place(grid.panels, count(t.spec().depth, "hidden layer"));
    auto found = std::find_if(grid.series.begin(), grid.series.end(),
                              [&](const Series& s) { return s.label == row && s.panel == panel; });
    if (found == grid.series.end()) found = grid.series.insert(grid.series.end(), {row, "", panel});
    found->marks.push_back({.category = number(parameter(t.spec(), 1)), .y = accuracy(t)});
  }
  Figure lead{.id = "accuracy",
              .kind = Figure::Kind::dots,
              .heading = "Against what it competes with",
              .title = "Test accuracy, the terms taken apart",
              .caption =
                  "Mean and range over the seeds, by depth. improved a, b is sigma(a x) + b x; "
                  "weights × a: a plain sigmoid whose weights start a "
                  "times larger.",
              .x = {"Function"},
              .y = {"test accuracy", false, "%"},
              .rules = {{"guessing", chance(trials.front())}},
              .lead = true};
  Figure gains{.id = "gain",
               .kind = Figure::Kind::dots,
               .heading = "Against what it competes with",
               .title = "Gain of the gradient a layer, before training",
               .caption = "Geometric mean over layers and seeds; 1 keeps the gradient.",
               .x = {"Function"},
               .y = {"gain a layer", true},
               .rules = {{"1", 1.0}}};
  const std::string proposed = "improved 2, 0.1";
  // Of the twelve settings the author's own and the best at each depth.
  std::vector<std::string> chosen = {proposed};
  for (const int depth : depths)
    if (const Trial* found = best(depth, proposal)) place(chosen, name(found->spec()));
  const auto shown = [&](const Trial& t) {
    return !proposal(t.spec()) ||
           std::find(chosen.begin(), chosen.end(), name(t.spec())) != chosen.end();
  };
  for (const int depth : depths) {
    Series a{count(depth, "hidden layer")}, g = a;
    for (const auto& n : names)
      if (const Trial* t = find(n, depth); t && shown(*t)) {
        a.marks.push_back({.category = n, .y = accuracy(*t)});
        if (depth > 1) g.marks.push_back({.category = n, .y = gain(*t)});
      }
    lead.series.push_back(a);
    gains.series.push_back(g);
  }
  reading.figures = {lead, gains, grid};

  reading.key = {.title =
                     "Test accuracy by depth, the gradient's gain a layer and the cost of the "
                     "function against sigmoid's",
                 .head = {"function"}};
  for (const int depth : depths)
    reading.key.head.push_back("accuracy, " + std::to_string(depth) + " layers");
  reading.key.head.insert(reading.key.head.end(), {"gain a layer", "cost, × sigmoid"});
  const Trial* plain = find("sigmoid", deepest);
  for (const auto& n : names) {
    const Trial* deep = find(n, deepest);
    if (!deep || !shown(*deep)) continue;
    std::vector<std::string> row = {n};
    for (const int depth : depths) {
      const Trial* t = find(n, depth);
      row.push_back(t ? percent(accuracy(*t).mid) : "–");
    }
    row.push_back(number(gain(*deep).mid));
    row.push_back(plain ? number(activation_cost(*deep) / activation_cost(*plain), 2) : "–");
    reading.key.rows.push_back(std::move(row));
  }

  // The verdict: at the deepest, against sigmoid and against the best of the rest.
  const Trial* top = best(deepest, proposal);
  const Trial* rival = best(deepest, other);
  // The terms are told apart where the proposal, as its author gave it, still learns.
  int telling = depths.empty() ? 0 : depths.front();
  for (const int depth : depths)
    if (const Trial* t = find(proposed, depth); t && accuracy(*t).mid > 2 * chance(*t))
      telling = depth;
  const Trial* steep = find("improved 2, 0", telling);
  const Trial* linear = find("improved 1, 0.1", telling);
  const Trial* weights = find("sigmoid, weights × 2", telling);
  const Trial* both = find(proposed, telling);
  if (top && plain && rival) {
    const Spread a = accuracy(*top), s = accuracy(*plain), r = accuracy(*rival);
    const bool over_sigmoid = a.mid > s.mid && apart(a, s, test),
               under_rival = r.mid > a.mid && apart(r, a, test);
    const std::string setting = name(top->spec()).substr(9);
    reading.verdict.headline =
        "At its best setting (" + setting + ") the improved sigmoid " +
        (over_sigmoid                         ? "learns more than the sigmoid"
         : s.mid > a.mid && apart(a, s, test) ? "learns less than the sigmoid"
                                              : "cannot be told apart from the sigmoid") +
        (under_rival         ? ", and less than " + rival->activation() + "."
         : apart(r, a, test) ? ", and more than " + rival->activation() + "."
                             : "; it cannot be told apart from " + rival->activation() + ".");
    int settings = 0, guessing = 0;
    for (const auto& t : trials)
      if (proposal(t.spec()) && t.spec().depth == deepest) {
        ++settings;
        if (accuracy(t).high < 2 * chance(t)) ++guessing;
      }
    reading.verdict.text.push_back(
        "Over " + count(deepest, "hidden layer") + " the best of its settings (" +
        name(top->spec()).substr(9) + ") reaches " + percent(a.mid) + " test accuracy, sigmoid " +
        percent(s.mid) + ", " + rival->activation() + " " + percent(r.mid) + "; " +
        std::to_string(guessing) + " of its " + count(settings, "setting") + " stay at guessing.");
  }
  const Trial* sigmoid = find("sigmoid", telling);
  if (both && steep && linear && weights && sigmoid) {
    const auto against = [&](const Trial& t) {
      return percent(accuracy(t).mid) +
             (apart(accuracy(t), accuracy(*both), test) ? "" : " (not told apart)");
    };
    reading.verdict.text.push_back(
        "Its two terms apart, over " + count(telling, "hidden layer") + ", beside " +
        percent(accuracy(*both).mid) + " for both: steepness alone (beta = 0) " + against(*steep) +
        ", the linear term alone (alpha = 1) " + against(*linear) +
        ", a plain sigmoid whose weights start twice as large " + against(*weights) +
        ". Steepness is a matter of the weights: sigma(2 x) is a sigmoid of doubled weights, and "
        "its slope is the larger one only for |x| < 1.06.");
    reading.findings.push_back({.id = "terms",
                                .level = Finding::Level::note,
                                .title = "Which of the two terms does it",
                                .text =
                                    "The linear term keeps a slope of at least beta everywhere, a "
                                    "floor of beta a layer; the steepness raises the middle and "
                                    "lowers both sides.",
                                .evidence = {{"gain a layer, both terms", number(gain(*both).mid)},
                                             {"steepness alone", number(gain(*steep).mid)},
                                             {"linear term alone", number(gain(*linear).mid)},
                                             {"sigmoid, weights × 2", number(gain(*weights).mid)},
                                             {"sigmoid", number(gain(*sigmoid).mid)}},
                                .figure = "gain"});
  }
  if (top) {
    const std::string alpha = number(parameter(top->spec(), 0));
    const Trial* alone = find("improved " + alpha + ", 0", deepest);
    const Trial* larger = find("sigmoid, weights × " + alpha, deepest);
    const auto beside = [&](const Trial& t) {
      return share_text(accuracy(t)) +
             (apart(accuracy(t), accuracy(*top), test) ? "" : " (not told apart)");
    };
    if (alone && larger)
      reading.verdict.text.push_back("Over " + count(deepest, "hidden layer") +
                                     " the same question for its best steepness, alpha = " + alpha +
                                     ": without the linear term " + beside(*alone) +
                                     ", a plain sigmoid with weights " + alpha +
                                     " times as large " + beside(*larger) + ", beside " +
                                     percent(accuracy(*top).mid) + " for both terms.");
  }
  reading.verdict.text.push_back(
      "Behind the design stands a wish that no function can grant: a monotone function from 0 to 1 "
      "has a slope that integrates to 1, so the slope "
      "cannot be bounded from below. At the output keep the sigmoid and give it cross-entropy on "
      "logits, where the error p - y does not vanish; in the "
      "hidden layers choose function and initialisation for the gradient. The improved sigmoid has "
      "its floor because it leaves (0,1).");
  if (const Trial* learned = find("improved, learned", telling)) {
    std::vector<double> alphas, betas;
    for (const auto* r : learned->runs)
      for (int layer = 1; layer <= r->spec.depth; ++layer) {
        alphas.push_back(at_end(*r, "learned_alpha", layer));
        betas.push_back(at_end(*r, "learned_beta", layer));
      }
    const Spread a = arithmetic_spread(alphas), b = arithmetic_spread(betas);
    reading.findings.push_back(
        {.id = "learned",
         .level = Finding::Level::note,
         .title = "Where training takes alpha and beta",
         .text =
             "One of each a layer, from 2 and 0.1 and within the bounds of their author, over " +
             count(telling, "hidden layer") + " and all seeds.",
         .evidence = {{"alpha", number_text(a)},
                      {"beta", number_text(b)},
                      {"test accuracy", share_text(accuracy(*learned))}},
         .figure = "accuracy"});
  }
  const Trial *algebraic = find("algebraic_sigmoid", telling),
              *arctan = find("arctan_sigmoid", telling);
  if (algebraic && arctan && sigmoid)
    reading.findings.push_back(
        {.id = "tails",
         .level = Finding::Level::note,
         .title = "Heavier tails inside (0,1)",
         .text = "Tails that die as a power of x instead of exponentially help single units far "
                 "out; what a wide layer passes on is the mean square of the slope, its bulk. "
                 "algebraic_sigmoid is twice as steep at 0, which is no matter of tails.",
         .evidence = {{"sigmoid, " + count(telling, "hidden layer"),
                       percent(accuracy(*sigmoid).mid)},
                      {"algebraic_sigmoid", share_text(accuracy(*algebraic))},
                      {"arctan_sigmoid", percent(accuracy(*arctan).mid)}},
         .figure = "accuracy"});

  TextTable outside{.id = "outside",
                    .title = "How often sigma(alpha x) + beta x is no probability",
                    .note =
                        "Share of standard normal inputs at which its value lies outside (0,1), "
                        "and the inputs beyond which it does.",
                    .head = {"alpha, beta", "outside (0,1)", "beyond |x|"}};
  for (const auto& t : trials)
    if (proposal(t.spec()) && t.spec().depth == deepest) {
      const double x = leaves_at(Activation(t.spec().activation));
      outside.rows.push_back(
          {number(parameter(t.spec(), 0)) + ", " + number(parameter(t.spec(), 1)),
           percent(std::erfc(-x / std::sqrt(2.0))), number(-x, 4)});
    }
  reading.tables.push_back(outside);

  const auto credit = material.trials([](const lab::RunSpec& s) { return s.data == "credit"; });
  if (!credit.empty()) {
    TextTable table{.id = "credit",
                    .title = "As the output of a credit score",
                    .note =
                        "German credit, test part, mean over the seeds. Cross-entropy cannot be "
                        "used on the improved sigmoid's value, for the logarithm of a number "
                        "below 0 does not exist; its log loss is infinite as soon as one example "
                        "lies outside (0,1). Clipped: cut to [1e-7, 1 - 1e-7] first. Calibration "
                        "error: of the likelier class (top) and of class good (positive).",
                    .head = {"network", "accuracy", "log loss", "log loss, clipped", "Brier score",
                             "calibration error, top", "calibration error, positive",
                             "outside (0,1)", "by how much"}};
    for (const auto& t : credit) {
      const auto outside_count = over(t, score("outside_count"));
      bool infinite = false;
      for (const auto* r : t.runs) infinite |= std::isinf(at_end(*r, "log_loss"));
      const double by = over(t, score("outside_size")).mid;
      table.rows.push_back(
          {output_name(t.spec()), percent(accuracy(t).mid),
           infinite ? "infinite" : number(over(t, score("log_loss")).mid),
           number(over(t, score("log_loss_clipped")).mid), number(over(t, score("brier")).mid),
           percent(over(t, score("ece")).mid), percent(over(t, score("ece_positive")).mid),
           outside_count.known()
               ? number(outside_count.mid) + " of " + std::to_string(test_examples(*t.runs.front()))
               : "0",
           number(by)});
    }
    reading.tables.push_back(table);
    reading.findings.push_back(
        {.id = "output",
         .level = Finding::Level::problem,
         .title = "At an output it is no probability",
         .text = "It is monotone, so it ranks; but its range is the whole line. At alpha 2 and "
                 "beta 0.1 " +
                 percent(std::erfc(-leaves_at(Activation("improved_sigmoid")) / std::sqrt(2.0))) +
                 " of standard normal inputs lie outside (0,1).",
         .remedy = "Use it in hidden layers if at all, with a sigmoid and cross-entropy on top.",
         .figure = "credit"});
  }
  return reading;
}

}  // namespace gradkeep::report::readings
