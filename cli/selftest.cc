// gradkeep selftest: does this machine compute what was proved? Digests of as many ranges of inputs
// as fit into half a minute, on every SIMD target that the processor has. A process keeps the target
// it has chosen, so each gets one of its own.
// SPDX-License-Identifier: Apache-2.0
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <memory>
#include <random>
#include <sstream>

#include "check/parallel.h"
#include "check/proofs.h"
#include "check/stopwatch.h"
#include "cli/interrupt.h"
#include "cli/json.h"
#include "cli/numbers.h"
#include "cli/progress.h"
#include "cli/verbs.h"

namespace gradkeep::cli {
namespace {

struct SelftestOptions : Options {
  std::string seconds = "30";
  bool here = false;
};

// Where functions bend comes first, the rest in an order that is new each time: who repeats the test
// sees more.
std::vector<int> ordered_ranges() {
  std::vector<int> first{0x3f, 0xbf, 0x40, 0xc0, 0x3e, 0xbe, 0x41, 0xc1, 0x42, 0xc2, 0x80, 0x00};
  std::vector<int> rest;
  for (int r = 0; r < check::kRanges; ++r) {
    if (std::find(first.begin(), first.end(), r) == first.end()) rest.push_back(r);
  }
  std::shuffle(rest.begin(), rest.end(), std::mt19937(std::random_device()()));
  first.insert(first.end(), rest.begin(), rest.end());
  return first;
}

// What one target gave: "214 0 gelu:1:3f ..." are the ranges computed and those that differ.
struct Found {
  std::string target;
  long computed = 0;
  std::vector<std::string> differing;
};

Found test_here(double seconds) {
  const auto& proofs = check::stored_proofs();
  const check::Stopwatch watch;
  const std::vector<int> ranges = ordered_ranges();
  const std::size_t rows = proofs.size();
  Found found;
  found.target = target_name();
  std::vector<char> state(proofs.size() * ranges.size());  // computed, and whether it agrees
  enum : char { left_out, agrees, differs };
  const auto row_of = [&](std::size_t i) -> const check::Proof& { return proofs[i % rows]; };
  const auto range_of = [&](std::size_t i) { return ranges[i / rows]; };
  const std::atomic<bool>& stop = catch_interrupts();
  check::run_parallel(
      state.size(), 0,
      [&](std::size_t i, std::size_t) {
        if (watch.seconds() > seconds) return;
        const check::Proof& row = row_of(i);
        const auto digest = check::digest_range(Activation(row.function), row.order, range_of(i));
        state[i] = digest == row.digests[range_of(i)] ? agrees : differs;
      },
      [&](std::size_t i) {
        if (state[i] == left_out) return false;
        ++found.computed;
        if (state[i] == agrees) return !stop;
        std::array<char, 8> range{};
        std::snprintf(range.data(), range.size(), "%02x", range_of(i));
        found.differing.push_back(row_of(i).function + ":" + std::to_string(row_of(i).order) + ":" +
                                  range.data());
        return !stop;
      });
  return found;
}

// This program once more, on another target.
Found test_on(const std::string& target, double seconds) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> answer(std::tmpfile(), std::fclose);
  if (!answer) throw Error(std::string("cannot make a temporary file: ") + std::strerror(errno));
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_adddup2(&actions, ::fileno(answer.get()), STDOUT_FILENO);
  std::string self = "/proc/self/exe", verb = "selftest", here = "--here", option = "--seconds",
              value = std::to_string(seconds), choice = "GRADKEEP_TARGET=" + target;
  char* arguments[] = {self.data(), verb.data(), here.data(), option.data(), value.data(), nullptr};
  std::vector<char*> environment{choice.data()};
  for (char** entry = environ; *entry != nullptr; ++entry) {
    if (std::strncmp(*entry, "GRADKEEP_TARGET=", 16) != 0) environment.push_back(*entry);
  }
  environment.push_back(nullptr);
  pid_t child;
  const int error =
      ::posix_spawn(&child, self.c_str(), &actions, nullptr, arguments, environment.data());
  ::posix_spawn_file_actions_destroy(&actions);
  if (error) throw Error(std::string("cannot run gradkeep itself: ") + std::strerror(error));
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  std::rewind(answer.get());
  std::string text(std::size_t{1} << 20, '\0');
  text.resize(std::fread(text.data(), 1, text.size(), answer.get()));
  Found found;
  found.target = target;
  std::istringstream words(text);
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0 || !(words >> found.computed)) {
    throw Error("the test on " + target + " did not end as it should");
  }
  for (std::string word; words >> word;) found.differing.push_back(word);
  return found;
}

int run(const SelftestOptions& o, Output& out) {
  const double seconds = parse_number<double>(o.seconds, "--seconds");
  if (!(seconds > 0 && seconds <= 1e6)) {
    throw Error("--seconds is " + o.seconds + ", expected a number above 0");
  }
  if (check::stored_proofs().empty()) throw Error("no proofs are stored to compare with");
  if (o.here) {
    const Found found = test_here(seconds);
    out << std::to_string(found.computed);
    for (const std::string& range : found.differing) out << " " << range;
    out << "\n";
    return kFine;
  }
  const std::vector<std::string> targets = target_names();
  std::vector<Found> all;
  Progress progress("targets");
  const auto count = static_cast<std::int64_t>(targets.size());
  for (const std::string& target : targets) {
    const auto done = static_cast<std::int64_t>(all.size());
    const double each = seconds / static_cast<double>(count);
    progress.update(done, count, each * static_cast<double>(count - done), target);
    all.push_back(test_on(target, each));
  }
  progress.clear();
  const std::size_t total = check::stored_proofs().size() * check::kRanges;
  const bool good =
      std::all_of(all.begin(), all.end(), [](auto& f) { return f.differing.empty(); });
  if (o.json) {
    Json json(out);
    json.begin().field("proofs", check::stored_proofs().size()).field("ranges", total);
    json.key("targets").array();
    for (const Found& found : all) {
      json.object().field("target", found.target).field("computed", found.computed);
      json.key("differing").array();
      for (const std::string& range : found.differing) json.value(range);
      json.end_array().end_object();
    }
    json.end_array().finish();
    return good ? kFine : kCheckFailed;
  }
  for (const Found& found : all) {
    std::array<char, 16> share{};
    std::snprintf(share.data(), share.size(), "%.2g %%",
                  100 * static_cast<double>(found.computed) / static_cast<double>(total));
    out << found.target + ": " +
               std::to_string(found.computed - static_cast<long>(found.differing.size())) + " of " +
               std::to_string(found.computed) + " ranges agree with the proofs, " + share.data() +
               " of all\n";
    for (const std::string& range : found.differing) out << "  differs: " + range + "\n";
  }
  out << "A range is 2^24 inputs of one function's value or slope in float32, exact tier; "
         "gradkeep check self all --digest compares all of them.\n";
  return good ? kFine : kCheckFailed;
}

}  // namespace

void add_selftest(CLI::App& app, Action& action) {
  const auto o = std::make_shared<SelftestOptions>();
  Verb verb = add_verb<SelftestOptions>(
      app, action, "selftest", "Compare this machine's results with what was proved.",
      "  gradkeep selftest                every SIMD target here, half a minute\n"
      "  gradkeep selftest --seconds 300  the same with more inputs\n",
      o, run);
  verb.add_option("--seconds", o->seconds, "How long, all targets together (30)").type_name("S");
  verb.add_flag("--here", o->here).hidden();
  add_json(verb, *o);
}

}  // namespace gradkeep::cli
