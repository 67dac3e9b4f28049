// spectrum: weights of equal Frobenius norm, different singular values. A product of matrices
// stretches some directions and squeezes others; the spread of the singular values says how unequal
// a layer is, and depth raises it to a power. The eigenvalues of one layer say nothing of this: a
// triangular matrix can have equal eigenvalues and any singular values.
// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include "report/parts.h"

namespace gradkeep::report::readings {
namespace {

constexpr double kGoal = 0.5;

Number first_layers(const std::string& probe) {
  // Of a square layer: the first one takes the data.
  return [probe](const lab::Run& r) { return at_start(r, probe, 2); };
}
Number of_network(const std::string& probe) {
  return [probe](const lab::Run& r) { return at_start(r, probe); };
}
Spread steps(const Trial& t) { return steps_over(t, kGoal); }

std::string weights_name(const Trial& t) {
  const std::string& text = t.spec().initialiser;
  if (text == "plain") return "Gaussian";
  if (text.starts_with("log_normal")) return "log-normal " + text.substr(11, text.size() - 12);
  if (text.starts_with("triangular")) return "triangular " + text.substr(11, text.size() - 12);
  if (text.starts_with("orthogonal(")) return "orthogonal × " + number(std::stod(text.substr(11)));
  return text;
}

std::string stack_name(const Trial& t) {
  return t.activation() + ", " + count(t.spec().depth, "layer");
}

Figure dots(const std::string& id, const std::string& title, const std::string& caption, Scale y,
            const std::vector<Trial>& trials, const std::function<Spread(const Trial&)>& value) {
  Figure figure{.id = id,
                .kind = Figure::Kind::dots,
                .heading = "What the spectrum does",
                .title = title,
                .caption = caption,
                .x = {"Weights"},
                .y = std::move(y)};
  std::vector<std::string> stacks;
  for (const auto& t : trials) {
    const int i = place(stacks, stack_name(t));
    if (i == static_cast<int>(figure.series.size())) figure.series.push_back({stack_name(t)});
    figure.series[static_cast<std::size_t>(i)].marks.push_back(
        {.category = weights_name(t), .y = value(t)});
  }
  return figure;
}

}  // namespace

Reading spectrum(const Material& material) {
  const auto trials = material.trials();
  Reading reading;
  int deepest = 0;
  std::string curved;  // a function that is not linear, for the table
  for (const auto& t : trials) {
    deepest = std::max(deepest, t.spec().depth);
    if (t.activation() != "identity") curved = t.activation();
  }

  Figure eigen{.id = "eigen",
               .kind = Figure::Kind::dots,
               .heading = "What the spectrum does",
               .title = "Eigenvalues and singular values of one layer",
               .caption =
                   "Of a hidden layer's square weight matrix at the start. All have one Frobenius "
                   "norm, so that "
                   "the root mean square of the singular values is 1.",
               .x = {"Weights"},
               .y = {"size", true},
               .lead = true};
  Series radius{"largest eigenvalue (absolute)"}, norm{"largest singular value"},
      least{"smallest singular value"};
  std::vector<std::string> seen;
  for (const auto& t : trials) {
    if (t.spec().depth != deepest || t.activation() != (curved.empty() ? "identity" : curved))
      continue;
    const auto smallest = [](const lab::Run& r) {
      return at_start(r, "weight_norm", 2) / at_start(r, "weight_condition", 2);
    };
    radius.marks.push_back(
        {.category = weights_name(t), .y = over_geometric(t, first_layers("weight_radius"))});
    norm.marks.push_back(
        {.category = weights_name(t), .y = over_geometric(t, first_layers("weight_norm"))});
    least.marks.push_back({.category = weights_name(t), .y = over_geometric(t, smallest)});
  }
  eigen.series = {norm, radius, least};
  reading.figures = {
      eigen,
      dots("gain", "Gain of the Jacobian",
           "Root mean square of the singular values of the Jacobian between first and last "
           "hidden layer, before training, geometric mean over examples and seeds.",
           {"gain", true}, trials,
           [](const Trial& t) { return over_geometric(t, of_network("jacobian_gain")); }),
      dots("condition", "Condition of the Jacobian",
           "Largest over smallest singular value: how many times louder the "
           "loudest direction comes through than the faintest.",
           {"condition", true}, trials,
           [](const Trial& t) { return over_geometric(t, of_network("jacobian_condition")); }),
      dots("steps", "Steps to a training loss of " + number(kGoal),
           "A row without a dot did not get there.", {"steps", true}, trials, steps)};

  const std::string where = count(deepest, "layer");
  reading.key = {
      .title = "Layers of equal size, " + where +
               " of them: spectrum, Jacobian, steps to a training loss of " + number(kGoal),
      .head = {"weights", "largest eigenvalue", "largest singular value", "condition of a layer"}};
  std::vector<std::string> functions;
  for (const auto& t : trials) place(functions, t.activation());
  for (const auto& f : functions) reading.key.head.push_back("condition of the Jacobian, " + f);
  for (const auto& f : functions) reading.key.head.push_back("steps, " + f);

  std::vector<std::string> weights;
  for (const auto& t : trials) place(weights, weights_name(t));
  const auto find = [&](const std::string& w, const std::string& f, int depth) -> const Trial* {
    for (const auto& t : trials)
      if (weights_name(t) == w && t.activation() == f && t.spec().depth == depth) return &t;
    return nullptr;
  };
  for (const auto& w : weights) {
    const Trial* any = find(w, functions.back(), deepest);
    if (!any) continue;
    std::vector<std::string> row = {
        w, number(over_geometric(*any, first_layers("weight_radius")).mid),
        number(over_geometric(*any, first_layers("weight_norm")).mid),
        number(over_geometric(*any, first_layers("weight_condition")).mid)};
    for (const auto& f : functions) {
      const Trial* t = find(w, f, deepest);
      row.push_back(t ? number(over_geometric(*t, of_network("jacobian_condition")).mid) : "–");
    }
    for (const auto& f : functions) {
      const Trial* t = find(w, f, deepest);
      row.push_back(t ? steps_text(steps(*t)) : "–");
    }
    reading.key.rows.push_back(std::move(row));
  }

  // Two pairs: equal Frobenius norm (orthogonal and the widest triangular), and equal eigenvalues
  // (that triangular and a shrunken orthogonal).
  const std::string& f = functions.back();
  const Trial *even = find("orthogonal", f, deepest), *uneven = nullptr, *twin = nullptr;
  for (const auto& t : trials)
    if (t.activation() == f && t.spec().depth == deepest) {
      if (weights_name(t).starts_with("triangular")) uneven = &t;
      if (weights_name(t).starts_with("orthogonal ×")) twin = &t;
    }
  const auto radius_of = [](const Trial& t) {
    return number(over_geometric(t, first_layers("weight_radius")).mid);
  };
  const auto gain_of = [](const Trial& t) {
    return over_geometric(t, of_network("jacobian_gain"));
  };
  const auto condition_text = [](const Trial& t) {
    const Spread s = over_geometric(t, of_network("jacobian_condition"));
    return s.known() ? number(s.mid, 2) + " times its faintest"
                     : "more times its faintest than float64 can tell";
  };
  reading.verdict.headline = "Singular values shape the Jacobian; eigenvalues do not tell of it.";
  if (uneven && twin) {
    reading.verdict.text.push_back(weights_name(*uneven) + " and " + weights_name(*twin) +
                                   " have the same eigenvalues, all of size " + radius_of(*twin) +
                                   ". Over " + where + " with " + f + " one passes back " +
                                   number(gain_of(*uneven).mid, 2) +
                                   " of a gradient and the other " + number(gain_of(*twin).mid, 2) +
                                   ": what they do not share are the singular values.");
    reading.findings.push_back(
        {.id = "triangular",
         .level = Finding::Level::problem,
         .title = "Equal eigenvalues, unequal stretching",
         .text = "A gradient goes back through transposed matrices, one after the other. What it "
                 "loses or gains is the length of the "
                 "product, and lengths are the singular values' business.",
         .evidence = {{"largest eigenvalue, " + weights_name(*twin), radius_of(*twin)},
                      {"largest eigenvalue, " + weights_name(*uneven), radius_of(*uneven)},
                      {"gain of the Jacobian, " + weights_name(*twin), number(gain_of(*twin).mid)},
                      {"gain of the Jacobian, " + weights_name(*uneven),
                       number(gain_of(*uneven).mid)}},
         .figure = "eigen"});
  }
  if (even && uneven)
    reading.verdict.text.push_back(
        "At one Frobenius norm the spread of the singular values decides how unevenly a net passes "
        "directions on: over " +
        where + " with " + f + " the Jacobian's loudest direction is " + condition_text(*even) +
        " with orthogonal weights, " + condition_text(*uneven) + " with " + weights_name(*uneven) +
        " weights.");
  // Whether that costs steps is another question, and its answer differs by function.
  std::vector<std::string> answers;
  for (const auto& each : functions) {
    const Trial *q = find("orthogonal", each, deepest), *g = find("Gaussian", each, deepest);
    if (!q || !g) continue;
    const Spread a = steps(*q), b = steps(*g);
    answers.push_back("with " + each + " orthogonal weights " +
                      (smaller(a, b)   ? "save steps against Gaussian ones"
                       : smaller(b, a) ? "cost steps against Gaussian ones"
                                       : "cannot be told apart from Gaussian ones") +
                      " (" + steps_text(a) + " against " + steps_text(b) + ")");
  }
  if (!answers.empty())
    reading.verdict.text.push_back("Steps to a training loss of " + number(kGoal) + " over " +
                                   where +
                                   ", each at its own best learning rate: " + join(answers) + ".");
  if (const Trial* gaussian = find("Gaussian", f, deepest); even && gaussian)
    reading.findings.push_back(
        {.id = "orthogonal",
         .level =
             smaller(steps(*even), steps(*gaussian)) ? Finding::Level::cure : Finding::Level::note,
         .title = "Orthogonal weights keep the Jacobian even",
         .text = "Gaussian weights of the same size have singular values from near 0 to near 2, "
                 "and a product of many of them is dominated by few directions.",
         .evidence = {{"gain of the Jacobian, orthogonal", number(gain_of(*even).mid)},
                      {"gain of the Jacobian, Gaussian", number(gain_of(*gaussian).mid)}},
         .remedy = "initialiser = \"orthogonal\"",
         .figure = "condition"});
  return reading;
}

}  // namespace gradkeep::report::readings
