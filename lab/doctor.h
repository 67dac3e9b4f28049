// The doctor: why does this network not learn? It reads the measures of a run, splits the backward
// gain into the part of the slopes and the part of the weights, compares both with what the
// function allows at best, names the cause in plain words with its numbers, and proposes a cure.
// Where the store holds a run that differs from the patient by exactly that cure, the cure's effect
// is measured, not promised.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "lab/store.h"
#include "lab/theory.h"

namespace gradkeep::lab {

enum class Cause {
  healthy,     // it learns
  function,    // the slope is small even at its best: max|f'| well below 1
  saturation,  // the slope could be large, but the units sit where it is small
  weights,     // the slopes are fine, the weights shrink the gradient
  dead_units,  // most units have slope zero on the whole data set
  exploding,   // the gradient grows from layer to layer, or the loss is not finite
  arithmetic,  // the gradient exists, but the number format lost it: exact zeros
  unknown,     // it does not learn, and the gradient arrives
};
std::string name(Cause cause);  // "function", "dead units"

// The backward gain a layer, as geometric means over the hidden layers at the first sample.
struct Gains {
  double total = 0;      // ||dL/dh_1|| / ||dL/dh_last hidden||
  double layer = 0;      // per layer: slope * weight
  double slope = 0;      // part of the slopes
  double weight = 0;     // part of the weights
  double slope_max = 0;  // max|f'|: what the slope part could be at best
  double bound = 0;      // slope_max ^ (layers crossed)
};

struct Cure {
  std::string change;    // "activation gelu", "initialiser matched"
  std::string reason;    // in plain words
  std::int64_t run = 0;  // the run in the store that shows it; 0: not in the store
  double accuracy = 0;   // test accuracy there (loss for a regression), mean over the seeds
  double gain = 0;       // its backward gain a layer
};

struct Diagnosis {
  Cause cause = Cause::unknown;
  std::string verdict;                // one sentence
  std::vector<std::string> evidence;  // sentences with numbers
  Gains start, end;
  double dead = 0, saturated = 0;  // shares over the hidden layers, at the end
  double zeros = 0;                // share of exact zeros in the first layer's gradient
  bool learned = false;            // clearly better than guessing
  double accuracy = 0, chance = 0;
  std::vector<Cure> cures;  // best first; measured ones before unmeasured
};

// A run with its measures; cures unmeasured. Who has many patients keeps the theory, which learns of
// each activation once.
Diagnosis diagnose(const Run& run);
Diagnosis diagnose(const Run& run, Theory& theory);
// With cures measured on the other runs of the store; `runs` (Store::runs) saves reading them again
// for each patient.
Diagnosis diagnose(const Store& store, std::int64_t run);
Diagnosis diagnose(const Store& store, const std::vector<Run>& runs, std::int64_t run);

// The gains of a run with its measures, before the first step or after the last.
Gains gains(const Run& run, bool start);

}  // namespace gradkeep::lab
