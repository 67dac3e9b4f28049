// What the questions to mean-field theory share: the function that they are about, and Python's lock.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gradkeep/mean_field.h>
#include <nanobind/nanobind.h>

#include <optional>
#include <vector>

#include "python/functions.h"

namespace gradkeep::python {

// Of a name, an Activation or a callable of one float. The averages of names are kept (of up to 64), so that
// the second question costs no more than its answer. Throws Error where `slope` or `kinks` are given for a function
// that is known.
MeanField mean_field(nb::handle function, const std::optional<nb::callable>& slope,
                     const std::vector<double>& kinks, const nb::kwargs& parameters);

// "gaussian" or "orthogonal"; Error for another word.
Weights weights_of(std::string_view word);

template <class Ask>
auto without_lock(const Ask& ask) {
  const nb::gil_scoped_release release;
  return ask();
}

}  // namespace gradkeep::python
