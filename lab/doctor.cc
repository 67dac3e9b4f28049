// From measures to a cause. The order of the questions matters: numbers that are not finite explain
// everything after them; arithmetic loss and dead units look like a vanished gradient and are told
// apart first; then the gain, slope part against weight part.
// SPDX-License-Identifier: Apache-2.0
#include "lab/doctor.h"

#include <gradkeep/flow.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <map>

#include "lab/cures.h"

namespace gradkeep::lab {
namespace {

constexpr double kVanished = 0.1;    // of the gradient reaches the first layer of a net that fails
constexpr double kExploded = 100;    // times the gradient reaches the first layer
constexpr double kManyDead = 0.5;    // share of dead units in some layer
constexpr double kMuchLost = 0.5;    // share of numbers lost to arithmetic in some layer
constexpr double kFlat = 0.9;        // a function whose slope is nowhere above it shrinks by itself
constexpr double kSaturated = 0.25;  // share of saturated units, mean over the layers

std::string number(const char* format, double value) {
  char text[64];
  std::snprintf(text, sizeof text, format, value);
  return text;
}
std::string percent(double share) { return number("%.0f %%", 100 * share); }
std::string short_number(double value) { return number("%.3g", value); }

// The values of one probe at one step, by layer.
std::map<int, double> at(const Run& run, const std::string& probe, int step) {
  std::map<int, double> values;
  for (const auto& measure : run.measures)
    if (measure.step == step && measure.probe == probe) values[measure.layer] = measure.value;
  return values;
}

double largest(const std::map<int, double>& values) {
  double result = 0;
  for (const auto& [layer, value] : values) result = std::max(result, value);
  return result;
}

double average(const std::map<int, double>& values) {
  double sum = 0;
  for (const auto& [layer, value] : values) sum += value;
  return values.empty() ? 0 : sum / static_cast<double>(values.size());
}

// Over the passages between hidden layers; the one from the output layer has other shapes and
// counts only where there is no other.
double product(const std::map<int, double>& values, int depth, double power) {
  double log_sum = 0;
  int count = 0;
  for (const auto& [layer, value] : values)
    if (layer < depth || depth == 1) {
      log_sum += std::log(value);
      ++count;
    }
  return count == 0 ? 1 : std::exp(power == 0 ? log_sum : log_sum / count);
}

Gains gains_at(const Run& run, int step) {
  const int depth = run.spec.depth;
  const Activation f(run.spec.activation, Bounds::any);
  Gains gains;
  const auto all = at(run, "backward_gain", step);
  gains.total = product(all, depth, 0);
  gains.layer = product(all, depth, 1);
  gains.slope = product(at(run, "slope_gain", step), depth, 1);
  gains.weight = product(at(run, "weight_gain", step), depth, 1);
  gains.slope_max = slope_maximum(f).value;
  gains.bound = chain_bound(f, std::max(1, depth - 1));
  return gains;
}

void judge_learning(const Run& run, Diagnosis& d) {
  if (run.classes > 0) {
    d.chance = 1.0 / run.classes;
    d.accuracy = run.test_accuracy;
    d.learned = d.accuracy >= 0.5 * (1 + d.chance);
    return;
  }
  d.accuracy = run.test_loss;
  d.chance = run.curve.empty() ? run.test_loss : run.curve.front().held_loss;
  d.learned = d.accuracy <= 0.5 * d.chance;
}

Cause find_cause(const Run& run, const Diagnosis& d, double lost, double dead_layer,
                 double not_finite) {
  if (run.diverged || not_finite > 0 || !std::isfinite(run.last.train_loss))
    return Cause::exploding;
  if (d.learned) return Cause::healthy;
  if (lost >= kMuchLost) return Cause::arithmetic;
  if (dead_layer >= kManyDead) return Cause::dead_units;
  if (d.start.total > kExploded) return Cause::exploding;
  if (d.start.total < kVanished) {
    if (d.start.slope < 0.5 * d.start.slope_max && d.saturated >= kSaturated)
      return Cause::saturation;
    return d.start.slope_max < kFlat ? Cause::function : Cause::weights;
  }
  return Cause::unknown;
}

std::string say_verdict(const Run& run, const Diagnosis& d) {
  const std::string name = Activation(run.spec.activation, Bounds::any).info().name;
  const auto& g = d.start;
  const std::string net = name + " over " + std::to_string(run.spec.depth) +
                          (run.spec.depth == 1 ? " hidden layer" : " hidden layers");
  const std::string shrinks = "each layer passes on " + percent(g.layer) + " of the gradient";
  switch (d.cause) {
    case Cause::healthy:
      return net + " learns" +
             (run.classes > 0 ? ": " + percent(d.accuracy) + " of the test examples are right."
                              : ".");
    case Cause::function:
      return net + " does not learn because of the function: its slope is nowhere above " +
             short_number(g.slope_max) + ", so " + shrinks + ".";
    case Cause::saturation:
      return net + " does not learn because its units are saturated: " + percent(d.saturated) +
             " of them sit where the slope is under 1 % of its maximum, and " + shrinks + ".";
    case Cause::weights:
      return net + " does not learn because its weights are too small for this activation: the " +
             "slopes take the gradient times " + short_number(g.slope) +
             " a layer, the weights give it times " + short_number(g.weight) + " where " +
             short_number(1 / g.slope) + " would keep it.";
    case Cause::dead_units:
      return net + " does not learn because units are dead: in some layer at least half have " +
             "slope zero on every training example.";
    case Cause::exploding:
      return run.diverged ? net + " blew up: the loss stopped being a number at step " +
                                std::to_string(run.last.step) + "."
                          : net + " does not learn because the gradient explodes: each layer " +
                                "multiplies it by " + short_number(g.layer) + ".";
    case Cause::arithmetic:
      return net + " does not learn because of arithmetic: the gradient exists, but most of it " +
             "is rounded to zero.";
    case Cause::unknown:
      return net + " does not learn within its budget although the gradient arrives: look at the " +
             "learning rate, the budget and the data.";
  }
  return net;
}

void say_evidence(const Run& run, Theory& theory, Diagnosis& d, double lost) {
  auto& say = d.evidence;
  if (run.classes > 0)
    say.push_back("Test accuracy " + number("%.1f %%", 100 * d.accuracy) + "; guessing gives " +
                  number("%.1f %%", 100 * d.chance) + ".");
  else
    say.push_back("Test loss " + short_number(d.accuracy) + "; at the start it was " +
                  short_number(d.chance) + ".");
  if (run.spec.depth > 1) {
    const auto& g = d.start;
    if (std::isnan(g.total))
      say.push_back(
          "At the start there is a hidden layer in which nothing arrives of the gradient.");
    else
      say.push_back("At the start the gradient's norm in the first hidden layer is " +
                    short_number(g.total) + " times that in the last: " + short_number(g.layer) +
                    " a layer, of which the slopes have " + short_number(g.slope) +
                    " and the weights " + short_number(g.weight) + ".");
    if (const Expected expected = theory.of(run); std::isfinite(expected.gain) && expected.gain > 0)
      say.push_back("Theory expects " + short_number(expected.gain) +
                    " a layer of these weights and this activation.");
    say.push_back("The slope is at most " + short_number(g.slope_max) +
                  ", so the slopes alone allow " + "at most " + short_number(g.bound) +
                  " over these layers.");
    if (std::isfinite(d.end.total))
      say.push_back("At the end that ratio is " + short_number(d.end.total) + ".");
  }
  if (d.saturated > 0.01)
    say.push_back(percent(d.saturated) + " of the units are saturated at the end.");
  if (d.dead > 0) say.push_back(percent(d.dead) + " of the units are dead at the end.");
  if (lost > 0.01)
    say.push_back("In the worst layer " + percent(lost) +
                  " of the slopes or gradients were lost to arithmetic.");
  if (const double skipped = largest(at(run, "skipped_steps", run.last.step)); skipped > 0)
    say.push_back(number("%.0f", skipped) + " of " + std::to_string(run.last.step) +
                  " steps were left out because a gradient overflowed.");
}

}  // namespace

std::string name(Cause cause) {
  switch (cause) {
    case Cause::healthy:
      return "healthy";
    case Cause::function:
      return "function";
    case Cause::saturation:
      return "saturation";
    case Cause::weights:
      return "weights";
    case Cause::dead_units:
      return "dead units";
    case Cause::exploding:
      return "exploding";
    case Cause::arithmetic:
      return "arithmetic";
    case Cause::unknown:
      return "unknown";
  }
  return "";
}

Gains gains(const Run& run, bool start) { return gains_at(run, start ? 0 : run.last.step); }

Diagnosis diagnose(const Run& run) {
  Theory theory;
  return diagnose(run, theory);
}

Diagnosis diagnose(const Run& run, Theory& theory) {
  const int end = run.last.step;
  Diagnosis d;
  judge_learning(run, d);
  d.start = gains_at(run, 0);
  d.end = gains_at(run, end);
  const auto dead = at(run, "dead", end);
  d.dead = average(dead);
  d.saturated = average(at(run, "saturated", end));
  if (const auto zeros = at(run, "zero_gradient", end); zeros.contains(1)) d.zeros = zeros.at(1);
  double lost = 0, not_finite = 0;
  for (const int step : {0, end}) {
    lost = std::max(
        {lost, largest(at(run, "lost_slope", step)), largest(at(run, "lost_gradient", step))});
    not_finite = std::max(
        {not_finite, largest(at(run, "nan_count", step)), largest(at(run, "inf_count", step))});
  }
  d.cause = find_cause(run, d, lost, largest(dead), not_finite);
  d.verdict = say_verdict(run, d);
  say_evidence(run, theory, d, lost);
  d.cures = propose(run, d);
  return d;
}

Diagnosis diagnose(const Store& store, std::int64_t run) {
  return diagnose(store, store.runs(), run);
}

Diagnosis diagnose(const Store& store, const std::vector<Run>& runs, std::int64_t run) {
  const Run patient = store.run(run);
  Diagnosis d = diagnose(patient);
  measure_cures(store, runs, patient, d);
  return d;
}

}  // namespace gradkeep::lab
