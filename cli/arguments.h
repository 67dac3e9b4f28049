// What the argument parser does not do by itself: negative numbers of every spelling as values,
// help that begins with examples, and errors that suggest what was probably meant.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "cli/verbs.h"

namespace gradkeep::cli {

// The arguments without the program's name. A number that begins with a minus ("-inf", "-.5", a
// list
// "-1,2") would be taken for an option; a blank before it makes it a value, and numbers.h skips it.
std::vector<std::string> protected_numbers(int argc, char** argv);

// Throws Error for a first word that is no verb, with the nearest one.
void check_verb(const CLI::App& app, const std::vector<std::string>& arguments);

// One line for an error of the parser.
std::string explain(const CLI::App& app, const CLI::ParseError& error);

void add_version_and_credits(CLI::App& app, Action& action);

// The footer holds the examples and is printed first.
class ExamplesFirst : public CLI::Formatter {
 public:
  ExamplesFirst();
  std::string make_help(const CLI::App* app, std::string name,
                        CLI::AppFormatMode mode) const override;
};

}  // namespace gradkeep::cli
