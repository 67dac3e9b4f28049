// What the argument parser does not do by itself.
// SPDX-License-Identifier: Apache-2.0
#include "cli/arguments.h"

#include <algorithm>
#include <optional>
#include <set>

#include "cli/numbers.h"
#include "data/dataset.h"

namespace gradkeep::cli {
namespace {

std::vector<std::string> option_names(const CLI::App& app) {
  std::vector<std::string> out;
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& name : option->get_lnames()) out.push_back("--" + name);
  }
  return out;
}

std::string did_you_mean(const std::string& word, const std::vector<std::string>& known) {
  const std::string near = nearest(word, known);
  return near.empty() ? "" : "; did you mean " + near + "?";
}

const CLI::App& chosen(const CLI::App& app) {
  const auto verbs = app.get_subcommands();
  return verbs.empty() ? app : *verbs.front();
}

std::string see_help(const CLI::App& verb) {
  const bool whole = verb.get_parent() == nullptr;
  return " (gradkeep " + (whole ? "" : verb.get_name() + " ") + "--help)";
}

// An option as typed: "--order=1", "--order" with its value in the next word, "-ox.svg". No option
// where nothing of the kind is known.
struct Typed {
  const CLI::Option* option = nullptr;
  std::string name;
  std::optional<std::string> value;
};

Typed typed_option(const CLI::App& verb, const std::string& word) {
  if (word.size() < 2 || word[0] != '-' || word == "--") return {};
  Typed out;
  if (word[1] == '-') {
    const std::size_t equals = word.find('=');
    out.name = word.substr(0, equals);
    if (equals != word.npos) out.value = word.substr(equals + 1);
  } else {
    out.name = word.substr(0, 2);
    if (word.size() > 2) out.value = word.substr(2);
  }
  out.option = verb.get_option_no_throw(out.name);
  return out;
}

// "-x" and "--xyz" are options, known or not; "-", "-1", "-.5", "-inf" and "-1x" are values.
bool reads_as_option(const std::string& word) {
  if (word.size() < 2 || word[0] != '-' || looks_like_number(word)) return false;
  return word[1] != '.' && !(word[1] >= '0' && word[1] <= '9');
}

// The verb that the first word names, the program itself where an option or nothing comes first.
const CLI::App& find_verb(const CLI::App& app, std::span<const std::string> words) {
  if (words.empty() || words.front().starts_with("-")) return app;
  const std::string& word = words.front();
  std::vector<std::string> verbs;
  for (const CLI::App* verb : app.get_subcommands([](const CLI::App*) { return true; })) {
    if (verb->get_name() == word) return *verb;
    verbs.push_back(verb->get_name());
  }
  std::string message = "'" + word + "' is not a verb";
  const std::string suggestion = did_you_mean(word, verbs);
  if (suggestion.empty()) {
    message += ": expected";
    for (const std::string& verb : verbs) message += (verb == verbs.front() ? " " : ", ") + verb;
  }
  throw Error(message + suggestion);
}

void add_named(Verb verb, Options& options, Declared name) {
  name.required();
  add_json(verb, options);
  verb.add_flag("--any-parameters", options.any_parameters,
                "Allow parameters outside their recommended bounds");
}

}  // namespace

std::vector<std::string> arranged(const CLI::App& app, std::span<const std::string> words) {
  std::vector<std::string> options, values;
  std::set<const CLI::Option*> seen;
  const CLI::App& verb = find_verb(app, words);
  if (&verb != &app) {
    options.push_back(words.front());
    words = words.subspan(1);
  }
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::string& word = words[i];
    if (word == "--") {
      values.insert(values.end(), words.begin() + i + 1, words.end());
      break;
    }
    if (!reads_as_option(word)) {
      values.push_back(word);
      continue;
    }
    const Typed typed = typed_option(verb, word);
    if (!typed.option) {
      const std::string name = word.starts_with("--") ? typed.name : word;
      throw Error("unknown option " + name + did_you_mean(name, option_names(verb)) +
                  see_help(verb));
    }
    const int most = typed.option->get_items_expected_max();
    if (most == 1 && !seen.insert(typed.option).second) {
      throw Error(typed.name + " is given twice" + see_help(verb));
    }
    options.push_back(typed.name);
    const bool takes_value = most > 0;
    if (typed.value && !takes_value) throw Error(typed.name + " takes no value" + see_help(verb));
    if (!takes_value) continue;
    if (typed.value) {
      options.push_back(*typed.value);
    } else if (i + 1 < words.size() && words[i + 1] != "--" &&
               !typed_option(verb, words[i + 1]).option) {
      options.push_back(words[++i]);
    } else {
      throw Error(typed.name + " lacks its value: expected " + typed.option->get_type_name() +
                  (i + 1 < words.size() ? " before " + words[i + 1] : "") + see_help(verb));
    }
  }
  if (!values.empty()) options.emplace_back("--");
  options.insert(options.end(), values.begin(), values.end());
  return options;
}

