// inside: what every layer still knows of the examples, how many directions it uses, how far it moves
// and whether the examples' gradients agree, look by look. A network that does not learn shows where
// it loses what: the gradient on the way back, the examples on the way forward.
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>

#include "report/parts.h"

namespace gradkeep::report::readings {
namespace {

constexpr double kGoal = 0.5;
constexpr int kBins = 32, kMerged = 2;  // of the probe's bins, two make a row of the picture

std::string name_of(const Trial& t) {
  const auto& s = t.spec();
  return t.activation() +
         (s.normalisation == "none" ? "" : ", " + s.normalisation + " normalisation") +
         (s.residual == "none" ? "" : ", skips");
}

Number at_layer(const std::string& probe, int layer, bool end) {
  return
      [=](const lab::Run& r) { return end ? at_end(r, probe, layer) : at_start(r, probe, layer); };
}

// A probe at the hidden layers of every network, at the start and at the end side by side.
Figure by_layer(const std::vector<Trial>& trials, const std::string& probe, Figure figure) {
  figure.kind = Figure::Kind::lines;
  figure.heading = "Layer by layer";
  figure.x = {"layer, from the input"};
  figure.panels = {"before training", "after"};
  for (const bool end : {false, true})
    for (const auto& t : trials)
      figure.series.push_back(profile(name_of(t), t.activation(), end, t, probe, end));
  return figure;
}

// A number of the whole network (layer 0) over the steps.
Figure over_time(const std::vector<Trial>& trials, const std::string& probe, Figure figure) {
  figure.kind = Figure::Kind::lines;
  figure.heading = "While it learns";
  figure.x = {"step", true};
  for (const auto& t : trials) {
    Series series{name_of(t), t.activation()};
    for (const int step : sampled_steps(*t.runs.front(), probe))
      series.marks.push_back({.x = static_cast<double>(step), .y = over(t, [&](const lab::Run& r) {
                                                                return at_step(r, probe, 0, step);
                                                              })});
    figure.series.push_back(std::move(series));
  }
  return figure;
}

// Where the outputs of the last hidden layer lie, one column for each look; of the first seed, since
// the bins of a function without limits differ between runs.
Figure outputs_over_time(const Trial& trial, int number_of_figure) {
  const lab::Run& run = *trial.runs.front();
  const int layer = run.spec.depth;
  Figure figure{.id = "outputs-" + std::to_string(number_of_figure),
                .kind = Figure::Kind::heat,
                .heading = "Where the outputs lie",
                .title = "Outputs of the last hidden layer: " + name_of(trial),
                .caption =
                    "Share of the outputs by their value (rows) at each look (columns), first "
                    "seed. The rows span the range of the function; where it has no end, one "
                    "and a half times what the first look saw.",
                .x = {"step"},
                .y = {.label = "share", .unit = "%"}};
  const double left = at_start(run, "histogram_left", layer),
               right = at_start(run, "histogram_right", layer);
  const int rows = kBins / kMerged;
  for (int row = rows - 1; row >= 0; --row) {
    Series series{number(left + (right - left) * (row + 0.5) / rows, 2)};
    for (const int step : sampled_steps(run, "histogram_left")) {
      double share = 0;
      for (int bin = row * kMerged; bin < (row + 1) * kMerged; ++bin)
        share += at_step(run, "histogram_" + std::string(bin < 10 ? "0" : "") + std::to_string(bin),
                         layer, step);
      series.marks.push_back({.category = std::to_string(step), .y = {share, share, share}});
    }
    figure.series.push_back(std::move(series));
  }
  return figure;
}

}  // namespace

Reading inside(const Material& material) {
  const auto trials = material.trials();
  Reading reading;
  const auto accuracy = [](const Trial& t) { return over(t, test_accuracy); };
  const auto depth_of = [](const Trial& t) { return t.spec().depth; };
  const auto known = [&](const Trial& t, int layer, bool end) {
    return over(t, at_layer("readout", layer, end));
  };

  Figure readout = by_layer(
      trials, "readout",
      {.id = "readout",
       .title = "What a linear read-out can still tell",
       .caption = "Accuracy, on the test examples, of a linear read-out trained on one layer's "
                  "outputs alone. Where it falls before training, the signal is lost on its way "
                  "forward, whatever the gradient does.",
       .y = {.label = "accuracy of a read-out", .unit = "%"},
       .lead = true});
  readout.rules = {{"guessing", material.account().chance}};
  reading.figures = {
      std::move(readout),
      by_layer(
          trials, "effective_rank",
          {.id = "rank",
           .title = "How many directions a layer uses",
           .caption = "Effective rank of the outputs over the examples: the exponential of the "
                      "entropy of the normalised singular values, 1 to the number of units.",
           .y = {"effective rank", true}}),
      by_layer(
          trials, "update_ratio",
          {.id = "update",
           .title = "How far a step moves a layer",
           .caption = "Norm of the latest update over the norm of the weights; 0.001 is a rule "
                      "of thumb. A layer that no gradient reaches does not move.",
           .y = {"update over weights", true}}),
      over_time(
          trials, "gradient_confusion_mean",
          {.id = "confusion",
           .title = "Do the examples' gradients agree?",
           .caption = "Mean cosine between the gradients of two examples, all weights "
                      "together. At 0 they have nothing in common. Batch normalisation ties the "
                      "examples together, so that none has a gradient of its own.",
           .y = {"mean cosine"}}),
      over_time(
          trials, "gradient_noise",
          {.id = "noise",
           .title = "How noisy is a gradient?",
           .caption = "Variance of an example's gradient over the squared mean gradient: about "
                      "the size of a mini-batch from which larger ones bring little (McCandlish "
                      "et al. 2018).",
           .y = {"noise scale", true}}),
      over_time(trials, "zig_zag",
                {.id = "zig-zag",
                 .title = "How straight do the weights walk?",
                 .caption = "Mean cosine between an update of the weights and the next: 1 straight "
                            "ahead, below 0 to and fro. Momentum carries on.",
                 .y = {"mean cosine"}})};
  for (std::size_t i = 0; i < trials.size(); ++i)
    reading.figures.push_back(outputs_over_time(trials[i], static_cast<int>(i) + 1));

  reading.key = {.title = "What the layers know, and what comes of it",
                 .head = {"network", "test accuracy", "read-out, layer 1", "read-out last, start",
                          "read-out last, end", "effective rank last, start",
                          "effective rank last, end", "steps to loss, " + number(kGoal)}};
  const Trial *worst = nullptr, *best = nullptr;
  for (const auto& t : trials) {
    const int last = depth_of(t);
    reading.key.rows.push_back({name_of(t), percent(accuracy(t).mid),
                                percent(known(t, 1, false).mid), percent(known(t, last, false).mid),
                                percent(known(t, last, true).mid),
                                number(over(t, at_layer("effective_rank", last, false)).mid, 2),
                                number(over(t, at_layer("effective_rank", last, true)).mid, 2),
                                steps_text(steps_over(t, kGoal))});
    if (!worst || accuracy(t).mid < accuracy(*worst).mid) worst = &t;
    if (!best || accuracy(t).mid > accuracy(*best).mid) best = &t;
  }

  const int last = depth_of(*worst);
  const bool failed = apart(accuracy(*worst), accuracy(*best), material.test_examples()) &&
                      accuracy(*worst).mid < 0.5 * (1 + material.account().chance);
  const Spread near = known(*worst, 1, false), far = known(*worst, last, false);
  if (!failed) {
    reading.verdict.headline = "Every network learned.";
  } else {
    reading.verdict.headline =
        "The " + count(last, "layer") + " of " + name_of(*worst) + " lose the examples themselves.";
    reading.verdict.text.push_back(
        "Before training a linear read-out of its layer 1 gets " + percent(near.mid) +
        " of the test examples right, one of layer " + std::to_string(last) + " " +
        percent(far.mid) + "; trained, the network gets " + percent(accuracy(*worst).mid) + ".");
    reading.findings.push_back(
        {.id = "forward",
         .level = Finding::Level::problem,
         .title = "The signal is lost on its way forward",
         .text = "In " + name_of(*worst) +
                 " every layer makes the examples more alike, until what tells them apart is as "
                 "small as the rounding of the numbers. No gradient, however well it is kept, can "
                 "teach the output to tell apart what the last layer does not.",
         .evidence = {{"read-out of layer 1", percent(near.mid)},
                      {"of layer " + std::to_string(last), percent(far.mid)},
                      {"likeness of two examples there",
                       number(over(*worst, at_layer("similarity", last, false)).mid, 7)}},
         .figure = "readout"});
    const Spread first_update = over(*worst, at_layer("update_ratio", 1, true)),
                 last_update = over(*worst, at_layer("update_ratio", last, true));
    reading.findings.push_back(
        {.id = "still",
         .level = Finding::Level::problem,
         .title = "Its first layers stand still",
         .text = "What a step moves a layer by follows the gradient that reaches it.",
         .evidence = {{"update over weights, layer 1", number(first_update.mid)},
                      {"layer " + std::to_string(last), number(last_update.mid)}},
         .figure = "update"});
  }
  for (const auto& t : trials) {
    if (!failed || t.activation() != worst->activation() || &t == worst) continue;
    if (!apart(accuracy(t), accuracy(*worst), material.test_examples())) continue;
    const Spread before = known(t, depth_of(t), false), after = known(t, depth_of(t), true);
    std::string id = "cure-" + t.spec().normalisation + "-" + t.spec().residual;
    reading.findings.push_back(
        {.id = std::move(id),
         .level = Finding::Level::cure,
         .title = name_of(t) + " learns: " + percent(accuracy(t).mid),
         .text = "A read-out of its last hidden layer gets " + percent(before.mid) +
                 " right before training and " + percent(after.mid) + " after." +
                 (before.mid < 0.5 ? " Here training itself had to bring the examples through: the "
                                     "gradient was kept, the signal was not."
                                   : ""),
         .evidence = {{"read-out, before", percent(before.mid)}, {"after", percent(after.mid)}},
         .figure = "readout"});
  }
  if (best)
    reading.verdict.text.push_back(
        "Best is " + name_of(*best) + " with " + percent(accuracy(*best).mid) +
        ": there a read-out of the last hidden layer gets " +
        percent(known(*best, depth_of(*best), false).mid) + " right before training and " +
        percent(known(*best, depth_of(*best), true).mid) + " after.");
  return reading;
}

}  // namespace gradkeep::report::readings
