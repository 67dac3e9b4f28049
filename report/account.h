// The account that every report gives of its study: what was run, on which data, where, and how far
// it got. It is read from the runs alone, so it holds for any grid.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "lab/store.h"

namespace gradkeep::report {

struct Account {
  lab::Session session;  // the latest
  int seeds = 0, steps = 0;
  int done = 0, planned = 0, diverged = 0;
  double chance = 0;      // accuracy by guessing; NaN in a regression or where data sets differ
  int test_examples = 0;  // of the smallest test part
  double seconds = 0;     // processor time of all runs, measuring included
  std::string credits;    // who made the data that came with the program; "" where none did
  std::vector<std::pair<std::string, std::string>> method;  // what, value
};

// Throws Error for no run at all. `tuning` are the runs that only chose a learning rate.
Account account_of(const lab::Store& store, const std::vector<lab::Run>& runs,
                   const std::vector<lab::Run>& tuning = {});

// The size of the part of the data that a run's test numbers come from.
int test_examples(const lab::Run& run);

}  // namespace gradkeep::report
