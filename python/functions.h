// What the caller means by `function`: an Activation, or a name with parameters in its text or beside it.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gradkeep/core.h>
#include <nanobind/nanobind.h>
#include <nanobind/stl/string.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

namespace gradkeep::python {

namespace nb = nanobind;

// parameters: those given by keyword, numbers within Bounds::recommended.
Activation activation(nb::handle function, const nb::kwargs& parameters);

// Their names, made once.
const std::vector<std::string>& row_functions();
const std::vector<std::string>& gated_functions();
inline bool among(const std::vector<std::string>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

// "list", for messages.
inline std::string type_text(nb::handle object) {
  return nb::cast<std::string>(object.type().attr("__name__"));
}

// "fast" or "exact"; a ValueError for another word.
Tier tier_of(std::string_view word);

// Arrays of at least so many elements are worked on without Python's lock.
inline constexpr std::size_t kWorthUnlocking = 1024;

// Calls work() without Python's lock where there is enough of it.
template <class Work>
void unlocked(std::size_t elements, const Work& work) {
  if (elements < kWorthUnlocking) return work();
  const nb::gil_scoped_release release;
  work();
}

// dx = dy f'(x), from y = f(x) where x is None.
nb::object backward_of(const Activation& f, nb::handle dy, nb::handle x, nb::handle y,
                       nb::handle out);

void add_functions(nb::module_& m);    // activation.cc: Activation, names, info
void add_elementwise(nb::module_& m);  // elementwise.cc: value, slope, ..
void add_rows(nb::module_& m);         // rows.cc: softmax, glu, .., backward
void add_theory(nb::module_& m);       // theory.cc: gain, predict, ..
void add_spectrum(nb::module_& m);     // spectrum.cc: phase, spectrum

}  // namespace gradkeep::python
