// Reading a study's TOML: every key and value is checked where it stands, so that an error can name
// the line (or the setting on the command line); grid.cc multiplies the lists out.
// SPDX-License-Identifier: Apache-2.0
#include "lab/spec.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <optional>
#define TOML_ENABLE_FORMATTERS 0
#include <toml++/toml.h>

#include "lab/grid.h"

namespace gradkeep::lab {
namespace {

constexpr std::array<std::string_view, 4> kTexts{"name", "title", "description", "report"};

std::string trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  if (first == text.npos) return "";
  return std::string(text.substr(first, text.find_last_not_of(" \t") - first + 1));
}

// "KEY=VALUE" of the command line, taken apart.
struct Setting {
  std::string key, place;  // place: "--set depth=4"
  toml::table table;       // the one key
};

Setting parse_setting(const std::string& text) {
  const auto equals = text.find('=');
  auto place = "--set " + text;
  std::replace(place.begin(), place.end(), '\n', ' ');
  const auto key = trimmed(std::string_view(text).substr(0, equals));
  if (equals == text.npos || key.empty() || text.find('\n') != text.npos)
    throw Error(place + ": expected KEY=VALUE on one line, as in depth=4");
  const auto value = trimmed(std::string_view(text).substr(equals + 1));
  Setting setting{key, place, {}};
  try {
    setting.table = toml::parse(key + " = " + value);
  } catch (const toml::parse_error& error) {
    // A shell eats quotation marks: a word is the text that it would have been inside them.
    if (value.empty() || std::string_view("[{\"'").find(value.front()) != std::string_view::npos)
      refuse(place, std::string(error.description()));
    setting.table.insert_or_assign(key, value);
  }
  if (setting.table.size() != 1 || !setting.table.contains(key))
    refuse(place, "expected the name of one key before the =");
  return setting;
}

// What stands in one table: its keys in order, and whether it chooses.
struct Part {
  std::vector<Choice> choices;
  std::optional<bool> chosen;
  std::string choose_place;

  Choice* find(std::string_view key) {
    for (auto& choice : choices)
      if (choice.field->key == key) return &choice;
    return nullptr;
  }
  void erase(std::string_view key) {
    std::erase_if(choices, [&](const Choice& choice) { return choice.field->key == key; });
  }
  // The same key's value is replaced where it stands. One budget replaces the other.
  void put(Choice choice) {
    if (choice.field->key == "steps") erase("epochs");
    if (choice.field->key == "epochs") erase("steps");
    if (auto* old = find(choice.field->key))
      *old = std::move(choice);
    else
      choices.push_back(std::move(choice));
  }
};

class Reader {
 public:
  Reader(std::string_view text, const std::string& file, const Settings& settings) : file_(file) {
    study_.text = text;
    study_.file = file;
    const auto path = std::filesystem::path(file);
    base_.folder = path.has_parent_path() ? path.parent_path().string() : "";
    try {
      table_ = toml::parse(text, file);
    } catch (const toml::parse_error& error) {
      refuse(place(error.source().begin.line), std::string(error.description()));
    }
    for (const auto& each : settings) {
      settings_.push_back(parse_setting(each));
      if (!study_.text.empty() && study_.text.back() != '\n') study_.text += '\n';
      study_.text += "# --set " + each + "\n";
    }
  }

  Study read() {
    Part base = read_part(table_, true);
    std::vector<Part> parts;
    if (const auto* grids = table_.get("grid")) {
      const auto* array = grids->as_array();
      if (!array || !array->is_homogeneous<toml::table>())
        refuse(place(grids->source().begin.line), "grid: expected tables, each headed [[grid]]");
      for (const auto& grid : *array) parts.push_back(read_part(*grid.as_table(), false));
    }
    for (const auto& setting : settings_) {
      setting_ = &setting;
      Part one = read_part(setting.table, true);
      setting_ = nullptr;
      apply(one, base, parts);
    }
    if (study_.name.empty()) study_.name = std::filesystem::path(file_).stem().string();
    if (study_.title.empty()) study_.title = study_.name;
    expand(merged(base, parts), base_, study_);
    return std::move(study_);
  }

 private:
  std::string place(std::uint32_t line) const {
    return setting_ ? setting_->place : file_ + ":" + std::to_string(line);
  }
  std::string place(const toml::node& node) const { return place(node.source().begin.line); }

  // A setting goes into the base, and what the [[grid]] tables say of its key goes away.
  static void apply(const Part& one, Part& base, std::vector<Part>& parts) {
    for (auto& part : parts) {
      for (const auto& choice : one.choices) {
        part.erase(choice.field->key);
        if (choice.field->key == "steps") part.erase("epochs");
        if (choice.field->key == "epochs") part.erase("steps");
      }
      if (one.chosen) part.chosen.reset();
    }
    for (const auto& choice : one.choices) base.put(choice);
    if (one.chosen) {
      base.chosen = one.chosen;
      base.choose_place = one.choose_place;
    }
  }

  // Each part on top of the base.
  std::vector<Grid> merged(const Part& base, const std::vector<Part>& parts) const {
    std::vector<Grid> grids;
    const auto add = [&](const Part& part) {
      grids.push_back({part.choices, part.chosen.value_or(false), part.choose_place});
    };
    for (const auto& part : parts) {
      Part whole = base;
      for (const auto& choice : part.choices) whole.put(choice);
      if (part.chosen) {
        whole.chosen = part.chosen;
        whole.choose_place = part.choose_place;
      }
      add(whole);
    }
    if (parts.empty()) add(base);
    check_choose(grids);
    return grids;
  }

