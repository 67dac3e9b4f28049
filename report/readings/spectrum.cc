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
Spread steps(const Trial& t) {
  return over(t, [](const lab::Run& r) { return steps_to(r, kGoal); });
}

std::string weights_name(const Trial& t) {
  const std::string& text = t.spec().initialiser;
  if (text == "plain") return "Gaussian";
  if (text.starts_with("log_normal")) return "log-normal " + text.substr(11, text.size() - 12);
  if (text.starts_with("triangular")) return "triangular " + text.substr(11, text.size() - 12);
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

  // Eigenvalues against singular values: orthogonal and triangular weights have the first equal.
  const Trial* even = find("orthogonal", functions.back(), deepest);
  const Trial* uneven = nullptr;
  for (const auto& t : trials)
    if (weights_name(t).starts_with("triangular") && t.activation() == functions.back() &&
        t.spec().depth == deepest)
      uneven = &t;
  reading.verdict.headline = "Singular values decide, not eigenvalues.";
  if (even && uneven) {
    const Spread a = steps(*even), b = steps(*uneven);
    const auto condition = [](const Trial& t) {
      return over_geometric(t, of_network("jacobian_condition"));
    };
    if (!smaller(a, b))
      reading.verdict.headline =
          "Singular values shape the Jacobian, eigenvalues do not; the steps here do not tell them "
          "apart.";
    reading.verdict.text.push_back(
        "In an orthogonal and in a triangular matrix all eigenvalues have one size; by them the "
        "two could not be told apart. Their "
        "singular values can: over " +
        where + " with " + functions.back() + " the Jacobian's loudest direction is " +
        number(condition(*even).mid, 2) + " times its faintest with orthogonal weights and " +
        number(condition(*uneven).mid, 2) + " times with triangular ones, and a training loss of " +
        number(kGoal) + " takes " + steps_text(a) + (a.known() ? " steps" : "") + " against " +
        steps_text(b) + (b.known() ? " steps." : "."));
    reading.findings.push_back(
        {.id = "triangular",
         .level = Finding::Level::problem,
         .title = "Equal eigenvalues, unequal stretching",
         .text = "A gradient goes back through transposed matrices, one after the other. What it "
                 "loses or gains is the "
                 "length of the product, and lengths are the singular values' business.",
         .evidence = {{"largest eigenvalue, orthogonal",
                       number(over_geometric(*even, first_layers("weight_radius")).mid)},
                      {"largest eigenvalue, triangular",
                       number(over_geometric(*uneven, first_layers("weight_radius")).mid)},
                      {"condition of a layer, orthogonal",
                       number(over_geometric(*even, first_layers("weight_condition")).mid)},
                      {"condition of a layer, triangular",
                       number(over_geometric(*uneven, first_layers("weight_condition")).mid)}},
         .figure = "eigen"});
  }
  const Trial* gaussian = find("Gaussian", functions.back(), deepest);
  if (even && gaussian) {
    const Spread a = steps(*even), b = steps(*gaussian);
    const bool pays = smaller(a, b);
    reading.verdict.text.push_back(
        std::string("Orthogonal weights, whose singular values are all 1, ") +
        (pays ? "save steps against Gaussian ones: "
              : "do not save steps against Gaussian ones that the seeds can tell: ") +
        steps_text(a) + " against " + steps_text(b) + ".");
    reading.findings.push_back(
        {.id = "orthogonal",
         .level = pays ? Finding::Level::cure : Finding::Level::note,
         .title =
             pays ? "Orthogonal weights save steps" : "Orthogonal weights keep the Jacobian even",
         .text = "Gaussian weights of the same size have singular values from near 0 to near 2, "
                 "and a product of many "
                 "of them is dominated by few directions.",
         .evidence = {{"gain of the Jacobian, orthogonal",
                       number(over_geometric(*even, of_network("jacobian_gain")).mid)},
                      {"gain of the Jacobian, Gaussian",
                       number(over_geometric(*gaussian, of_network("jacobian_gain")).mid)}},
         .remedy = "initialiser = \"orthogonal\"",
         .figure = "condition"});
  }
  return reading;
}

}  // namespace gradkeep::report::readings
