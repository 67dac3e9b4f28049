// Functions of rows and gated ones along an axis, and one way back for all that has one.
// SPDX-License-Identifier: Apache-2.0
#include <gradkeep/gated.h>
#include <gradkeep/rows.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/string_view.h>
#include <nanobind/stl/vector.h>

#include "python/calls.h"

namespace gradkeep::python {
namespace {

using namespace nb::literals;

nb::object of_rows(RowFunction f, nb::handle x, int axis, nb::handle out) {
  return mapped(x, out, {},
                [&]<class T>(Strided<const T> in, Strided<T> y) { rowwise(f, in, y, axis); });
}

Gated with_gate(std::string_view name, const std::optional<std::string>& gate) {
  Gated g = gated_function(name);
  if (!gate) return g;
  if (*gate != "first" && *gate != "second") {
    throw Error("gate is '" + *gate + "'; expected 'first' or 'second'");
  }
  g.gate = *gate == "first" ? Gate::first : Gate::second;
  return g;
}

nb::object of_halves(const Gated& g, nb::handle x, int axis, nb::handle out) {
  return mapped(x, out, axis,
                [&]<class T>(Strided<const T> in, Strided<T> y) { gated(g, in, y, axis); });
}

nb::object back(nb::handle function, nb::handle dy, nb::handle x, nb::handle y,
                std::optional<int> axis, const std::optional<std::string>& gate, nb::handle out,
                const nb::kwargs& parameters) {
  const int along = axis.value_or(-1);
  const bool text = PyUnicode_Check(function.ptr()) != 0;
  const auto name = text ? nb::cast<std::string_view>(function) : std::string_view();
  const bool rows = among(row_functions(), name), halves = among(gated_functions(), name);
  if (parameters.size() > 0 && (rows || halves)) {
    throw Error(std::string(name) + " has no parameters; got " +
                std::string(nb::str(nb::handle(parameters)).c_str()));
  }
  if (gate && !halves) throw Error("gate is for glu and its kin");
  if (rows) {
    const RowFunction f = row_function(name);
    if (y.is_none() && x.is_none()) throw nb::type_error("backward needs x or y, and got neither");
    const nb::object at = y.is_none() ? of_rows(f, x, along, nb::none()) : nb::borrow(y);
    return pulled_back(at, "y", dy, out,
                       [&]<class T>(Strided<const T> in, Strided<const T> g, Strided<T> to) {
                         rowwise_backward(f, in, g, to, along);
                       });
  }
  if (halves) {
    if (x.is_none()) throw nb::type_error("backward of a gated function needs x");
    const Gated g = with_gate(name, gate);
    return pulled_back(x, "x", dy, out,
                       [&]<class T>(Strided<const T> in, Strided<const T> up, Strided<T> to) {
                         gated_backward(g, in, up, to, along);
                       });
  }
  if (axis) throw Error("axis is for functions of rows and gated ones");
  return backward_of(activation(function, parameters), dy, x, y, out);
}

}  // namespace

const std::vector<std::string>& row_functions() {
  static const auto& names = *new std::vector<std::string>(row_function_names());
  return names;
}
const std::vector<std::string>& gated_functions() {
  static const auto& names = *new std::vector<std::string>(gated_function_names());
  return names;
}

void add_rows(nb::module_& m) {
  for (const std::string& name : row_functions()) {
    m.def(
        name.c_str(),
        [f = row_function(name)](nb::handle x, int axis, nb::handle out) {
          return of_rows(f, x, axis, out);
        },
        "x"_a, "axis"_a = -1, nb::kw_only(), "out"_a = nb::none(),
        nb::sig(("def " + name +
                 "(x: typing.Any, axis: int = -1, *, out: typing.Any = None) -> typing.Any")
                    .c_str()),
        "Along an axis, as docs/arrays.md has it; `out` may be x.");
  }
  for (const std::string& name : gated_functions()) {
    m.def(
        name.c_str(),
        [name](nb::handle x, int axis, const std::optional<std::string>& gate, nb::handle out) {
          return of_halves(with_gate(name, gate), x, axis, out);
        },
        "x"_a, "axis"_a = -1, nb::kw_only(), "gate"_a = nb::none(), "out"_a = nb::none(),
        nb::sig(("def " + name +
                 "(x: typing.Any, axis: int = -1, *, gate: str | None = None, "
                 "out: typing.Any = None) -> typing.Any")
                    .c_str()),
        "One half of the axis times the activation of the other.\n\n"
        "gate: which half goes through it, 'first' or 'second'; None: as the paper has it, the\n"
        "second for glu and the first for the others. The result is half as long along the axis.");
  }
  m.def("row_names", &row_function_names, "The functions of rows.");
  m.def("gated_names", &gated_function_names, "The gated functions.");
  m.def("backward", &back, "function"_a, "dy"_a, "x"_a = nb::none(), "y"_a = nb::none(),
        nb::kw_only(), "axis"_a = nb::none(), "gate"_a = nb::none(), "out"_a = nb::none(),
        "parameters"_a,
        nb::sig("def backward(function: str | Activation, dy: typing.Any, x: typing.Any = None, "
                "y: typing.Any = None, *, axis: int | None = None, gate: str | None = None, "
                "out: typing.Any = None, **parameters: float) -> typing.Any"),
        "The gradient with respect to x, given that of the output.\n\n"
        "From x, or from the output y: of an elementwise function only where its slope is a\n"
        "function of y (info(..).slope_from_output), with what y has lost by rounding; softmax and "
        "its kin\n"
        "always use y. `out` may be dy, x or y.");
}

}  // namespace gradkeep::python
