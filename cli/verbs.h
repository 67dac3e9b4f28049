// The verbs of the command line, one file each. A verb's add_ function declares its arguments and
// leaves behind what to do with them; nothing runs until all arguments have been read.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gradkeep/core.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "cli/output.h"

// The parser's own header is for arguments.cc and main.cc: most of a verb's compilation would be spent
// on it.
namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace gradkeep::cli {

inline constexpr int kFine = 0, kCheckFailed = 1, kWrongUse = 2;

// What the chosen verb does with standard output; the exit status.
using Action = std::function<int(Output&)>;

void add_list(CLI::App& app, Action& action);
void add_show(CLI::App& app, Action& action);
void add_eval(CLI::App& app, Action& action);
void add_table(CLI::App& app, Action& action);
void add_plot(CLI::App& app, Action& action);
void add_chain(CLI::App& app, Action& action);
void add_predict(CLI::App& app, Action& action);
void add_critical(CLI::App& app, Action& action);
void add_phase(CLI::App& app, Action& action);
void add_gain(CLI::App& app, Action& action);
void add_moments(CLI::App& app, Action& action);
void add_spectrum(CLI::App& app, Action& action);
void add_study(CLI::App& app, Action& action);
void add_report(CLI::App& app, Action& action);
void add_train(CLI::App& app, Action& action);
void add_bench(CLI::App& app, Action& action);
void add_check(CLI::App& app, Action& action);
void add_selftest(CLI::App& app, Action& action);

// What several verbs share.
struct Options {
  bool json = false;
  bool any_parameters = false;
  Bounds bounds() const { return any_parameters ? Bounds::any : Bounds::recommended; }
};

// An option that was declared; T of range() is that of its value, int or std::size_t.
class Declared {
 public:
  explicit Declared(CLI::Option* option) : option_(option) {}
  Declared required();
  Declared type_name(const std::string& name);
  Declared delimiter(char between);
  Declared one_value_at_a_time();
  Declared hidden();
  // CHECK says what is wrong with a value, or nothing.
  Declared check(const std::function<std::string(const std::string&)>& check);
  template <class T>
  Declared range(T low, T high);

 private:
  CLI::Option* option_;
};

// A verb that was declared. T is std::string, an optional one, a vector of them, int or std::size_t.
class Verb {
 public:
  explicit Verb(CLI::App* app) : app_(app) {}
  template <class T>
  Declared add_option(const std::string& names, T& value, const std::string& description);
  Declared add_flag(const std::string& name, bool& flag, const std::string& description = "");

 private:
  CLI::App* app_;
};

// Declares a verb: one line of description and examples for the top of its help.
Verb add_verb(CLI::App& app, Action& action, const std::string& name,
              const std::string& description, const std::string& examples, const Action& run);

// The verb's own options live in a struct derived from Options, shared between the parser and the
// action.
template <class T>
Verb add_verb(CLI::App& app, Action& action, const std::string& name,
              const std::string& description, const std::string& examples,
              const std::shared_ptr<T>& options, int (*run)(const T&, Output&)) {
  return add_verb(app, action, name, description, examples,
                  [options, run](Output& out) { return run(*options, out); });
}

// An option whose value is a file, hence not empty.
Declared add_file(Verb verb, const std::string& option, std::string& path,
                  const std::string& description);
// An option with one of a few values.
Declared add_choice(Verb verb, const std::string& option, std::string& choice,
                    const std::vector<std::string>& choices, const std::string& description);
void add_json(Verb verb, Options& options);
// NAME, the function or functions that a verb is about, --json and --any-parameters.
void add_function(Verb verb, Options& options, std::string& name);
void add_functions(Verb verb, Options& options, std::vector<std::string>& names);

}  // namespace gradkeep::cli
