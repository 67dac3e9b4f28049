// dead-units: which units stop learning for good, by two definitions. Dead: the slope is exactly
// zero on every training example, so no gradient reaches the unit's weights and by themselves they
// never change again. Silent: the pre-activation is above zero on no example; for relu that is the
// same, a leaky unit goes on learning. A unit comes back only when the layers below it move.
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>

#include "report/parts.h"

namespace gradkeep::report::readings {
namespace {

std::string cure(const lab::RunSpec& s) {
  if (s.clip > 0) return "clipping at " + number(s.clip);
  if (s.warmup > 0) return "warm-up of " + count(s.warmup, "step");
  if (s.normalisation != "none") return s.normalisation + " normalisation";
  return "";
}

Spread at_the_end(const Trial& t, const std::string& probe) {
  return over(t, [&](const lab::Run& r) { return hidden_mean(r, probe, sampled_steps(r).back()); });
}
bool overflowed(const Trial& t) {
  return std::any_of(t.runs.begin(), t.runs.end(), [](const auto* r) { return r->diverged; });
}
// Units that came back, as a share of all, added up over the looks.
Spread revived(const Trial& t) {
  return over(t, [](const lab::Run& r) {
    double sum = 0;
    for (const int step : sampled_steps(r, "revived")) sum += hidden_mean(r, "revived", step);
    return sum;
  });
}

std::string bias_name(double bias) { return "biases start at " + number(bias); }

Series over_rates(const std::vector<Trial>& trials, const std::string& activation, double bias,
                  int panel, const std::function<Spread(const Trial&)>& value) {
  Series series{activation, activation, panel};
  for (const auto& t : trials)
    if (t.activation() == activation && t.spec().bias == bias && cure(t.spec()).empty() &&
        !overflowed(t))
      series.marks.push_back({.x = t.spec().learning_rate, .y = value(t)});
  return series;
}

Figure rates(const std::string& id, const std::string& title, const std::string& caption,
             const std::vector<Trial>& trials, const std::vector<std::string>& functions,
             const std::vector<double>& biases, const std::function<Spread(const Trial&)>& value) {
  Figure figure{.id = id,
                .heading = "Which rates and biases kill",
                .title = title,
                .caption = caption,
                .x = {"learning rate", true},
                .y = {"share of units", false, "%"}};
  for (const double b : biases) {
    const int panel = place(figure.panels, bias_name(b));
    for (const auto& f : functions) figure.series.push_back(over_rates(trials, f, b, panel, value));
  }
  return figure;
}

}  // namespace

Reading dead_units(const Material& material) {
  const auto trials = material.trials();
  std::vector<std::string> functions;
  std::vector<double> biases, learning_rates;
  const auto remember = [](std::vector<double>& list, double v) {
    if (std::find(list.begin(), list.end(), v) == list.end()) list.push_back(v);
  };
  for (const auto& t : trials) {
    place(functions, t.activation());
    remember(biases, t.spec().bias);
    remember(learning_rates, t.spec().learning_rate);
  }
  const auto find = [&](const std::string& f, double bias, double rate) -> const Trial* {
    for (const auto& t : trials)
      if (t.activation() == f && t.spec().bias == bias && t.spec().learning_rate == rate &&
          cure(t.spec()).empty())
        return &t;
    return nullptr;
  };

  Reading reading;
  const auto dead = [](const Trial& t) { return at_the_end(t, "dead"); };
  const auto silent = [](const Trial& t) { return at_the_end(t, "silent"); };
  Figure lead = rates("dead", "Dead units after training",
                      "Share of hidden units whose slope is exactly zero on every training "
                      "example; mean and range over the seeds.",
                      trials, functions, biases, dead);
  lead.lead = true;
  const auto over_time = [&](const std::string& id, const std::string& title,
                             const std::string& caption, const std::string& probe) {
    Figure figure{.id = id,
                  .heading = "How they die and come back",
                  .title = title,
                  .caption = caption,
                  .x = {"step"},
                  .y = {"share of units", false, "%"}};
    for (const auto& t : trials) {
      if (t.activation() != "relu" || !cure(t.spec()).empty()) continue;
      Series series{"rate " + number(t.spec().learning_rate), "",
                    place(figure.panels, bias_name(t.spec().bias))};
      for (const int step : sampled_steps(*t.runs.front(), probe))
        series.marks.push_back(
            {.x = static_cast<double>(step),
             // Where a run ends in an overflow its units are no numbers any more.
             .y = over(t, [&](const lab::Run& r) {
               return r.diverged && step == r.last.step ? NAN : hidden_mean(r, probe, step);
             })});
      figure.series.push_back(std::move(series));
    }
    return figure;
  };
  reading.figures = {
      lead,
      rates("silent", "Silent units after training",
            "Share of hidden units whose pre-activation is above zero on no "
            "training example. What is silent without being dead still learns.",
            trials, functions, biases, silent),
      over_time("time", "Relu's dead units over time",
                "Share of hidden units that are dead when the probes look, by learning rate.",
                "dead"),
      over_time("revived", "Relu's units that came back",
                "Share of hidden units that were dead at the look before and are not at this one.",
                "revived"),
      rates("saturated", "Saturated pre-activations after training",
            "Share where the slope is under 1 % of its maximum on the way "
            "to a limit. For relu's zero side that is the slope 0 itself.",
            trials, functions, biases, [](const Trial& t) { return at_the_end(t, "saturated"); })};

  // Where relu lags most behind what else was tried at the same rate and bias, remedies included.
  const Trial* sick = nullptr;
  double most_lost = 0;
  for (const auto& t : trials) {
    if (t.activation() != "relu" || !cure(t.spec()).empty() || overflowed(t)) continue;
    double lost = 0;
    bool remedies = false;
    for (const auto& o : trials) {
      if (o.spec().bias != t.spec().bias || o.spec().learning_rate != t.spec().learning_rate)
        continue;
      remedies |= !cure(o.spec()).empty();
      const double more = over(o, test_accuracy).mid - over(t, test_accuracy).mid;
      if (more > 0) lost += more;
    }
    if (remedies && lost > most_lost) {
      most_lost = lost;
      sick = &t;
    }
  }
  std::vector<std::string> helped, did_not, fail_alive;
  if (sick) {
    Figure cures{.id = "cures",
                 .kind = Figure::Kind::dots,
                 .heading = "What gives something back",
                 .title = "Test accuracy where relu suffers most",
                 .caption = "Learning rate " + number(sick->spec().learning_rate) + ", " +
                            bias_name(sick->spec().bias) +
                            "; one change at a time. Mean and range over the seeds.",
                 .x = {"Network"},
                 .y = {"share", false, "%"},
                 .rules = {{"guessing", material.account().chance}}};
    Series accuracy{"test accuracy"}, deaths{"dead units"};
    const auto row = [&](const std::string& what, const Trial& t) {
      accuracy.marks.push_back({.category = what, .y = over(t, test_accuracy)});
      deaths.marks.push_back({.category = what, .y = dead(t)});
      if (&t == sick) return;
      const Spread now = over(t, test_accuracy), before = over(*sick, test_accuracy);
      const bool better =
          !overflowed(t) && now.mid > before.mid && apart(now, before, material.test_examples());
      (better ? helped : did_not)
          .push_back(what + " (" + (overflowed(t) ? "overflow" : percent(now.mid)) + ")");
      if (!better && !overflowed(t) && dead(t).mid == 0) fail_alive.push_back(what);
    };
    row("relu", *sick);
    for (const auto& t : trials)
      if (!cure(t.spec()).empty() && t.spec().bias == sick->spec().bias &&
          t.spec().learning_rate == sick->spec().learning_rate)
        row("relu with " + cure(t.spec()), t);
    for (const auto& f : functions)
      if (const Trial* t = find(f, sick->spec().bias, sick->spec().learning_rate); t && f != "relu")
        row(f, *t);
    if (const Trial* t = find("relu", sick->spec().bias, learning_rates.front()))
      row("relu at rate " + number(learning_rates.front()), *t);
    if (const Trial* t = find("relu", 0, sick->spec().learning_rate); t && sick->spec().bias != 0)
      row("relu with biases at 0", *t);
    cures.series = {accuracy, deaths};
    reading.figures.push_back(cures);
  }

  reading.key = {.title = "Dead units after training, by learning rate",
                 .head = {"function", "biases start at"}};
  for (const double rate : learning_rates) reading.key.head.push_back("rate " + number(rate));
  for (const auto& f : functions)
    for (const double b : biases) {
      std::vector<std::string> row = {f, number(b)};
      for (const double rate : learning_rates) {
        const Trial* t = find(f, b, rate);
        row.push_back(!t ? "–" : overflowed(*t) ? "overflow" : percent(dead(*t).mid));
      }
      reading.key.rows.push_back(std::move(row));
    }

  // The two definitions, over everything that was run.
  std::vector<std::string> die, never;
  bool elu_dies = false;
  for (const auto& f : functions) {
    double most = 0, most_silent = 0;
    for (const auto& t : trials)
      if (t.activation() == f && cure(t.spec()).empty() && !overflowed(t)) {
        most = std::max(most, dead(t).mid);
        most_silent = std::max(most_silent, silent(t).mid);
      }
    elu_dies |= f == "elu" && most > 0;
    if (most > 0)
      die.push_back(f + " (up to " + percent(most, 0) + ")");
    else
      never.push_back(f + " (silent up to " + percent(most_silent, 0) + ")");
  }
  reading.verdict.headline =
      die.empty() ? "No unit died in this study."
      : die.size() == 1
          ? "Only " + die.front() + " has units that die; with the others they fall silent."
          : "Units die exactly with " + join(die) + "; with the others they only fall silent.";
  reading.verdict.text.push_back(
      "Dead means a slope of exactly zero on every training example. " +
      (never.empty() ? std::string("") : "No unit is dead with " + join(never) + ": ") +
      "a sigmoid that saturates has a small slope, not a zero one (in mathematics never, in "
      "float32 not before |x| = 104), and "
      "leaky units have a slope on both sides." +
      (elu_dies ? " Elu's slope e^x is no zero either, but below x = -104 float32 has no number "
                  "for it: that is "
                  "rounding, not mathematics."
                : ""));
  if (sick)
    reading.verdict.text.push_back(
        "Where relu suffers most (rate " + number(sick->spec().learning_rate) + ", " +
        bias_name(sick->spec().bias) + ") it ends at " + percent(over(*sick, test_accuracy).mid) +
        " test accuracy with " + percent(dead(*sick).mid) + " of its units dead." +
        (helped.empty() ? "" : " Better: " + join(helped) + ".") +
        (did_not.empty() ? "" : " Not better: " + join(did_not) + ".") +
        (fail_alive.empty()
             ? ""
             : " Of these " + join(fail_alive) +
                   " fail without one dead unit, so death is not the whole cause: the start is."));
  double most_back = 0;
  const Trial* back = nullptr;
  for (const auto& t : trials)
    if (t.activation() == "relu" && !overflowed(t) && revived(t).mid > most_back) {
      most_back = revived(t).mid;
      back = &t;
    }
  reading.findings.push_back(
      {.id = "revived",
       .level = Finding::Level::note,
       .title = back ? "Dead units do come back, because the layers below them move"
                     : "No dead unit came back",
       .text = back ? "A dead unit's own weights get no gradient. But its inputs are other units' "
                      "outputs, and when those change it can "
                      "find itself above zero again on some example."
                    : "A dead unit's own weights get no gradient, and what it is fed did not "
                      "change enough here.",
       .evidence =
           back
               ? std::vector<
                     std::pair<std::string, std::string>>{{"most revivals, share of all units",
                                                           percent(most_back)},
                                                          {"at",
                                                           "rate " +
                                                               number(back->spec().learning_rate) +
                                                               ", " + bias_name(back->spec().bias) +
                                                               (cure(back->spec()).empty()
                                                                    ? ""
                                                                    : ", " + cure(back->spec()))}}
               : std::vector<std::pair<std::string, std::string>>{},
       .figure = "revived"});
  if (sick && !helped.empty())
    reading.findings.push_back(
        {.id = "cures",
         .level = Finding::Level::cure,
         .cause = "dead units",
         .title = "What gives something back",
         .text = "What raised the accuracy at this rate and bias, one change at a time.",
         .remedy = capitalised(join(helped)) + ".",
         .figure = "cures"});
  return reading;
}

}  // namespace gradkeep::report::readings
