// The verbs of the command line, one file each. A verb's add_ function declares its arguments and
// leaves behind what to do with them; nothing runs until all arguments have been read.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gradkeep/core.h>

#include <CLI/CLI.hpp>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "cli/output.h"

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

// Declares a verb: one line of description and examples for the top of its help. The verb's own
// options live in a struct derived from Options, shared between the parser and the action.
template <class T>
CLI::App* add_verb(CLI::App& app, Action& action, const std::string& name,
                   const std::string& description, const std::string& examples,
                   const std::shared_ptr<T>& options, int (*run)(const T&, Output&)) {
  CLI::App* verb = app.add_subcommand(name, description);
  verb->footer(examples);
  verb->callback([&action, options, run] {
    action = [options, run](Output& out) { return run(*options, out); };
  });
  return verb;
}

// An option whose value is a file, hence not empty.
CLI::Option* add_file(CLI::App* verb, const std::string& option, std::string& path,
                      const std::string& description);
// An option with one of a few values.
CLI::Option* add_choice(CLI::App* verb, const std::string& option, std::string& choice,
                        const std::vector<std::string>& choices, const std::string& description);
void add_json(CLI::App* verb, Options& options);
// NAME, the function or functions that a verb is about, --json and --any-parameters.
void add_function(CLI::App* verb, Options& options, std::string& name);
void add_functions(CLI::App* verb, Options& options, std::vector<std::string>& names);

}  // namespace gradkeep::cli
