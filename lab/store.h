// The store: one SQLite file that holds a study's results. A run is written in one transaction when
// it ends, so a study that is killed loses only what it was in the middle of. The store names who
// made it: each start of a study is a session with the program's version, the machine and the text
// of the specification, and each run knows its session. Drawing is somebody else's room; what the
// report needs is read here.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "lab/spec.h"

namespace gradkeep::lab {

// A start of a study on some machine.
struct Session {
  std::int64_t id = 0;
  std::string started;  // UTC, "2026-01-31T12:00:00Z"
  std::string version;  // of gradkeep
  std::string study, title, description;
  std::string report{};   // the name of its reading, Study::report
  std::string spec;       // the TOML text
  std::string processor;  // "AMD EPYC 7763"
  std::string target;     // SIMD target, "AVX2"
  int cores = 0;          // of the machine
  int threads = 0;        // used: runs at a time
};

// A point of the learning curve. Seconds are processor time of training alone, without measuring,
// so they do not depend on what else the machine was doing.
struct CurvePoint {
  int step = 0;
  double seconds = 0;
  double train_loss = 0, train_accuracy = 0;  // on the whole training part; accuracy NaN if none
  double held_loss = 0, held_accuracy = 0;    // on the validation part, or the test part if none
};

// When a target loss was first reached (by the training loss of the curve); step -1: not reached.
struct Target {
  double loss = 0;
  int step = -1;
  double seconds = 0;
};

// A probe's number. layer counts from 1 (nearest the data) to depth + 1 (the output layer).
struct Measure {
  int step = 0;
  int layer = 0;
  std::string probe;  // "mean_slope"; learned parameters are "learned_a"
  double value = 0;   // may be NaN or infinite
};

struct Run {
  std::int64_t id = 0, session = 0;
  std::string key;
  RunSpec spec;
  std::string initialiser;                      // what spec.initialiser came to: "he_normal"
  std::string data;                             // name of the data set
  int examples = 0, features = 0, classes = 0;  // classes 0: regression
  double seconds = 0;                           // training, processor time
  double probe_seconds = 0;                     // measuring, processor time
  double activation_seconds = 0;  // of `seconds`: the activation, forward and backward
  bool diverged = false;          // ended early by a loss that is not finite
  CurvePoint last;                // the end of the curve
  // On the test part, looked at once, at the end; NaN in runs that choose, and where there is none.
  double test_loss = std::numeric_limits<double>::quiet_NaN();
  double test_accuracy = std::numeric_limits<double>::quiet_NaN();
  std::vector<Target> targets;
  // Filled by Store::add's caller and by Store::run; Store::runs leaves them empty.
  std::vector<CurvePoint> curve;
  std::vector<Measure> measures;
};

// One connection; use it from one thread at a time. Every failure (no permission, full disk, a file
// that is no store, a store of another version) throws Error with one line.
class Store {
 public:
  enum class Mode { read, write };  // write makes the file if it does not exist
  Store(const std::string& path, Mode mode);
  ~Store();
  Store(Store&&) noexcept;
  Store& operator=(Store&&) noexcept;

  const std::string& path() const;

  // Writing. add returns the run's id; a key that is already there is left as it is.
  std::int64_t begin_session(const Session& session);
  std::int64_t add(const Run& run);
  // Names the runs that the present study consists of, those that choose among them; equal ones
  // count once, others stay but are set aside.
  void set_wanted(const std::vector<RunSpec>& runs);

  // Reading. runs are those of the present study, in its order; missing ones are left out.
  std::vector<Session> sessions() const;      // the latest last
  std::set<std::string> finished() const;     // keys of all runs, also those set aside
  int planned() const;                        // runs of the present study, those that choose apart
  std::vector<RunSpec> planned_runs() const;  // of the present study, finished or not
  std::vector<Run> runs() const;
  std::vector<Run> tuning_runs() const;                   // those by which the study chose
  bool chooses() const;                                   // whether there are such
  std::optional<Run> find(const std::string& key) const;  // without curve and measures
  Run run(std::int64_t id) const;                         // with curve and measures
  std::vector<CurvePoint> curve(std::int64_t run) const;  // ascending steps
  std::vector<Measure> measures(std::int64_t run) const;  // by step, layer, probe
  std::vector<Measure> measures(std::int64_t run, const std::string& probe) const;
  std::vector<std::string> probes() const;  // names that occur

 private:
  struct Database;
  std::unique_ptr<Database> database_;
};

}  // namespace gradkeep::lab
