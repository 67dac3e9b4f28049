// Running a study: the grid's runs go to all cores, one run a core, and each lands in the store as
// it ends. A study that chooses runs the candidates first, then what they decide. A study that is
// stopped, or killed, and started again continues: runs are matched by key, and no finished one is
// repeated.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <functional>
#include <string>
#include <vector>

#include "lab/spec.h"
#include "lab/store.h"

namespace gradkeep::lab {

struct Progress {
  int done = 0;         // runs in the store that this study wants, reused ones included
  int total = 0;        // runs in the grid, and those that choose
  int reused = 0;       // found in the store
  std::string current;  // "gelu, 16 layers, matched, seed 2": the run that just ended, "" at first
  double elapsed = 0;   // seconds since this start
  double eta = 0;       // seconds to go, estimated from the work that is left; 0 while unknown
};

struct StudyOptions {
  int threads = 0;                          // runs at a time; 0: one for each core
  const std::atomic<bool>* stop = nullptr;  // set to true from anywhere: end soon, lose nothing
  std::function<void(const Progress&)> progress;   // at the start, then at the end of each run
  std::function<void(const std::string&)> notice;  // a sentence the user should see
};

struct StudyResult {
  int total = 0, reused = 0, ran = 0;
  int set_aside = 0;         // runs in the store that belong to another specification
  bool interrupted = false;  // by `stop`
  double seconds = 0;
};

// Throws Error (bad data, full disk); what was stored before stays stored. The callbacks come from
// the calling thread.
StudyResult run_study(const Study& study, Store& store, const StudyOptions& options = {});

// One run without a store. `curve` hears each point of the learning curve as it is measured.
Run run_one(const RunSpec& spec, const std::function<void(const CurvePoint&)>& curve = {},
            const std::atomic<bool>* stop = nullptr);

// "gelu, 16 layers, matched, seed 2": the axes' values, short.
std::string describe(const RunSpec& run, const std::vector<Axis>& axes);

}  // namespace gradkeep::lab
