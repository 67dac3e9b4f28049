// Reading a study's TOML: every key and value is checked where it stands, so that an error can name
// the line; then the lists are multiplied out into the grid.
// SPDX-License-Identifier: Apache-2.0
#include "lab/spec.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <set>
#define TOML_ENABLE_FORMATTERS 0
#include <toml++/toml.h>

#include "data/dataset.h"
#include "lab/fields.h"
#include "nn/initialise.h"
#include "probe/probe.h"

namespace gradkeep::lab {
namespace {

constexpr std::array<std::string_view, 4> kTexts{"name", "title", "description", "report"};

// What stands at one key: its alternatives (one, unless it is a list of an axis), as functions of
// the run that they complete, and the line of each.
struct Choice {
  const Field* field = nullptr;
  std::vector<RunSpec> values = {};  // only the field's member counts
  std::vector<std::uint32_t> lines = {};
  bool list = false;
};

class Reader {
 public:
  Reader(std::string_view text, const std::string& file) : file_(file) {
    study_.text = text;
    study_.file = file;
    const auto path = std::filesystem::path(file);
    base_.folder = path.has_parent_path() ? path.parent_path().string() : "";
    try {
      table_ = toml::parse(text, file);
    } catch (const toml::parse_error& error) {
      fail(error.source().begin.line, std::string(error.description()));
    }
  }

  Study read() {
    for (const auto& [key, node] : table_) read_key(key.str(), node);
    if (line_of_["steps"] && line_of_["epochs"])
      fail(std::max(line_of_["steps"], line_of_["epochs"]),
           "both steps and epochs are given; expected one budget");
    // toml++ sorts keys by name; the grid follows the file.
    std::sort(choices_.begin(), choices_.end(),
              [](const Choice& a, const Choice& b) { return a.lines.front() < b.lines.front(); });
    if (study_.name.empty()) study_.name = std::filesystem::path(file_).stem().string();
    if (study_.title.empty()) study_.title = study_.name;
    check_size();
    expand(0, base_);
    name_axes();
    return std::move(study_);
  }

 private:
  [[noreturn]] void fail(std::uint32_t line, const std::string& what) const {
    throw Error(file_ + ":" + std::to_string(line) + ": " + what);
  }

  [[noreturn]] void unknown(std::uint32_t line, const std::string& what, const std::string& word,
                            const std::vector<std::string>& known) const {
    const auto near = nearest(word, known);
    std::string hint = near.empty() ? "" : "; did you mean \"" + near + "\"?";
    if (near.empty()) {
      hint = "; known are";
      for (const auto& name : known) hint += " " + name;
    }
    fail(line, "unknown " + what + " \"" + word + "\"" + hint);
  }

  void read_key(std::string_view key, const toml::node& node) {
    const auto line = node.source().begin.line;
    line_of_[std::string(key)] = line;
    if (std::find(kTexts.begin(), kTexts.end(), key) != kTexts.end()) {
      const auto text = node.value_exact<std::string>();
      if (!text) fail(line, std::string(key) + ": expected a text in quotes");
      // The name becomes the store's file name.
      if (key == "name" && (text->empty() || text->find('/') != text->npos || text->front() == '.'))
        fail(line, "name: got \"" + *text + "\", expected a name without '/' that no dot begins");
      (key == "name"          ? study_.name
       : key == "title"       ? study_.title
       : key == "description" ? study_.description
                              : study_.report) = *text;
      return;
    }
    const Field* field = find_field(key);
    if (!field || !field->written_by_user) {
      std::vector<std::string> known(kTexts.begin(), kTexts.end());
      for (const auto& each : fields())
        if (each.written_by_user) known.emplace_back(each.key);
      unknown(line, "key", std::string(key), known);
    }
    Choice choice{.field = field};
    const auto* array = node.as_array();
    if (field->axis && array) {
      choice.list = true;
      if (array->empty()) fail(line, std::string(key) + ": an empty list; expected values");
      for (const auto& element : *array) add(choice, element);
    } else if (array && !field->axis && !takes_list(*field)) {
      fail(line, std::string(key) + ": one value for the whole study; expected " +
                     field->expected() + ", not a list");
    } else {
      add(choice, node);
    }
    choices_.push_back(std::move(choice));
  }

  static bool takes_list(const Field& field) {
    return std::holds_alternative<std::vector<std::string> RunSpec::*>(field.member) ||
           std::holds_alternative<std::vector<double> RunSpec::*>(field.member);
  }

