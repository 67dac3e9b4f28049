// From a column of raw targets to classes or numbers: the rule that CSV and NPY files share.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "data/dataset.h"

namespace gradkeep::data {

// Numeric targets. Task::automatic: integers of at most 20 different values are classes.
void set_numeric_target(Dataset& set, const std::vector<double>& values, Task task);

// Names of classes, numbered in alphabetical order.
void set_named_target(Dataset& set, const std::vector<std::string>& names);

}  // namespace gradkeep::data
