// Value, slope and curvature of arrays, and the way back.
// SPDX-License-Identifier: Apache-2.0
#include <nanobind/stl/string.h>
#include <nanobind/stl/string_view.h>

#include "python/calls.h"

namespace gradkeep::python {
namespace {

using namespace nb::literals;

// The function of one order.
nb::object evaluated(int order, nb::handle function, nb::handle x, std::string_view tier,
                     nb::handle out, const nb::kwargs& parameters) {
  const Activation f = activation(function, parameters);
  const Tier chosen = tier_of(tier);
  return mapped(x, out, {}, [&]<class T>(Strided<const T> in, Strided<T> to) {
    evaluate(f, order, in, to, chosen);
  });
}

nb::tuple value_and_slope_of(nb::handle function, nb::handle x, const nb::kwargs& parameters) {
  const Activation f = activation(function, parameters);
  const Array in(x, "x");
  const nb::object value = in.alike(), slope = in.alike();
  const Array y(value, "value", true), dy(slope, "slope", true);
  with_type(in.number(), [&]<class T>(T) {
    unlocked(in.size(), [&] { value_and_slope(f, in.view<const T>(), y.view<T>(), dy.view<T>()); });
  });
  return nb::make_tuple(in.returned(value, nb::none()), in.returned(slope, nb::none()));
}

nb::object parameter_slope_of(nb::handle function, std::string_view parameter, nb::handle x,
                              nb::handle out, const nb::kwargs& parameters) {
  const Activation f = activation(function, parameters);
  const auto& known = f.info().parameters;
  int k = 0;
  while (k < static_cast<int>(known.size()) && known[k].name != parameter) ++k;
  if (k == static_cast<int>(known.size())) {
    std::string expected;
    for (const Parameter& p : known) expected += (expected.empty() ? "" : ", ") + p.name;
    throw Error("parameter is '" + std::string(parameter) + "'; " + f.info().name + " has " +
                (expected.empty() ? "none" : expected));
  }
  return mapped(x, out, {}, [&]<class T>(Strided<const T> in, Strided<T> to) {
    parameter_slope(f, k, in, to);
  });
}

}  // namespace

nb::object backward_of(const Activation& f, nb::handle dy, nb::handle x, nb::handle y,
                       nb::handle out) {
  const bool from_y = x.is_none();
  if (from_y && y.is_none()) throw nb::type_error("backward needs x or y, and got neither");
  return pulled_back(from_y ? y : x, from_y ? "y" : "x", dy, out,
                     [&]<class T>(Strided<const T> at, Strided<const T> up, Strided<T> dx) {
                       if (from_y) {
                         backward_from_output(f, at, up, dx);
                       } else {
                         backward(f, at, up, dx);
                       }
                     });
}

void add_elementwise(nb::module_& m) {
  constexpr const char* kText[][2] = {
      {"value",
       "f(x): an array of x's shape and type, or `out`, which may be x.\n\n"
       "function: a name or alias, 'elu(alpha=0.5)', or an Activation; parameters by keyword.\n"
       "x: float32, float64, float16 or bfloat16 (ml_dtypes), any shape and strides, of NumPy,\n"
       "PyTorch or JAX on the CPU; or a number, or a list of them, which count as float64.\n"
       "tier: 'fast' (2 ULP; 4 for curvature) or 'exact' (rounded correctly)."},
      {"slope", "f'(x), with the arguments of value."},
      {"curvature", "f''(x), with the arguments of value."}};
  for (int order = 0; order < 3; ++order) {
    const std::string signature =
        "def " + std::string(kText[order][0]) +
        "(function: str | Activation, x: typing.Any, *, tier: str = 'fast', "
        "out: typing.Any = None, **parameters: float) -> typing.Any";
    m.def(
        kText[order][0],
        [order](nb::handle function, nb::handle x, std::string_view tier, nb::handle out,
                const nb::kwargs& parameters) {
          return evaluated(order, function, x, tier, out, parameters);
        },
        "function"_a, "x"_a, nb::kw_only(), "tier"_a = "fast", "out"_a = nb::none(), "parameters"_a,
        nb::sig(signature.c_str()), kText[order][1]);
  }
  m.def("value_and_slope", &value_and_slope_of, "function"_a, "x"_a, "parameters"_a,
        nb::sig("def value_and_slope(function: str | Activation, x: typing.Any, "
                "**parameters: float) -> tuple[typing.Any, typing.Any]"),
        "(f(x), f'(x)) in one pass.");
  m.def("parameter_slope", &parameter_slope_of, "function"_a, "parameter"_a, "x"_a, nb::kw_only(),
        "out"_a = nb::none(), "parameters"_a,
        nb::sig("def parameter_slope(function: str | Activation, parameter: str, x: typing.Any, *, "
                "out: typing.Any = None, **parameters: float) -> typing.Any"),
        "df/dp at each x, for the parameter of that name.");
}

}  // namespace gradkeep::python