  // A setting may leave a single rate, which is then the chosen one; a file that says so is wrong.
  void check_choose(const std::vector<Grid>& grids) const {
    std::string asked;
    for (const auto& grid : grids) {
      if (!grid.chosen) continue;
      asked = grid.choose_place;
      for (const auto& choice : grid.choices)
        if (choice.field->key == "learning_rate" &&
            (choice.values.size() > 1 || choice.places.front().starts_with("--set")))
          return;
    }
    if (!asked.empty())
      refuse(asked, "choose: there is nothing to choose from; expected a list of learning_rate");
  }

  // The keys of a table in the order of the file (toml++ sorts them by name).
  Part read_part(const toml::table& table, bool base) {
    std::vector<std::pair<std::string_view, const toml::node*>> keys;
    for (const auto& [key, node] : table) keys.emplace_back(key.str(), &node);
    std::stable_sort(keys.begin(), keys.end(), [](const auto& a, const auto& b) {
      return a.second->source().begin.line < b.second->source().begin.line;
    });
    Part part;
    for (const auto& [key, node] : keys)
      if (key != "grid" || !base || setting_) read_key(key, *node, base, part);
    const auto *steps = part.find("steps"), *epochs = part.find("epochs");
    if (steps && epochs)
      refuse(std::max(steps, epochs)->places.front(),  // of one vector: the later one
             "both steps and epochs are given; expected one budget");
    return part;
  }

  void read_key(std::string_view key, const toml::node& node, bool base, Part& part) {
    const bool text = std::find(kTexts.begin(), kTexts.end(), key) != kTexts.end();
    if (text && !base)
      refuse(place(node), std::string(key) + ": belongs to the whole study; expected above the " +
                              "first [[grid]]");
    if (text) return read_text(key, node);
    if (key == "choose") {
      const auto value = node.value_exact<std::string>();
      if (!value || !(value->empty() || *value == "learning_rate"))
        refuse(place(node), "choose: expected \"learning_rate\", or \"\" for nothing");
      part.chosen = !value->empty();
      part.choose_place = place(node);
      return;
    }
    const Field* field = find_field(key);
    if (!field || !field->written_by_user) {
      std::vector<std::string> known(kTexts.begin(), kTexts.end());
      known.emplace_back("choose");
      for (const auto& each : fields())
        if (each.written_by_user) known.emplace_back(each.key);
      refuse_unknown(place(node), "key", std::string(key), known);
    }
    part.choices.push_back(read_choice(*field, node));
  }

  void read_text(std::string_view key, const toml::node& node) {
    const auto text = node.value_exact<std::string>();
    if (!text) refuse(place(node), std::string(key) + ": expected a text in quotes");
    // The name becomes the store's file name.
    if (key == "name" && (text->empty() || text->find('/') != text->npos || text->front() == '.'))
      refuse(place(node),
             "name: got \"" + *text + "\", expected a name without '/' that no dot begins");
    (key == "name"          ? study_.name
     : key == "title"       ? study_.title
     : key == "description" ? study_.description
                            : study_.report) = *text;
  }

  Choice read_choice(const Field& field, const toml::node& node) const {
    Choice choice{.field = &field};
    const auto* array = node.as_array();
    if (field.axis && array) {
      choice.list = true;
      if (array->empty())
        refuse(place(node), std::string(field.key) + ": an empty list; expected values");
      for (const auto& element : *array) add(choice, element);
    } else if (array && !field.axis && !takes_list(field)) {
      refuse(place(node), std::string(field.key) + ": one value for the whole study; expected " +
                              field.expected() + ", not a list");
    } else {
      add(choice, node);
    }
    return choice;
  }

  static bool takes_list(const Field& field) {
    return std::holds_alternative<std::vector<std::string> RunSpec::*>(field.member) ||
           std::holds_alternative<std::vector<double> RunSpec::*>(field.member);
  }

  void add(Choice& choice, const toml::node& node) const {
    RunSpec run;
    std::visit([&](auto member) { read_value(*choice.field, node, run.*member); },
               choice.field->member);
    choice.values.push_back(run);
    choice.places.push_back(place(node));
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
    refuse(place(node),
           std::string(field.key) + ": expected " + field.expected() + ", got " + got + hint);
  }

  static std::string shortest(double value) {
    char buffer[32];
    const auto end = std::to_chars(buffer, buffer + sizeof buffer, value).ptr;
    return {buffer, end};
  }

  void read_value(const Field& field, const toml::node& node, std::string& out) const {
    if (const auto number = node.value<double>(); field.or_number && number && !node.is_boolean()) {
      if (!field.range.contains(*number)) wrong(field, node);
      out = shortest(*number);
      return;
    }
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

  std::string file_;
  Study study_;
  RunSpec base_;
  toml::table table_;
  std::vector<Setting> settings_;
  const Setting* setting_ = nullptr;  // the one being read
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

Study parse_study(std::string_view toml, const std::string& file, const Settings& settings) {
  return Reader(toml, file, settings).read();
}

Study read_study(const std::string& path, const Settings& settings) {
  return parse_study(read_text(path), path, settings);
}

Study read_training(const std::string& path, const Settings& settings) {
  Study study = read_study(path, settings);
  if (!study.axes.empty())
    throw Error(path + ": " + study.axes.front().key +
                " is a list; expected one network (`gradkeep study` runs a grid)");
  return study;
}

Study built_in_study(std::string_view name, const Settings& settings) {
  std::vector<std::string> known;
  for (const auto& study : built_in_studies()) {
    if (study.name == name)
      return parse_study(study.text, "built-in " + study.name + ".toml", settings);
    known.push_back(study.name);
  }
  const auto near = nearest(name, known);
  throw Error("unknown study \"" + std::string(name) + "\"" +
              (near.empty() ? "; `gradkeep study --list` names the built-in ones"
                            : "; did you mean \"" + near + "\"?"));
}

}  // namespace gradkeep::lab
