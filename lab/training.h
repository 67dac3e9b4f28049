// One run from its specification to its numbers: load and split the data, initialise, train, and
// look on the way. The same specification gives the same numbers, whatever else the machine does;
// only the seconds differ.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <functional>
#include <memory>

#include "data/dataset.h"
#include "lab/spec.h"
#include "lab/store.h"

namespace gradkeep::lab {

// The data of a run, split and scaled.
struct Prepared {
  data::Split parts;
  std::string name;
  int examples = 0;
  // What the learning curve is measured on beside the training part.
  const data::Dataset& held() const {
    return parts.validation.rows > 0 ? parts.validation : parts.test;
  }
};
// Throws Error for data that cannot be read or trained on.
std::shared_ptr<const Prepared> prepare(const RunSpec& spec);
// Throws Error for a specification that does not fit its data.
void check(const RunSpec& spec, const Prepared& data);
// Runs with equal texts here are trained on the same data.
std::string data_identity(const RunSpec& spec);

struct Outcome {
  Run run;
  bool interrupted = false;  // by `stop`: the run is not complete and must not be stored
};
Outcome train(const RunSpec& spec, const Prepared& data,
              const std::function<void(const CurvePoint&)>& curve, const std::atomic<bool>* stop);

// The work of a run in multiplications, for the order of the runs and the time to go.
double cost(const RunSpec& spec);

}  // namespace gradkeep::lab