  void add(Choice& choice, const toml::node& node) {
    RunSpec run;
    std::visit([&](auto member) { read_value(*choice.field, node, run.*member); },
               choice.field->member);
    choice.values.push_back(run);
    choice.lines.push_back(node.source().begin.line);
  }

  [[noreturn]] void wrong(const Field& field, const toml::node& node) const {
    std::string got;
    if (const auto text = node.value_exact<std::string>())
      got = "\"" + *text + "\"";
    else if (const auto whole = node.value_exact<std::int64_t>())
      got = std::to_string(*whole);
    else if (const auto real = node.value_exact<double>())
      got = shortest(*real);
    else if (const auto truth = node.value_exact<bool>())
      got = *truth ? "true" : "false";
    else
      got = node.is_array() ? "a list" : node.is_table() ? "a table" : "something else";
    std::string hint;
    if (const auto text = node.value_exact<std::string>(); text && !field.choices.empty())
      if (const auto near = nearest(*text, field.choices); !near.empty())
        hint = "; did you mean \"" + near + "\"?";
    fail(node.source().begin.line,
         std::string(field.key) + ": expected " + field.expected() + ", got " + got + hint);
  }

  static std::string shortest(double value) {
    char buffer[32];
    const auto end = std::to_chars(buffer, buffer + sizeof buffer, value).ptr;
    return {buffer, end};
  }

  void read_value(const Field& field, const toml::node& node, std::string& out) const {
    const auto value = node.value_exact<std::string>();
    const auto& choices = field.choices;
    if (!value ||
        (!choices.empty() && std::find(choices.begin(), choices.end(), *value) == choices.end()))
      wrong(field, node);
    out = *value;
  }
  template <class Integer>
    requires std::is_integral_v<Integer>
  void read_value(const Field& field, const toml::node& node, Integer& out) const {
    const auto value = node.value_exact<std::int64_t>();
    if (!value || !field.range.contains(static_cast<double>(*value))) wrong(field, node);
    out = static_cast<Integer>(*value);
  }
  void read_value(const Field& field, const toml::node& node, double& out) const {
    const auto value = node.value<double>();
    if (!value || node.is_boolean() || !field.range.contains(*value)) wrong(field, node);
    out = *value;
  }
  void read_value(const Field& field, const toml::node& node, bool& out) const {
    const auto value = node.value_exact<bool>();
    if (!value) wrong(field, node);
    out = *value;
  }
  template <class T>
  void read_value(const Field& field, const toml::node& node, std::vector<T>& out) const {
    const auto* array = node.as_array();
    if (!array) wrong(field, node);
    for (const auto& element : *array) read_value(field, element, out.emplace_back());
  }

  std::uint32_t line(const std::string& key) const {
    const auto found = line_of_.find(key);
    return found == line_of_.end() ? 1 : found->second;
  }

  // More runs than anyone waits for are a slip of the pen, and expanding them fills the memory.
  void check_size() const {
    constexpr double kMostRuns = 100000;
    double runs = 1;
    for (const auto& choice : choices_) runs *= static_cast<double>(choice.values.size());
    if (runs > kMostRuns)
      fail(choices_.front().lines.front(), "the lists span more than 100000 runs; expected fewer");
  }

  // The combinations, the key written last turning fastest.
  void expand(std::size_t i, const RunSpec& run) {
    if (i == choices_.size()) {
      finish(run);
      return;
    }
    const auto& choice = choices_[i];
    for (std::size_t k = 0; k < choice.values.size(); ++k) {
      RunSpec next = run;
      std::visit([&](auto member) { next.*member = choice.values[k].*member; },
                 choice.field->member);
      if (choice.list) line_of_[std::string(choice.field->key)] = choice.lines[k];
      expand(i + 1, next);
    }
  }

  // Checks what only the libraries to the left can know, and puts names into their canonical form.
  void finish(RunSpec run) {
    const auto on_line = [this](const char* key, const auto& action) {
      try {
        action();
      } catch (const Error& error) {
        fail(line(key), std::string(key) + ": " + error.what());
      }
    };
    on_line("activation", [&] {
      run.activation =
          Activation(run.activation, run.any_parameters ? Bounds::any : Bounds::recommended).text();
    });
    on_line("initialiser", [&] { nn::parse_initialiser(resolve_initialiser(run)); });
    const auto probes = probe::names();
    for (const auto& name : run.probes)
      if (std::find(probes.begin(), probes.end(), name) == probes.end())
        unknown(line("probes"), "probe", name, probes);
    check_data(run);
    if (!keys_.insert(canonical_key(run)).second)
      fail(choices_.back().lines.front(),
           "two combinations are the same run; expected every value of a list once");
    study_.runs.push_back(std::move(run));
  }

