// From lists to runs: every combination is checked for what only the libraries to the left can know
// (names, files) and for keys that contradict each other, and put into its canonical form, in which
// a key without effect stands at its default.
// SPDX-License-Identifier: Apache-2.0
#include "lab/grid.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <set>

#include "data/dataset.h"
#include "nn/initialise.h"
#include "nn/loss.h"
#include "probe/probe.h"

namespace gradkeep::lab {
namespace {

constexpr std::string_view kRate = "learning_rate";

bool is_file(const RunSpec& run) {
  const auto extension = std::filesystem::path(run.data).extension();
  return extension == ".csv" || extension == ".npy";
}

bool is_generated(const RunSpec& run) {
  return run.data == "two_spirals" || run.data == "xor" || run.data == "separable";
}

// Keys that act in some runs only: a study in which no run heeds such a key asks something else
// than it says.
struct Condition {
  std::string_view key;
  bool (*acts)(const RunSpec&);
  const char* otherwise;
};
constexpr const char* kNoFile = "only data from a file has it";
constexpr const char* kNotGenerated = "only generated data (two_spirals, xor, separable) have it";
constexpr Condition kConditions[] = {
    {"width", [](const RunSpec& run) { return run.architecture == "dense"; },
     "a convolution is as wide as its image"},
    {"label", is_file, kNoFile},
    {"task", is_file, kNoFile},
    {"rows", is_generated, kNotGenerated},
    {"noise", is_generated, kNotGenerated},
    {"data_seed", is_generated, kNotGenerated},
    {"momentum", [](const RunSpec& run) { return run.optimiser == "momentum"; },
     "only optimiser = \"momentum\" has it"},
    {"loss_scale",
     [](const RunSpec& run) { return run.precision == "bf16" || run.precision == "f16"; },
     "only precision = \"bf16\" and \"f16\" have it"},
    {"weight_decay", [](const RunSpec& run) { return run.optimiser == "adamw"; },
     "only optimiser = \"adamw\" has it"},
    {"glance_every", [](const RunSpec& run) { return run.dropout == 0; },
     "a step with dropout does not show the network as it answers"},
};

// The run that tries a candidate: how closely the study looks at its runs does not concern it.
RunSpec tuning_run(RunSpec candidate) {
  const RunSpec defaults;
  candidate.tuning = true;
  candidate.evaluations = defaults.evaluations;
  candidate.samples = defaults.samples;
  candidate.glance_every = defaults.glance_every;
  candidate.probes = defaults.probes;
  candidate.targets = defaults.targets;
  return candidate;
}

class Expander {
 public:
  Expander(const std::vector<Grid>& grids, const RunSpec& base, Study& study)
      : base_(base), study_(study) {
    for (const auto& grid : grids)
      for (const auto& choice : grid.choices) {
        if (choice.list) listed_.insert(choice.field);
        if (std::find(order_.begin(), order_.end(), choice.field) == order_.end())
          order_.push_back(choice.field);
      }
  }

  void add(const Grid& grid) {
    grid_ = &grid;
    keys_.clear();
    place_of_.clear();
    rates_ = nullptr;
    for (const auto& choice : grid.choices) {
      place_of_[choice.field->key] = choice.places.front();
      if (grid.chosen && choice.field->key == kRate && choice.values.size() > 1) rates_ = &choice;
    }
    check_size();
    combine(0, base_);
  }

  void end() {
    for (const auto& [place, what] : unheeded_) refuse(place.second, what);
    name_axes();
  }

 private:
  std::string place(std::string_view key) const {
    const auto found = place_of_.find(key);
    return found == place_of_.end() ? study_.file + ":1" : found->second;
  }

  // More runs than anyone waits for are a slip of the pen, and expanding them fills the memory.
  void check_size() {
    constexpr double kMostRuns = 100000;
    double runs = 1;
    for (const auto& choice : grid_->choices) runs *= static_cast<double>(choice.values.size());
    combinations_ += runs;
    if (combinations_ > kMostRuns)
      refuse(grid_->choices.front().places.front(),
             "the lists span more than 100000 runs; expected fewer");
  }

  // The combinations, the key written last turning fastest.
  void combine(std::size_t i, const RunSpec& run) {
    if (i == grid_->choices.size()) {
      if (rates_)
        add_chosen(run);
      else
        add_run(run);
      return;
    }
    const auto& choice = grid_->choices[i];
    if (&choice == rates_) return combine(i + 1, run);
    for (std::size_t k = 0; k < choice.values.size(); ++k) {
      RunSpec next = run;
      take(choice, k, next);
      combine(i + 1, next);
    }
  }

