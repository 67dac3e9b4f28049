// What the argument parser does not do by itself.
// SPDX-License-Identifier: Apache-2.0
#include "cli/arguments.h"

#include <algorithm>

#include "cli/numbers.h"
#include "data/dataset.h"

namespace gradkeep::cli {
namespace {

bool list_of_numbers(std::string_view text) {
  while (true) {
    const std::size_t comma = text.find(',');
    if (!looks_like_number(text.substr(0, comma))) return false;
    if (comma == text.npos) return true;
    text.remove_prefix(comma + 1);
  }
}

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

}  // namespace

std::vector<std::string> protected_numbers(int argc, char** argv) {
  std::vector<std::string> out(argv + std::min(argc, 1), argv + argc);
  for (std::string& word : out) {
    if (word.starts_with("-") && list_of_numbers(word)) word.insert(0, " ");
  }
  return out;
}

void check_verb(const CLI::App& app, const std::vector<std::string>& arguments) {
  if (arguments.empty() || arguments.front().starts_with("-")) return;
  std::vector<std::string> verbs;
  for (const CLI::App* verb : app.get_subcommands([](const CLI::App*) { return true; })) {
    verbs.push_back(verb->get_name());
  }
  const std::string& word = arguments.front();
  if (std::find(verbs.begin(), verbs.end(), word) != verbs.end()) return;
  std::string message = "'" + word + "' is not a verb";
  const std::string suggestion = did_you_mean(word, verbs);
  if (suggestion.empty()) {
    message += ": expected";
    for (const std::string& verb : verbs) message += (verb == verbs.front() ? " " : ", ") + verb;
  }
  throw Error(message + suggestion);
}

std::string explain(const CLI::App& app, const CLI::ParseError& error) {
  const CLI::App& verb = chosen(app);
  const std::string help =
      " (gradkeep " + (&verb == &app ? std::string() : verb.get_name() + " ") + "--help)";
  // A misspelt option first: what the parser misses may be what that option should have been.
  const std::vector<std::string> left = app.remaining(true);
  for (const std::string& word : left) {
    if (!word.starts_with("-") || word == "--") continue;
    const std::string option = word.substr(0, word.find('='));
    return "unknown option " + option + did_you_mean(option, option_names(verb)) + help;
  }
  if (dynamic_cast<const CLI::ExtrasError*>(&error) && !left.empty()) {
    return "'" + left.front() + "' is one argument too many" + help;
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

void add_json(CLI::App* verb, Options& options) {
  verb->add_flag("--json", options.json, "One JSON object instead of text");
}

void add_any_parameters(CLI::App* verb, Options& options) {
  verb->add_flag("--any-parameters", options.any_parameters,
                 "Allow parameters outside their recommended bounds");
}

ExamplesFirst::ExamplesFirst() {
  column_width(30);
  label("OPTIONS", "[options]");
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
