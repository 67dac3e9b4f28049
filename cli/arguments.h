// What the argument parser does not do by itself: negative numbers of every spelling as values,
// help that begins with examples, and errors that suggest what was probably meant.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <CLI/CLI.hpp>
#include <span>
#include <string>
#include <vector>

#include "cli/verbs.h"

namespace gradkeep::cli {

// The arguments (without the program's name) in the order that the parser understands: the verb, its
// options with their values, "--", then everything else. So a number may begin with a minus ("-inf",
// "-.5") and stand before or after a "--" of the user's, behind which nothing is an option. Throws
// Error, with the nearest word that is known, for an unknown verb or option, and for an option
// without its value.
std::vector<std::string> arranged(const CLI::App& app, std::span<const std::string> words);

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
