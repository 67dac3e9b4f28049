// gradkeep._core: core and flow for Python. The package beside this file (gradkeep/) names what users call.
// SPDX-License-Identifier: Apache-2.0
#include "python/functions.h"

NB_MODULE(_core, m) {
  namespace nb = nanobind;
  m.doc() = "Activation functions, their derivatives, and whether gradients survive them.";
  nb::exception<gradkeep::Error>(m, "Error", PyExc_ValueError);
  gradkeep::python::add_functions(m);
  gradkeep::python::add_elementwise(m);
  gradkeep::python::add_rows(m);
  gradkeep::python::add_theory(m);
  gradkeep::python::add_spectrum(m);
}
