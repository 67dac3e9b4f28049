// A study and a reading made by hand, with every kind of figure, every option and the data that
// charts trip over: one seed, missing values, all equal, zeros on a logarithmic scale, sixteen
// series, long names, no series at all.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "report/reading.h"

namespace gradkeep::report::toy {

// Three seeds of relu and elu(alpha=0.5) at depths 1 and 2, in a store at this path.
lab::Store make_store(const std::string& path);

Reading read(const Material& material);

}  // namespace gradkeep::report::toy