  void take(const Choice& choice, std::size_t k, RunSpec& run) {
    std::visit([&](auto member) { run.*member = choice.values[k].*member; }, choice.field->member);
    place_of_[choice.field->key] = choice.places[k];
  }

  void add_run(const RunSpec& wanted) {
    const RunSpec run = checked(wanted);
    if (known_.insert(canonical_key(run)).second) study_.runs.push_back(run);
  }

  void add_chosen(const RunSpec& wanted) {
    if (wanted.validation_share == 0)
      refuse(grid_->choose_place,
             "choose: there is nothing to choose by; expected a validation_share above 0");
    Choosing choosing;
    std::string candidates;  // with a network's key they tell one choice from another
    for (std::size_t k = 0; k < rates_->values.size(); ++k) {
      RunSpec candidate = wanted;
      take(*rates_, k, candidate);
      choosing.candidates.push_back(checked(candidate));
      candidates += " " + field_text(*rates_->field, candidate);
    }
    const RunSpec run = choosing.candidates.front();
    if (!known_.insert(canonical_key(run) + candidates).second) return;
    RunSpec any_seed = run;
    any_seed.seed = RunSpec{}.seed;
    const auto [group, is_new] =
        groups_.emplace(canonical_key(any_seed) + candidates, study_.choosing.size());
    if (is_new) {
      for (auto& candidate : choosing.candidates) candidate = tuning_run(candidate);
      study_.choosing.push_back(std::move(choosing));
    }
    study_.choosing[group->second].runs.push_back(study_.runs.size());
    study_.runs.push_back(run);
  }

  RunSpec checked(RunSpec run) {
    const auto at = [this](std::string_view key, const auto& action) {
      try {
        action();
      } catch (const Error& error) {
        refuse(place(key), std::string(key) + ": " + error.what());
      }
    };
    at("activation", [&] {
      run.activation =
          Activation(run.activation, run.any_parameters ? Bounds::any : Bounds::recommended).text();
    });
    at("output", [&] {
      run.output =
          Activation(run.output, run.any_parameters ? Bounds::any : Bounds::recommended).text();
    });
    at("initialiser", [&] { nn::parse_initialiser(resolve_initialiser(run)); });
    const auto probes = probe::names();
    for (const auto& name : run.probes)
      if (std::find(probes.begin(), probes.end(), name) == probes.end())
        refuse_unknown(place("probes"), "probe", name, probes);
    check_data(run);
    check_sense(run);
    if (!keys_.insert(canonical_key(run)).second)
      refuse(grid_->choices.back().places.front(),
             "two combinations are the same run; expected every value of a list once");
    for (const auto& condition : kConditions) heed(condition, run);
    return run;
  }

  void check_sense(const RunSpec& run) const {
    if (run.test_share + run.validation_share >= 1)
      refuse(place("validation_share"),
             "validation_share and test_share leave nothing to train on; expected a sum below 1");
    // What is not known before a file is read, the training says.
    if (run.task == "regression" && (run.loss == "softmax" || run.loss == "binary"))
      refuse(place("loss"),
             "loss: a regression has no classes for \"" + run.loss + "\"; expected \"squared\"");
    const bool known = run.loss != "auto" || !is_file(run);
    const auto loss = run.loss == "auto" ? nn::Loss::softmax : nn::parse_loss(run.loss);
    try {
      if (known) nn::check_output(loss, Activation(run.output, Bounds::any));
    } catch (const Error& error) {
      refuse(place("output"), error.what());
    }
    if (run.initialiser.starts_with("critical") && run.bias != 0)
      refuse(place("bias"),
             "bias: initialiser \"" + run.initialiser + "\" draws the biases; expected 0");
    if (run.normalisation == "batch" && run.batch == 1)
      refuse(place("normalisation"),
             "normalisation: a batch of one has no spread; expected a batch of 2 or more");
    if (run.derivative == "output" && !Activation(run.activation, Bounds::any).has_output_form())
      refuse(place("derivative"), "derivative: the slope of " + run.activation +
                                      " is no function of its output; expected \"input\"");
  }

