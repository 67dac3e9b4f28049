// What readings take from the store, and the registry of those that the build found;
// report/readings.inc is written by CMake.
// SPDX-License-Identifier: Apache-2.0
#include "report/reading.h"

#include <gradkeep/core.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

namespace gradkeep::report {

#define GRADKEEP_READING(name, function) Reading function(const Material&);
namespace readings {
#include "report/readings.inc"
}
#undef GRADKEEP_READING

namespace {

constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();

const std::map<std::string, Read>& registry() {
  static const std::map<std::string, Read> readings = {
#define GRADKEEP_READING(name, function) {name, readings::function},
#include "report/readings.inc"
#undef GRADKEEP_READING
  };
  return readings;
}

std::vector<double> numbers(const Trial& trial, const Number& number) {
  std::vector<double> values;
  for (const auto* run : trial.runs) values.push_back(number(*run));
  return values;
}

const lab::Target* find_target(const lab::Run& run, double loss) {
  for (const auto& target : run.targets)
    if (target.loss == loss && target.step >= 0) return &target;
  return nullptr;
}

}  // namespace

std::string short_activation(const std::string& text) {
  const Activation f(text, Bounds::any);
  std::string changed;
  for (std::size_t k = 0; k < f.parameters().size(); ++k) {
    const auto& parameter = f.info().parameters[k];
    if (f.parameters()[k] == parameter.value) continue;
    changed += (changed.empty() ? "" : ", ") + parameter.name + "=" + number(f.parameters()[k]);
  }
  return f.info().name + (changed.empty() ? "" : "(" + changed + ")");
}

std::string Trial::activation() const { return short_activation(spec().activation); }

Material::Material(const lab::Store& store) {
  for (const auto& run : store.runs()) runs_.push_back(store.run(run.id));
  for (const auto& run : store.tuning_runs()) tuning_.push_back(store.run(run.id));
  account_ = account_of(store, runs_, tuning_);
}

std::vector<Trial> Material::trials(const std::function<bool(const lab::RunSpec&)>& where) const {
  std::vector<Trial> trials;
  std::map<std::string, std::size_t> places;  // by key without the seed
  for (const auto& run : runs_) {
    if (where && !where(run.spec)) continue;
    lab::RunSpec any_seed = run.spec;
    any_seed.seed = 0;
    const auto [place, added] = places.emplace(lab::canonical_key(any_seed), trials.size());
    if (added) trials.emplace_back();
    trials[place->second].runs.push_back(&run);
  }
  return trials;
}

Spread over(const Trial& trial, const Number& number) {
  return arithmetic_spread(numbers(trial, number));
}

Spread over_geometric(const Trial& trial, const Number& number) {
  return geometric_spread(numbers(trial, number));
}

double test_accuracy(const lab::Run& run) { return run.test_accuracy; }
double test_loss(const lab::Run& run) { return run.test_loss; }
double train_loss(const lab::Run& run) { return run.last.train_loss; }
double step_seconds(const lab::Run& run) {
  return run.last.step > 0 ? run.seconds / run.last.step : kUnknown;
}

std::vector<int> sampled_steps(const lab::Run& run, const std::string& probe) {
  std::set<int> steps;
  for (const auto& m : run.measures)
    if (probe.empty() || m.probe == probe) steps.insert(m.step);
  return {steps.begin(), steps.end()};
}

double at_step(const lab::Run& run, const std::string& probe, int layer, int step) {
  for (const auto& m : run.measures)
    if (m.step == step && m.layer == layer && m.probe == probe) return m.value;
  return kUnknown;
}

double at_start(const lab::Run& run, const std::string& probe, int layer) {
  const auto steps = sampled_steps(run);
  return steps.empty() ? kUnknown : at_step(run, probe, layer, steps.front());
}

double at_end(const lab::Run& run, const std::string& probe, int layer) {
  const auto steps = sampled_steps(run);
  return steps.empty() ? kUnknown : at_step(run, probe, layer, steps.back());
}

double hidden_mean(const lab::Run& run, const std::string& probe, int step) {
  std::vector<double> values;
  for (int layer = 1; layer <= run.spec.depth; ++layer)
    values.push_back(at_step(run, probe, layer, step));
  return arithmetic_spread(values).mid;
}

double steps_to(const lab::Run& run, double loss) {
  const auto* target = find_target(run, loss);
  return target ? target->step : kUnknown;
}

double seconds_to(const lab::Run& run, double loss) {
  const auto* target = find_target(run, loss);
  return target ? target->seconds : kUnknown;
}

Read find_reading(const std::string& name) {
  const auto found = registry().find(name);
  return found == registry().end() ? nullptr : found->second;
}

std::vector<std::string> reading_names() {
  std::vector<std::string> names;
  for (const auto& [name, read] : registry()) names.push_back(name);
  return names;
}

}  // namespace gradkeep::report
