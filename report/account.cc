// Counts and the method's sentences, from the runs of a study.
// SPDX-License-Identifier: Apache-2.0
#include "report/account.h"

#include <gradkeep/core.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

#include "data/dataset.h"
#include "report/words.h"

namespace gradkeep::report {
namespace {

using Runs = std::vector<lab::Run>;

// The different values in the order of the study.
template <class Get>
auto different(const Runs& runs, Get get) {
  std::vector<std::decay_t<decltype(get(runs.front()))>> values;
  for (const auto& run : runs)
    if (const auto v = get(run); std::find(values.begin(), values.end(), v) == values.end())
      values.push_back(v);
  return values;
}

// "0.01", "1 or 32", "0.001 to 1 (7 values)"
std::string listed(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  if (values.size() > 4)
    return number(values.front()) + " to " + number(values.back()) + " (" +
           std::to_string(values.size()) + " values)";
  std::vector<std::string> texts;
  for (const double v : values) texts.push_back(number(v));
  return join(texts, " or ");
}

template <class Member>
std::string listed(const Runs& runs, Member lab::RunSpec::* member) {
  return listed(
      different(runs, [&](const auto& r) { return static_cast<double>(r.spec.*member); }));
}

std::string data_text(const Runs& runs) {
  const auto sets = different(runs, [](const lab::Run& run) {
    return run.data + ": " + thousands(run.examples) + " examples of " +
           count(run.features, "feature") +
           (run.classes > 0 ? ", " + std::to_string(run.classes) + " classes"
                            : ", a number to predict") +
           "; " + thousands(test_examples(run)) + " of them held back for the test" +
           (run.spec.validation_share > 0
                ? ", " + thousands(std::lround(run.examples * run.spec.validation_share)) +
                      " for validation"
                : "");
  });
  const auto scales = different(runs, [](const auto& run) {
    return run.spec.scale == "none" ? std::string("as they are")
                                    : "scaled by " + run.spec.scale + " fitted on the rest";
  });
  return join(sets, "; ") + ", inputs " + join(scales, " or ");
}

std::string networks_text(const Runs& runs) {
  const auto words = [&](std::string lab::RunSpec::* member) {
    return different(runs, [&](const auto& run) { return run.spec.*member; });
  };
  const auto extra = [&](const std::string& what, std::string lab::RunSpec::* member) {
    const auto values = words(member);
    const bool none = values == std::vector<std::string>{"none"};
    return none ? "" : "; " + what + ": " + join(values, " or ");
  };
  const auto formats =
      different(runs, [](const auto& run) { return format_name(run.spec.precision); });
  return join(words(&lab::RunSpec::architecture), " or ") + ", " +
         listed(runs, &lab::RunSpec::depth) + " hidden layers of " +
         listed(runs, &lab::RunSpec::width) + " units, " + join(formats, " or ") +
         extra("normalisation", &lab::RunSpec::normalisation) +
         extra("skip connections", &lab::RunSpec::residual);
}

std::string training_text(const Runs& runs, const Runs& tuning) {
  const auto optimisers = different(runs, [](const auto& run) { return run.spec.optimiser; });
  const auto rates = [](const Runs& some) { return listed(some, &lab::RunSpec::learning_rate); };
  const std::string rate = tuning.empty()
                               ? "learning rate " + rates(runs)
                               : "learning rate chosen for each network out of " + rates(tuning) +
                                     " by its loss on a validation part of the data";
  Runs whole;  // those that diverged ended early
  std::copy_if(runs.begin(), runs.end(), std::back_inserter(whole),
               [](const auto& run) { return !run.diverged; });
  const auto steps = different(whole.empty() ? runs : whole,
                               [](const auto& run) { return static_cast<double>(run.last.step); });
  return join(optimisers, " or ") + ", " + rate + ", batches of " +
         listed(runs, &lab::RunSpec::batch) + ", " + listed(steps) + " steps";
}

}  // namespace

int test_examples(const lab::Run& run) {
  return static_cast<int>(std::lround(run.examples * run.spec.test_share));
}

Account account_of(const lab::Store& store, const Runs& runs, const Runs& tuning) {
  if (runs.empty())
    throw Error("store " + store.path() +
                " holds no finished run: expected at least one to report on");
  Account a;
  const auto sessions = store.sessions();
  if (!sessions.empty()) a.session = sessions.back();
  a.done = static_cast<int>(runs.size());
  a.planned = std::max(store.planned(), a.done);
  a.test_examples = std::numeric_limits<int>::max();
  std::set<std::int64_t> seeds;
  std::set<int> classes;
  std::set<std::string> names;
  for (const auto& run : runs) {
    seeds.insert(run.spec.seed);
    classes.insert(run.classes);
    a.diverged += run.diverged;
    a.steps = std::max(a.steps, run.last.step);
    a.test_examples = std::min(a.test_examples, test_examples(run));
    names.insert(run.data);
  }
  for (const auto& name : names) {
    const std::string credits = data::credits(name);
    a.credits += (a.credits.empty() || credits.empty() ? "" : "\n") + credits;
  }
  for (const auto* list : {&runs, &tuning})
    for (const auto& run : *list) a.seconds += run.seconds + run.probe_seconds;
  a.seeds = static_cast<int>(seeds.size());
  a.chance = classes.size() == 1 && *classes.begin() > 0 ? 1.0 / *classes.begin()
                                                         : std::numeric_limits<double>::quiet_NaN();

  a.method = {
      {"Data", data_text(runs)},
      {"Networks", networks_text(runs)},
      {"Training", training_text(runs, tuning)},
      {"Runs", thousands(a.done) + " of " + thousands(a.planned) + ", " + count(a.seeds, "seed") +
                   " for each combination" +
                   (tuning.empty() ? ""
                                   : ", after " + thousands(static_cast<long long>(tuning.size())) +
                                         " that chose learning rates") +
                   "; " + report::seconds(a.seconds) + " of processor time"},
      {"Seconds",
       "processor time of the training alone, without the measuring, so that a busy machine does "
       "not make a function look slow"},
      {"Differences",
       "are claimed only where two means lie further apart than both ranges over the seeds "
       "together and than twice the standard error of the test"},
      {"Program", "gradkeep " + a.session.version + ", study “" + a.session.study + "”, started " +
                      a.session.started},
      {"Machine",
       a.session.processor + ", " + a.session.target + ", " + count(a.session.cores, "core")}};
  return a;
}

}  // namespace gradkeep::report