std::string explain(const CLI::App& app, const CLI::ParseError& error) {
  const std::string help = see_help(chosen(app));
  const std::vector<std::string> left = app.remaining(true);
  const auto extra =
      std::find_if(left.begin(), left.end(), [](auto& word) { return word != "--"; });
  if (dynamic_cast<const CLI::ExtrasError*>(&error) && extra != left.end()) {
    return "'" + *extra + "' is one argument too many" + help;
  }
  std::string message = error.what();
  return message.substr(0, message.find_last_not_of('\n') + 1) + help;
}

void add_version_and_credits(CLI::App& app, Action& action) {
  const auto flag = [&](const char* name, const char* description, auto text) {
    const auto print = [text](Output& out) { return out << text(), kFine; };
    app.add_flag_callback(name, [&action, print] { action = print; }, description);
  };
  flag("--version", "Print the version",
       [] { return "gradkeep " + std::string(version()) + "\n"; });
  flag("--credits", "Who made the embedded data, under which licence",
       [] { return data::credits(); });
}

Declared Declared::required() { return option_->required(), *this; }
Declared Declared::type_name(const std::string& name) { return option_->type_name(name), *this; }
Declared Declared::delimiter(char between) { return option_->delimiter(between), *this; }
Declared Declared::one_value_at_a_time() { return option_->allow_extra_args(false), *this; }
Declared Declared::hidden() { return option_->group(""), *this; }
Declared Declared::check(const std::function<std::string(const std::string&)>& check) {
  return option_->check(check), *this;
}
template <class T>
Declared Declared::range(T low, T high) {
  return option_->check(CLI::Range(low, high)), *this;
}
template Declared Declared::range(int, int);
template Declared Declared::range(std::size_t, std::size_t);

template <class T>
Declared Verb::add_option(const std::string& names, T& value, const std::string& description) {
  return Declared(app_->add_option(names, value, description));
}
using Text = const std::string&;
template Declared Verb::add_option(Text, std::string&, Text);
template Declared Verb::add_option(Text, std::optional<std::string>&, Text);
template Declared Verb::add_option(Text, std::vector<std::string>&, Text);
template Declared Verb::add_option(Text, int&, Text);
template Declared Verb::add_option(Text, std::size_t&, Text);

Declared Verb::add_flag(const std::string& name, bool& flag, const std::string& description) {
  return Declared(app_->add_flag(name, flag, description));
}

Verb add_verb(CLI::App& app, Action& action, const std::string& name,
              const std::string& description, const std::string& examples, const Action& run) {
  CLI::App* verb = app.add_subcommand(name, description);
  verb->footer(examples);
  verb->callback([&action, run] { action = run; });
  return Verb(verb);
}

Declared add_file(Verb verb, const std::string& option, std::string& path,
                  const std::string& description) {
  return verb.add_option(option, path, description).check([](const std::string& given) {
    return given.empty() ? "its value is empty, expected a file" : "";
  });
}

Declared add_choice(Verb verb, const std::string& option, std::string& choice,
                    const std::vector<std::string>& choices, const std::string& description) {
  std::string all;
  for (const std::string& one : choices) all += (all.empty() ? "" : "|") + one;
  const auto check = [choices, all](const std::string& given) {
    const bool known = std::find(choices.begin(), choices.end(), given) != choices.end();
    return known ? std::string() : given + " is none of " + all;
  };
  return verb.add_option(option, choice, description).check(check).type_name(all);
}

void add_json(Verb verb, Options& options) {
  verb.add_flag("--json", options.json, "One JSON object instead of text");
}

void add_function(Verb verb, Options& options, std::string& name) {
  add_named(verb, options, verb.add_option("NAME", name, "A function, as in elu(alpha=0.5)"));
}

void add_functions(Verb verb, Options& options, std::vector<std::string>& names) {
  add_named(verb, options, verb.add_option("NAME", names, "Functions, as in elu(alpha=0.5)"));
}

ExamplesFirst::ExamplesFirst() {
  column_width(30);
  label("OPTIONS", "options");
  label("SUBCOMMAND", "verb");
  label("SUBCOMMANDS", "verbs");
  label("Subcommands", "Verbs");
}

std::string ExamplesFirst::make_help(const CLI::App* app, std::string name,
                                     CLI::AppFormatMode mode) const {
  if (mode == CLI::AppFormatMode::Sub) return make_expanded(app);
  return "Examples:\n" + app->get_footer() + "\n" + make_description(app) +
         make_usage(app, std::move(name)) + make_positionals(app) + make_groups(app, mode) +
         make_subcommands(app, mode);
}

}  // namespace gradkeep::cli