  void check_data(RunSpec& run) {
    const auto path = std::filesystem::path(run.data);
    if (path.extension() != ".csv" && path.extension() != ".npy") {
      auto known = data::source_names();
      std::erase(known, "csv");
      std::erase(known, "npy");
      if (std::find(known.begin(), known.end(), run.data) == known.end())
        unknown(line("data"), "data (a name, or the path of a .csv or .npy file)", run.data, known);
      return;
    }
    if (run.label.empty())
      fail(line("data"), path.extension() == ".csv"
                             ? "label is missing; expected the name of the column to learn"
                             : "label is missing; expected the .npy file of what to learn");
    run.data_digest = digest("data", run.folder, run.data);
    if (path.extension() == ".npy") run.data_digest += digest("label", run.folder, run.label);
  }

  // FNV-1a over the bytes: a file that was changed is other data, so its runs are other runs.
  std::string digest(const char* key, const std::string& folder, const std::string& name) {
    const auto path = std::filesystem::path(folder) / name;
    auto& known = digests_[path.string()];
    if (!known.empty()) return known;
    std::ifstream in(path, std::ios::binary);
    if (!in || std::filesystem::is_directory(path))
      fail(line(key), std::string(key) + ": cannot read the file " + path.string());
    std::uint64_t hash = 0xcbf29ce484222325;
    for (auto byte = std::istreambuf_iterator<char>(in); byte != std::istreambuf_iterator<char>();
         ++byte)
      hash = (hash ^ static_cast<unsigned char>(*byte)) * 0x100000001b3;
    char text[17];
    std::snprintf(text, sizeof text, "%016llx", static_cast<unsigned long long>(hash));
    return known = text;
  }

  // From the runs, where names have their canonical form.
  void name_axes() {
    for (const auto& choice : choices_) {
      if (!choice.list) continue;
      Axis axis{std::string(choice.field->key), {}};
      for (const auto& run : study_.runs)
        if (const auto text = field_text(*choice.field, run);
            std::find(axis.values.begin(), axis.values.end(), text) == axis.values.end())
          axis.values.push_back(text);
      study_.axes.push_back(std::move(axis));
    }
  }

  std::string file_;
  Study study_;
  RunSpec base_;
  toml::table table_;
  std::vector<Choice> choices_;
  std::map<std::string, std::uint32_t> line_of_;
  std::map<std::string, std::string> digests_;
  std::set<std::string> keys_;
};

std::string read_text(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::error_code ignored;
  if (!in || std::filesystem::is_directory(path, ignored))
    throw Error(path + ": cannot read; expected a study's TOML file");
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

}  // namespace

std::string resolve_initialiser(const RunSpec& run) {
  if (run.initialiser == "plain") return "normal(1/sqrt(n))";
  if (run.initialiser != "matched") return run.initialiser;
  const auto limits = Activation(run.activation, Bounds::any).limits();
  return limits.minus[1] == limits.plus[1] ? "glorot_normal" : "he_normal";
}

Study parse_study(std::string_view toml, const std::string& file) {
  return Reader(toml, file).read();
}

Study read_study(const std::string& path) { return parse_study(read_text(path), path); }

Study read_training(const std::string& path) {
  Study study = read_study(path);
  if (!study.axes.empty())
    throw Error(path + ": " + study.axes.front().key +
                " is a list; expected one network (`gradkeep study` runs a grid)");
  return study;
}

Study built_in_study(std::string_view name) {
  std::vector<std::string> known;
  for (const auto& study : built_in_studies()) {
    if (study.name == name) return parse_study(study.text, "built-in " + study.name + ".toml");
    known.push_back(study.name);
  }
  const auto near = nearest(name, known);
  throw Error("unknown study \"" + std::string(name) + "\"" +
              (near.empty() ? "; `gradkeep study --list` names the built-in ones"
                            : "; did you mean \"" + near + "\"?"));
}

}  // namespace gradkeep::lab
