// Activation functions by their textbook formulas in long double, independent of gradkeep's core: what a
// mutant that is not wrong answers, and what a wrong one departs from. Long double has 11 bits more than
// a double and an exponent to spare, so that plain formulas are good enough nearly everywhere.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace mutants {

using Real = long double;

// Value, slope and curvature at one x.
template <class R>
struct Jet {
  R y, dy, d2y;
};

struct Parameter {
  const char* name;
  double value;
};

struct Form {
  template <class R>
  using At = Jet<R> (*)(R x, const double* p);

  template <class F>
  Form(const char* form_name, std::vector<Parameter> its_parameters, F at)
      : name(form_name), parameters(std::move(its_parameters)), in_real(at), in_double(at) {}

  // From y = f(x), where slope and curvature are functions of it.
  Form with_output(At<Real> at) && {
    from_output = at;
    return std::move(*this);
  }
  // df/dp of the only parameter.
  Form with_parameter_slope(Real (*at)(Real x, const double* p)) && {
    parameter_slope = at;
    return std::move(*this);
  }

  std::string name;
  std::vector<Parameter> parameters;
  At<Real> in_real;
  At<double> in_double;
  At<Real> from_output = nullptr;
  Real (*parameter_slope)(Real x, const double* p) = nullptr;
};

// Null for a name that is not there.
const Form* find_form(std::string_view name);

// 1 / (1 + e^-x) without overflow right of 0, and without loss left of it.
template <class R>
R sigma(R x) {
  const R e = std::exp(-std::abs(x));
  return (x > 0 ? R(1) : e) / (1 + e);
}

// x t, where a t of 0 wins against an infinite x.
template <class R>
R times(R x, R t) {
  return t == 0 ? std::copysign(t, x) : x * t;
}

// v, or NaN for an x that is NaN.
template <class R>
R level(R x, double v) {
  return std::isnan(x) ? x : static_cast<R>(v);
}

}  // namespace mutants
