// gradkeep, the command line: finds the verb, reads its arguments, and turns every failure into one
// line on standard error and exit status 2.
// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <gradkeep/core.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <iostream>
#include <new>

#include "cli/arguments.h"
#include "cli/verbs.h"

namespace gradkeep::cli {
namespace {

constexpr const char* kExamples =
    "  gradkeep show gelu                      what is known about a function\n"
    "  gradkeep eval sigmoid -20 0 20          values, slopes with --order 1\n"
    "  gradkeep table sigmoid tanh relu gelu   functions compared\n"
    "  gradkeep plot gelu silu -o curves.svg   curves of values and slopes\n"
    "  gradkeep chain sigmoid --layers 20      what the chain rule leaves of a gradient\n"
    "  gradkeep predict tanh --weight-std 1.5  signal and gradient in a deep network, before "
    "training\n"
    "  gradkeep spectrum tanh --layers 8       whether all directions keep theirs alike\n"
    "  gradkeep study depth                    how deep a network can be, with a report\n";

int fail(const std::string& message) {
  std::string line = message.substr(0, message.find_last_not_of(" \n") + 1);
  std::replace(line.begin(), line.end(), '\n', ' ');
  std::cerr << "gradkeep: " + line + "\n";
  return kWrongUse;
}

// A file opened later must not land on a standard stream that the caller had closed.
void occupy_standard_streams() {
  for (int file = 0; file <= 2; ++file) {
    if (::fcntl(file, F_GETFD) < 0) ::open("/dev/null", file == 2 ? O_WRONLY : O_RDONLY);
  }
}

int parse_and_run(int argc, char** argv) {
  CLI::App app("Activation functions, their derivatives, and whether gradients survive them.",
               "gradkeep");
  app.formatter(std::make_shared<ExamplesFirst>());
  app.footer(kExamples);
  app.require_subcommand(0, 1);
  Action action;
  for (const auto add : {add_list, add_show, add_eval, add_table, add_plot, add_chain, add_predict,
                         add_critical, add_phase, add_gain, add_moments, add_spectrum, add_study,
                         add_report, add_train, add_bench, add_check, add_selftest}) {
    add(app, action);
  }
  add_version_and_credits(app, action);

  const std::vector<std::string> words(argv + std::min(argc, 1), argv + argc);
  std::vector<std::string> arguments = arranged(app, words);
  Output out;
  try {
    std::reverse(arguments.begin(), arguments.end());  // CLI11 takes them from the back
    app.parse(arguments);
  } catch (const CLI::CallForHelp&) {
    CLI::App* verb = app.get_subcommands().empty() ? &app : app.get_subcommands().front();
    action = [verb](Output& o) { return o << verb->help(), kFine; };
  } catch (const CLI::ParseError& error) {
    throw Error(explain(app, error));
  }
  if (!action) {
    std::cerr << app.help();
    return kWrongUse;
  }
  const int status = action(out);
  out.finish();
  return status;
}

}  // namespace
}  // namespace gradkeep::cli

int main(int argc, char** argv) {
  using namespace gradkeep::cli;
  occupy_standard_streams();
  std::signal(SIGPIPE, SIG_IGN);  // a closed pipe is a failed write, reported as one
  try {
    return parse_and_run(argc, argv);
  } catch (const std::bad_alloc&) {
    return fail("out of memory");
  } catch (const std::exception& error) {
    return fail(error.what());
  }
}
