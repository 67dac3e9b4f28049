// How fast functions are, side by side: everybody who can compute what is asked works on the same
// arrays and takes one turn per round, so that a change of the machine's mood hits all alike. What
// each one answers is held against the truth, since a speed is worth nothing without its error.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <optional>

#include "check/accuracy.h"
#include "cli/bench_guest.h"
#include "cli/bench_team.h"

namespace gradkeep::cli {

// backward: dx = dy f'(x). From the output: y = f(x) is there instead of x.
enum class Pass { forward, backward, backward_from_output };
std::string name(Pass pass);

struct BenchSetting {
  std::string type = "f32";
  std::size_t elements = 65536;
  int threads = 1;
  int rounds = 15;
  double turn_seconds = 2e-3;        // a turn repeats the call until it takes this long
  bool speed = true, errors = true;  // what is measured
};

struct Entry {
  std::string peer, how;
  std::vector<double> seconds;         // of one call, by round; empty: not measured
  double call = 0;                     // seconds of a call on one element, median
  double call_64 = 0;                  // of a call on 64 elements
  std::optional<check::Tally> errors;  // over a sample of inputs

  // Seconds for the work of one call, by round: what a call on one element costs is taken off, or half
  // of the time if that is less. Threads may take longer to wake than to work.
  std::vector<double> work() const;
  double elements_per_second(std::size_t elements) const;
};

// gradkeep's fast tier stands first, plain copies last.
struct BenchResult {
  Activation function;
  Pass pass;
  std::vector<Entry> entries;
};

class Bench {
 public:
  Bench(const BenchSetting& setting, const std::vector<std::string>& guests);

  BenchResult measure(const Activation& f, Pass pass);
  // Of the guests' libraries.
  std::vector<std::pair<std::string, std::string>> versions() const;

 private:
  // Runs so many calls, after one that is not timed, and returns the seconds they took.
  using Turn = std::function<double(long calls)>;
  struct Contender {
    std::string peer, how;
    Turn turn;
  };

  template <class T>
  BenchResult measure_as(const Activation& f, Pass pass);
  // All who can; `elements` of the arrays are used.
  template <class T>
  std::vector<Contender> contenders(const Activation& f, Pass pass, std::size_t elements);
  template <class T>
  void add_own(std::vector<Contender>& list, const Activation& f, Pass pass, std::size_t elements);
  template <class T>
  void add_copies(std::vector<Contender>& list, Pass pass, std::size_t elements);
  // Inputs as a network sees them: 3 times a normal number.
  template <class T>
  void fill(const Activation& f, Pass pass);
  template <class T>
  void measure_speed(const Activation& f, Pass pass, std::vector<Entry>& entries);
  template <class T>
  void measure_errors(const Activation& f, Pass pass, std::vector<Entry>& entries);
  std::vector<std::vector<double>> race(const std::vector<Contender>& list, int rounds,
                                        double turn_seconds) const;

  BenchSetting setting_;
  SharedArrays arrays_;
  Team team_;
  std::vector<std::unique_ptr<Guest>> guests_;
};

// Keeps this thread and the guests that it will start on one processor core.
void stay_on_one_core();

}  // namespace gradkeep::cli
