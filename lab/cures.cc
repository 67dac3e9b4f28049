// Proposals by cause, and their measurement on neighbouring runs.
// SPDX-License-Identifier: Apache-2.0
#include "lab/cures.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>

#include "lab/fields.h"

namespace gradkeep::lab {
namespace {

// A cure must beat the patient by this much: two points of accuracy, or 2 % of the loss.
constexpr double kWorthwhile = 0.02;

struct Change {
  std::string key, value;
  std::string text() const { return key + " " + value; }
};

// Whether a key tells networks apart; a learning rate that was chosen is the network's own.
bool tells_apart(const Field& field, bool chosen) {
  return field.key != "seed" && !(chosen && field.key == "learning_rate");
}

// The one key in which two runs differ; nothing if there are none or several.
std::optional<Change> single_difference(const RunSpec& from, const RunSpec& to, bool chosen) {
  std::optional<Change> change;
  for (const auto& field : fields()) {
    if (!tells_apart(field, chosen) || field_text(field, from) == field_text(field, to)) continue;
    if (change) return std::nullopt;
    change = Change{std::string(field.key), field_text(field, to)};
  }
  return change;
}

bool same_but_seed(const RunSpec& a, RunSpec b) {
  b.seed = a.seed;
  return canonical_key(a) == canonical_key(b);
}

double score(const Run& run) { return run.classes > 0 ? run.test_accuracy : run.test_loss; }

// Over the seeds of one configuration.
struct Group {
  std::vector<const Run*> runs;
  double mean_score() const {
    double sum = 0;
    for (const Run* run : runs) sum += score(*run);
    return sum / static_cast<double>(runs.size());
  }
};

double layer_gain(const Store& store, const Group& group) {
  double log_sum = 0;
  for (const Run* each : group.runs) {
    Run run = *each;
    run.measures = store.measures(run.id, "backward_gain");
    log_sum += std::log(gains(run, true).layer);
  }
  return std::exp(log_sum / static_cast<double>(group.runs.size()));
}

std::string reason_for(const std::string& key) {
  if (key == "activation") return "another activation, everything else equal";
  if (key == "initialiser") return "other initial weights, everything else equal";
  if (key == "depth") return "fewer or more layers, everything else equal";
  return "another " + key + ", everything else equal";
}

}  // namespace

std::vector<Cure> propose(const Run& patient, const Diagnosis& d) {
  const auto& spec = patient.spec;
  std::vector<Cure> cures;
  const auto add = [&](const std::string& change, const std::string& reason) {
    cures.push_back({change, reason, 0, 0, 0});
  };
  const auto add_matched = [&](const std::string& reason) {
    if (spec.initialiser != "matched") add("initialiser matched", reason);
  };
  switch (d.cause) {
    case Cause::healthy:
      break;
    case Cause::function:
      add("activation gelu", "its slope reaches 1.13, so nothing is lost by the function itself");
      add("activation relu", "its slope is 1 wherever a unit is active");
      break;
    case Cause::saturation:
      add_matched("smaller weights keep the units off the flat ends");
      add("activation gelu", "it has one flat end instead of two");
      break;
    case Cause::weights:
      add_matched("weights chosen so that slopes and weights together keep the gradient");
      add("activation elu", "its slope near zero is 1, so plain weights keep more of the gradient");
      break;
    case Cause::dead_units:
      add("activation leaky_relu(negative_slope=0.01)", "its slope is never zero");
      add("activation elu", "its slope is never zero");
      add("learning_rate " + field_text(*find_field("learning_rate"),
                                        [&] {
                                          RunSpec slower = spec;
                                          slower.learning_rate /= 10;
                                          return slower;
                                        }()),
          "large steps throw units to where they never fire");
      break;
    case Cause::exploding:
      add_matched("weights chosen so that slopes and weights together keep the gradient");
      if (spec.clip == 0) add("clip 1.0", "limits the length of a step");
      break;
    case Cause::arithmetic:
      if (spec.derivative == "output")
        add("derivative input", "the slope computed from the input is not rounded away");
      if (spec.precision == "f32") add("precision f64", "a format with more room near zero");
      if (spec.precision == "bf16" || spec.precision == "f16") {
        if (spec.loss_scale == "1")
          add("loss_scale dynamic", "lifts small derivatives above the format's smallest numbers");
        add("precision f32", "a format with more room near zero");
      }
      break;
    case Cause::unknown:
      add("steps " + std::to_string(spec.steps * 4), "more time");
      break;
  }
  // "elu" is short for its canonical text, which is what runs are told apart by.
  for (auto& cure : cures)
    if (cure.change.rfind("activation ", 0) == 0)
      cure.change = "activation " + Activation(cure.change.substr(11)).text();
  return cures;
}

void measure_cures(const Store& store, const std::vector<Run>& runs, const Run& patient,
                   Diagnosis& d) {
  Group mine;
  std::map<std::string, std::map<std::string, Group>> by_key;
  const bool chosen = store.chooses();
  for (const auto& run : runs) {
    if (same_but_seed(patient.spec, run.spec))
      mine.runs.push_back(&run);
    else if (const auto change = single_difference(patient.spec, run.spec, chosen))
      by_key[change->key][change->text()].runs.push_back(&run);
  }
  if (mine.runs.empty()) mine.runs.push_back(&patient);

  const bool higher = patient.classes > 0;
  const double before = mine.mean_score();
  const auto better = [&](double a, double b) { return higher ? a > b : a < b; };
  const auto worthwhile = [&](double after) {
    return higher ? after >= before + kWorthwhile : after <= before * (1 - kWorthwhile);
  };
  const auto fill = [&](Cure& cure, const Group& group) {
    cure.run = group.runs.front()->id;
    cure.accuracy = group.mean_score();
    cure.gain = layer_gain(store, group);
  };

  for (const auto& [key, groups] : by_key) {
    const auto best =
        std::max_element(groups.begin(), groups.end(), [&](const auto& a, const auto& b) {
          return better(b.second.mean_score(), a.second.mean_score());
        });
    for (auto& cure : d.cures)
      if (const auto found = groups.find(cure.change); found != groups.end())
        fill(cure, found->second);
    const bool named = std::any_of(d.cures.begin(), d.cures.end(),
                                   [&](const Cure& cure) { return cure.change == best->first; });
    if (!named && d.cause != Cause::healthy && worthwhile(best->second.mean_score())) {
      Cure cure{best->first, reason_for(key), 0, 0, 0};
      fill(cure, best->second);
      d.cures.push_back(cure);
    }
  }
  // A proposal that was tried and did not help is evidence, no cure.
  for (const auto& cure : d.cures)
    if (cure.run != 0 && !worthwhile(cure.accuracy))
      d.evidence.push_back("Tried without success: " + cure.change + ".");
  std::erase_if(d.cures, [&](const Cure& c) { return c.run != 0 && !worthwhile(c.accuracy); });
  std::stable_sort(d.cures.begin(), d.cures.end(), [&](const Cure& a, const Cure& b) {
    if ((a.run != 0) != (b.run != 0)) return a.run != 0;
    return a.run != 0 && better(a.accuracy, b.accuracy);
  });
}

}  // namespace gradkeep::lab
