// Activation and Info as Python's classes, and how a caller names a function.
// SPDX-License-Identifier: Apache-2.0
#include <gradkeep/threads.h>
#include <nanobind/stl/pair.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/string_view.h>
#include <nanobind/stl/vector.h>

#include <string>
#include <unordered_map>

#include "python/functions.h"

namespace gradkeep::python {
namespace {

using namespace nb::literals;

struct TextHash : std::hash<std::string_view> {
  using is_transparent = void;
};

// Texts that were read before: reading one costs more than a small array does. Under Python's lock.
Activation read(std::string_view text) {
  static auto& known = *new std::unordered_map<std::string, Activation, TextHash, std::equal_to<>>;
  constexpr std::size_t kMost = 4096;
  if (const auto found = known.find(text); found != known.end()) return found->second;
  if (among(row_functions(), text) || among(gated_functions(), text)) {
    throw Error(std::string(text) + " works along an axis; expected gradkeep." + std::string(text) +
                "(x, axis), or backward");
  }
  const Activation f(text);
  if (known.size() >= kMost) known.clear();
  return known.emplace(text, f).first->second;
}

constexpr const char* kAnyParameters = "any_parameters";

bool lifts_bounds(const nb::kwargs& parameters) {
  return parameters.contains(kAnyParameters) &&
         PyObject_IsTrue(nb::object(parameters[kAnyParameters]).ptr()) == 1;
}

// "elu(alpha=0.5)" from a name and keywords; `lambda_` is what Python lets lambda be called.
std::string with_parameters(std::string_view name, const nb::kwargs& parameters) {
  std::string text(name);
  const char* before = "(";
  for (const auto& [key, value] : parameters) {
    auto word = nb::cast<std::string>(key);
    if (word == kAnyParameters) continue;
    if (name.find('(') != name.npos) {
      throw Error("function is '" + text + "' and parameters are given beside it; expected either");
    }
    if (word.ends_with('_')) word.pop_back();
    double number = 0;
    if (!nb::try_cast(value, number)) {
      throw nb::type_error(
          (word + " is of type " + type_text(value) + "; expected a number").c_str());
    }
    text += before + word + "=" + nb::repr(nb::float_(number)).c_str();
    before = ", ";
  }
  return *before == '(' ? text : text + ")";
}

Activation named(std::string_view name, const nb::kwargs& parameters) {
  if (parameters.size() == 0) return read(name);
  const std::string text = with_parameters(name, parameters);
  return lifts_bounds(parameters) ? Activation(text, Bounds::any) : read(text);
}

nb::dict parameters_of(const Activation& f) {
  nb::dict out;
  for (std::size_t k = 0; k < f.parameters().size(); ++k) {
    out[f.info().parameters[k].name.c_str()] = f.parameters()[k];
  }
  return out;
}

std::pair<double, double> ends(const Interval& i) { return {i.low, i.high}; }

const Info& info(std::string_view name) {
  if (const Info* known = find_info(name)) return *known;
  return read(name).info();
}

void add_info(nb::module_& m) {
  nb::class_<Parameter>(m, "Parameter", "A parameter of a function.")
      .def_ro("name", &Parameter::name)
      .def_ro("default", &Parameter::value)
      .def_prop_ro(
          "recommended", [](const Parameter& p) { return p.recommended.text(); },
          "The bounds that hold unless any_parameters is given.")
      .def_prop_ro(
          "bounds", [](const Parameter& p) { return p.any.text(); },
          "Where the function is defined at all.")
      .def_ro("learned", &Parameter::learned, "Whether it is trained along with the weights.")
      .def_ro("meaning", &Parameter::meaning)
      .def("__repr__", [](const Parameter& p) {
        return "Parameter(" + p.name + ", default " +
               nb::cast<std::string>(nb::repr(nb::float_(p.value))) + ", bounds " +
               p.recommended.text() + ")";
      });
  nb::class_<Info>(m, "Info", "What is known of a function besides how to compute it.")
      .def_ro("name", &Info::name)
      .def_ro("aliases", &Info::aliases)
      .def_ro("title", &Info::title)
      .def_ro("formula", &Info::formula)
      .def_ro("slope", &Info::slope)
      .def_ro("curvature", &Info::curvature)
      .def_ro("derivation", &Info::derivation)
      .def_ro("parameters", &Info::parameters)
      .def_prop_ro(
          "kinks",
          [](const Info& i) {
            std::vector<std::pair<double, std::string>> out;
            for (const Kink& k : i.kinks) out.emplace_back(k.at, k.convention);
            return out;
          },
          "Where value or slope jump at the defaults, and the convention there.")
      .def_ro("slope_from_output", &Info::slope_from_output)
      .def_ro("torch", &Info::torch)
      .def_ro("keras", &Info::keras)
      .def_ro("jax", &Info::jax)
      .def_ro("onnx", &Info::onnx)
      .def_ro("onednn", &Info::onednn)
      .def_ro("paper", &Info::paper)
      .def("__repr__", [](const Info& i) { return "Info(" + i.name + ": " + i.formula + ")"; });
}

}  // namespace

Activation activation(nb::handle function, const nb::kwargs& parameters) {
  if (nb::isinstance<Activation>(function)) {
    const auto& f = nb::cast<const Activation&>(function);
    return parameters.size() == 0 ? f : named(f.text(), parameters);
  }
  if (PyUnicode_Check(function.ptr()) == 0) {
    throw nb::type_error(
        ("function is of type " + type_text(function) + "; expected a name or an Activation")
            .c_str());
  }
  return named(nb::cast<std::string_view>(function), parameters);
}

Tier tier_of(std::string_view word) {
  if (word == "fast") return Tier::fast;
  if (word == "exact") return Tier::exact;
  throw Error("tier is '" + std::string(word) + "'; expected 'fast' or 'exact'");
}

void add_functions(nb::module_& m) {
  add_info(m);
  nb::class_<Activation>(m, "Activation",
                         "A function with its parameters bound: Activation('elu(alpha=0.5)').")
      .def(
          "__init__",
          [](Activation* self, std::string_view text, const nb::kwargs& parameters) {
            new (self) Activation(named(text, parameters));
          },
          "text"_a, "parameters"_a,
          "A name or an alias of any framework, with parameters in the text or by keyword.\n\n"
          "any_parameters=True lifts the recommended bounds. Error for what is unknown.")
      .def_prop_ro("name", [](const Activation& f) { return f.info().name; })
      .def_prop_ro("parameters", parameters_of)
      .def_prop_ro(
          "info", [](const Activation& f) { return &f.info(); }, nb::rv_policy::reference)
      .def_prop_ro("domain", [](const Activation& f) { return ends(f.domain()); })
      .def_prop_ro("range", [](const Activation& f) { return ends(f.range()); })
      .def_prop_ro("kinks", &Activation::kinks)
      .def_prop_ro("has_output_form", &Activation::has_output_form,
                   "Whether the slope is a function of the output.")
      .def(
          "__call__",
          [](nb::handle self, nb::handle x) {
            return nb::module_::import_("gradkeep._core").attr("value")(self, x);
          },
          "x"_a, "value(self, x).")
      .def("__str__", &Activation::text)
      .def("__repr__", [](const Activation& f) { return "Activation('" + f.text() + "')"; })
      .def(
          "__eq__", [](const Activation& f, const Activation& g) { return f.text() == g.text(); },
          nb::is_operator())
      .def("__hash__", [](const Activation& f) { return std::hash<std::string>()(f.text()); })
      .def("__getstate__", &Activation::text)
      .def("__setstate__",
           [](Activation& f, std::string_view text) { new (&f) Activation(text, Bounds::any); });
  m.def("names", &names, "The elementwise functions, by name.");
  m.def("info", &info, "function"_a, nb::rv_policy::reference,
        "What is known of a function, by its name or any alias. Error for an unknown one.");
  m.def(
      "set_threads", &set_threads, "n"_a,
      "How many threads a call on a large array may use: 1 at first, 0 for as many as there are.");
  m.def("threads", &threads);
  m.def("target", &target_name, "The instructions in use, such as 'AVX2'.");
  m.attr("__version__") = nb::cast(version());
}

}  // namespace gradkeep::python
