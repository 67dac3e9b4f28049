// similar-inputs: what repeating examples does, and what drawing them together does. Repetition
// shows the same images in another order; correlation moves every input towards one common point,
// so that the units of a layer tell the examples apart less and less.
// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include "report/parts.h"

namespace gradkeep::report::readings {
namespace {

constexpr double kGoal = 0.5;

Spread steps(const Trial& t) { return steps_over(t, kGoal); }
Spread saturation(const Trial& t, bool end) {
  return over(t, [end](const lab::Run& r) {
    return hidden_mean(r, "saturated", end ? sampled_steps(r).back() : sampled_steps(r).front());
  });
}
Spread last_similarity(const Trial& t) {
  return over(t, [](const lab::Run& r) { return at_start(r, "similarity", r.spec.depth); });
}

// One value against repetition, or against correlation, for each function.
Series along(const std::vector<Trial>& trials, const std::string& activation, int panel,
             const std::function<double(const Trial&)>& x,
             const std::function<Spread(const Trial&)>& y) {
  Series series{activation, activation, panel};
  for (const auto& t : trials)
    if (t.activation() == activation) series.marks.push_back({.x = x(t), .y = y(t)});
  return series;
}

}  // namespace

Reading similar_inputs(const Material& material) {
  const auto repeated = material.trials([](const lab::RunSpec& s) { return s.correlation == 0; });
  const auto together = material.trials([](const lab::RunSpec& s) { return s.repeat == 1; });
  std::vector<std::string> functions;
  for (const auto& t : material.trials()) place(functions, t.activation());

  const auto repetition = [](const Trial& t) { return static_cast<double>(t.spec().repeat); };
  // 1 - correlation on a logarithmic axis: 1, 0.5, 0.1, ... 0.001.
  const auto distance = [](const Trial& t) { return 1 - t.spec().correlation; };

  Reading reading;
  // What repetition does beside what correlation does, of one number.
  const auto pair = [&](const std::string& id, const std::string& heading, const std::string& title,
                        const std::string& caption, const Scale& y,
                        const std::function<Spread(const Trial&)>& value) {
    Figure first{.id = id + "-repeated",
                 .heading = heading,
                 .title = title + ": every image k times",
                 .caption = caption,
                 .x = {"k", true},
                 .y = y};
    Figure second{.id = id,
                  .heading = heading,
                  .title = title + ": inputs drawn together",
                  .caption = caption,
                  .x = {"1 - correlation", true},
                  .y = y};
    for (const auto& f : functions) {
      first.series.push_back(along(repeated, f, 0, repetition, value));
      second.series.push_back(along(together, f, 0, distance, value));
    }
    reading.figures.push_back(second);
    reading.figures.push_back(first);
  };
  pair("steps", "What it costs", "Steps to a training loss of " + number(kGoal),
       "Mean and range over the seeds, each point at the learning rate that validation data chose "
       "for it. Missing: not reached.",
       {"steps", true}, steps);
  reading.figures.front().lead = true;
  pair("saturated", "What the units do", "Saturated share after training",
       "Mean over the hidden layers: share of pre-activations where the slope is under 1 % of its "
       "maximum on the way to a limit.",
       {"saturated", false, "%"}, [](const Trial& t) { return saturation(t, true); });
  Figure layers{.id = "similarity",
                .heading = "What the units do",
                .title = "How alike two examples look, layer by layer",
                .caption =
                    "Mean cosine between the pre-activations of two examples before training: at 1 "
                    "the layer cannot tell them apart.",
                .x = {"hidden layer"},
                .y = {"mean cosine"},
                .panels = functions};
  for (const auto& t : together)
    layers.series.push_back(profile("correlation " + number(t.spec().correlation), "",
                                    place(layers.panels, t.activation()), t, "similarity", false));
  reading.figures.push_back(layers);

  reading.key = {.title = "Repetition and correlation: steps to a training loss of " +
                          number(kGoal) + ", saturated share after training",
                 .head = {"function", "steps, once", "steps, most repeated", "saturated, once",
                          "saturated, most repeated", "steps, most alike", "saturated, most alike",
                          "cosine, most alike"}};
  std::vector<std::string> changed_by_repetition, compared, other_rate, changed_by_likeness, filled;
  double slowest = 1;
  std::string slowest_name;
  for (const auto& f : functions) {
    const Trial *once = nullptr, *often = nullptr, *alike = nullptr;
    for (const auto& t : repeated)
      if (t.activation() == f) {
        if (!once || t.spec().repeat < once->spec().repeat) once = &t;
        if (!often || t.spec().repeat > often->spec().repeat) often = &t;
      }
    for (const auto& t : together)
      if (t.activation() == f && (!alike || t.spec().correlation > alike->spec().correlation))
        alike = &t;
    if (!once || !often || !alike) continue;
    reading.key.rows.push_back({f, steps_text(steps(*once)), steps_text(steps(*often)),
                                percent(saturation(*once, true).mid),
                                percent(saturation(*often, true).mid), steps_text(steps(*alike)),
                                percent(saturation(*alike, true).mid),
                                number(last_similarity(*alike).mid)});
    const Spread a = steps(*once), b = steps(*often), c = steps(*alike);
    if (once->spec().learning_rate != often->spec().learning_rate)
      other_rate.push_back(f);
    else
      compared.push_back(f);
    if (once->spec().learning_rate == often->spec().learning_rate &&
        (apart(a, b) || apart(saturation(*once, true), saturation(*often, true))))
      changed_by_repetition.push_back(f + " (" + steps_text(a) + " → " + steps_text(b) + ")");
    if (smaller(a, c))
      changed_by_likeness.push_back(f + " (" + steps_text(a) + " → " + steps_text(c) + ")");
    if (apart(saturation(*once, true), saturation(*alike, true)))
      filled.push_back(f + " (" + percent(saturation(*once, true).mid) + " to " +
                       percent(saturation(*alike, true).mid) + ")");
    if (a.known() && c.known() && c.mid / a.mid > slowest) {
      slowest = c.mid / a.mid;
      slowest_name = f;
    }
  }

  reading.verdict.headline =
      (compared.empty()
           ? std::string("Duplicates: every learning rate differs, so nothing compares")
       : changed_by_repetition.empty()
           ? std::string("Duplicates change nothing that the seeds can tell")
           : "Duplicates change " + join(changed_by_repetition)) +
      (changed_by_likeness.empty() ? "; correlation between inputs costs no steps here."
                                   : "; inputs that resemble each other do slow training down.");
  reading.verdict.text.push_back(
      "At an equal number of steps a repeated image is only an image that comes round more often: "
      "the network sees "
      "the same distribution, so its units sit where they sat. " +
      (changed_by_repetition.empty()
           ? std::string("Neither the steps to the goal nor the saturated share moves beyond the "
                         "spread of the seeds.")
           : "Beyond the spread of the seeds it moves " + join(changed_by_repetition) + ".") +
      (other_rate.empty() ? ""
                          : " (For " + join(other_rate) +
                                " the validation part happened to choose another learning rate, so "
                                "its steps do not compare.)"));
  reading.verdict.text.push_back(
      "Inputs drawn together share a common part that tells no example from another. " +
      (changed_by_likeness.empty()
           ? std::string("No function needs more steps for it beyond the spread of the seeds.")
           : "More steps are needed by " + join(changed_by_likeness) + ".") +
      (filled.empty()
           ? std::string(" The saturated share does not move beyond the spread of the seeds.")
           : " From the inputs as they come to the most alike the saturated share goes: " +
                 join(filled) + "."));
  if (slowest > 1)
    reading.findings.push_back({.id = "correlation",
                                .level = Finding::Level::problem,
                                .title = "Alike inputs cost steps: " + number(slowest, 2) +
                                         " times as many for " + slowest_name,
                                .text = "What separates the examples is a small part of each "
                                        "input, and the first layer has to enlarge "
                                        "it before the others can see it. The common part is a "
                                        "constant that a bias could carry.",
                                .remedy = "Subtract the mean of the training inputs (scale = "
                                          "\"zscore\" does, for what is common to all), "
                                          "or normalise inside the network.",
                                .figure = "steps"});
  reading.findings.push_back(
      {.id = "duplicates",
       .level = Finding::Level::note,
       .title = "Duplicates are not the cause of saturation",
       .text =
           "Saturation comes from the size of the pre-activations, which weights and inputs make; "
           "how often an "
           "input comes round does not enter. What repetition does spoil is an estimate: copies on "
           "both sides "
           "of a split make the test part tell nothing (here only the training part is repeated).",
       .figure = "saturated"});
  return reading;
}

}  // namespace gradkeep::report::readings