  // A key without effect on this run goes back to its default; if it has none on any run, end()
  // says so.
  void heed(const Condition& condition, RunSpec& run) {
    const auto given = place_of_.find(condition.key);
    const Field& field = *find_field(condition.key);
    if (!condition.acts(run)) {
      static const RunSpec defaults;
      std::visit([&](auto member) { run.*member = defaults.*member; }, field.member);
    }
    if (given == place_of_.end()) return;
    const std::pair where(std::string(condition.key), given->second);
    if (condition.acts(run)) {
      heeded_.insert(where);
      unheeded_.erase(where);
    } else if (!heeded_.contains(where)) {
      unheeded_[where] =
          std::string(condition.key) + ": no run of this study heeds it; " + condition.otherwise;
    }
  }

  void check_data(RunSpec& run) {
    if (!is_file(run)) {
      auto known = data::source_names();
      std::erase(known, "csv");
      std::erase(known, "npy");
      if (std::find(known.begin(), known.end(), run.data) == known.end())
        refuse_unknown(place("data"), "data (a name, or the path of a .csv or .npy file)", run.data,
                       known);
      return;
    }
    const bool npy = std::filesystem::path(run.data).extension() == ".npy";
    if (run.label.empty())
      refuse(place("data"), npy ? "label is missing; expected the .npy file of what to learn"
                                : "label is missing; expected the name of the column to learn");
    run.data_digest = digest("data", run.folder, run.data);
    if (npy) run.data_digest += digest("label", run.folder, run.label);
  }

  // FNV-1a over the bytes: a file that was changed is other data, so its runs are other runs.
  std::string digest(const char* key, const std::string& folder, const std::string& name) {
    const auto path = std::filesystem::path(folder) / name;
    auto& known = digests_[path.string()];
    if (!known.empty()) return known;
    std::ifstream in(path, std::ios::binary);
    if (!in || std::filesystem::is_directory(path))
      refuse(place(key), std::string(key) + ": cannot read the file " + path.string());
    std::uint64_t hash = 0xcbf29ce484222325;
    for (auto byte = std::istreambuf_iterator<char>(in); byte != std::istreambuf_iterator<char>();
         ++byte)
      hash = (hash ^ static_cast<unsigned char>(*byte)) * 0x100000001b3;
    char text[17];
    std::snprintf(text, sizeof text, "%016llx", static_cast<unsigned long long>(hash));
    return known = text;
  }

  // Every key that took a list, or in which two grids differ, with its values as they occur in the
  // runs, where names have their canonical form.
  void name_axes() {
    for (const Field* field : order_) {
      Axis axis{std::string(field->key), {}};
      const auto note_value = [&](const RunSpec& run) {
        if (const auto text = field_text(*field, run);
            std::find(axis.values.begin(), axis.values.end(), text) == axis.values.end())
          axis.values.push_back(text);
      };
      for (const auto& choosing : study_.choosing)
        for (const auto& candidate : choosing.candidates) note_value(candidate);
      for (const auto& run : study_.runs) note_value(run);
      if (axis.values.size() > 1 || listed_.contains(field)) study_.axes.push_back(std::move(axis));
    }
  }

  using Where = std::pair<std::string, std::string>;  // key, place
  const RunSpec& base_;
  Study& study_;
  const Grid* grid_ = nullptr;
  const Choice* rates_ = nullptr;                     // of the grid, where it chooses
  std::map<std::string_view, std::string> place_of_;  // of the present combination
  double combinations_ = 0;
  std::set<std::string> keys_;                 // of the grid
  std::set<std::string> known_;                // of all grids
  std::map<std::string, std::size_t> groups_;  // into Study::choosing
  std::map<std::string, std::string> digests_;
  std::map<Where, std::string> unheeded_;
  std::set<Where> heeded_;
  std::vector<const Field*> order_;
  std::set<const Field*> listed_;
};

}  // namespace

void refuse(const std::string& place, const std::string& what) { throw Error(place + ": " + what); }

void refuse_unknown(const std::string& place, const std::string& what, const std::string& word,
                    const std::vector<std::string>& known) {
  const auto near = nearest(word, known);
  std::string hint = near.empty() ? "" : "; did you mean \"" + near + "\"?";
  if (near.empty()) {
    hint = "; known are";
    for (const auto& name : known) hint += " " + name;
  }
  refuse(place, "unknown " + what + " \"" + word + "\"" + hint);
}

void expand(const std::vector<Grid>& grids, const RunSpec& base, Study& study) {
  Expander expander(grids, base, study);
  for (const auto& grid : grids) expander.add(grid);
  expander.end();
}

}  // namespace gradkeep::lab
