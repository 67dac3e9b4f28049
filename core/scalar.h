// The scalar behind the exact tier: a definition's kernel over DoubleDouble, compiled once for all
// targets, and the intervals in which its addends cancel.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <string>

#include "core/definition.h"
#include "core/double_double.h"
#include "core/trigonometry.h"
#include "core/unbounded.h"

namespace gradkeep::detail {

// What the exact tier allows rough double lanes to be wrong by, relative to the result: a thousand
// roundings, where a kernel makes a few dozen. Where addends cancel, the error is relative to them.
inline constexpr double kRoughError = 0x1p-43;

// Intervals of x in which a sum of addends no larger than `scale` may cancel.
struct Cancellations {
  static constexpr int kMost = 4;
  struct {
    double low, high, scale;
  } interval[kMost] = {};
  int count = 0;

  void add(double low, double high, double scale) {
    if (count < kMost) interval[count++] = {low, high, scale};
  }
  // The largest of the addends that may cancel at x.
  double addends(double x) const {
    double most = 0;
    for (int k = 0; k < count; ++k) {
      if (x >= interval[k].low && x <= interval[k].high) most = std::max(most, interval[k].scale);
    }
    return most;
  }
};

// Where a definition's addends cancel: told by its member cancellations<C>(order, p) if the place moves
// with the parameters, and otherwise by the claims that name a scale.
template <class Function>
Cancellations cancellations(int order, const double* p) {
  using P = typename Function::template Parameters<double>;
  if constexpr (requires(P bound) {
                  Function::template cancellations<Cancellations>(order, bound);
                }) {
    return Function::template cancellations<Cancellations>(order, bind_parameters<P, double>(p));
  } else {
    static const std::array<Cancellations, 3> claimed = [] {
      std::array<Cancellations, 3> found;
      for (const Claim& c : Function::claims()) {
        if (c.scale > 0 && c.type == Type::f64) found[c.order].add(c.low, c.high, c.scale);
      }
      return found;
    }();
    return claimed[order];
  }
}

// Two optional functions of a definition: complaint(p), for parameters that must agree with each other,
// and invertible(p), for a form from the output that not every parameter allows.
template <class Function>
std::string complaint(const double* p) {
  using P = typename Function::template Parameters<double>;
  if constexpr (requires(P bound) { Function::complaint(bound); }) {
    return Function::complaint(bind_parameters<P, double>(p));
  } else {
    return "";
  }
}
template <class Function>
bool invertible(const double* p) {
  using P = typename Function::template Parameters<double>;
  if constexpr (requires(P bound) { Function::invertible(bound); }) {
    return Function::invertible(bind_parameters<P, double>(p));
  } else {
    // Asked on every call from the output; making an Info allocates.
    static const bool form = Function::info().slope_from_output;
    return form;
  }
}

// f(+-0) where that is 0: with the sign of x, unless f is even.
template <class Function>
double zero_like(double x) {
  static const bool even = Function::info().symmetry == Symmetry::even;
  return even ? 0.0 : x;
}

// Whether 106 bits leave open which double is nearest: the sum lies next to the middle between two, or
// its low part is too short to tell, or too much of both is gone with addends of this size. Numbers of
// 256 bits then have the last word: for one result in 2^30, where nothing cancels.
inline bool in_doubt(DoubleDouble y, double addends) {
  if (y.hi == 0 || !std::isfinite(y.hi)) return false;
  const double size = std::abs(y.hi), rest = y.hi > 0 ? y.lo : -y.lo;
  const double gap =
      rest < 0 ? size - std::nextafter(size, 0.0) : std::nextafter(size, HUGE_VAL) - size;
  return std::abs(std::abs(rest) - gap / 2) <= gap * 0x1p-30 + addends * 0x1p-92 + 0x1p-1073;
}

// Is x at an end of the domain, or outside, or NaN? Then `result` is what stands there, as in the loops.
template <class Function, class P>
bool outside(double x, int order, const P& p, double& result) {
  const Interval domain = domain_of<Function>(p);
  if (x > domain.low && x < domain.high) return false;
  const Limits limits = Function::limits(p);
  result = x == domain.high  ? limits.plus[order]
           : x == domain.low ? limits.minus[order]
                             : std::numeric_limits<double>::quiet_NaN();
  return true;
}

template <class Function>
DoubleDouble evaluate_scalar(double x, int order, const double* p) {
  using P = typename Function::template Parameters<double>;
  const P bound = bind_parameters<P, double>(p);
  if (double result; outside<Function>(x, order, bound, result)) return result;
  DoubleDouble y[3];
  Function::kernel(DoubleDouble(x), bound, y[0], y[1], y[2]);
  if (x == 0 && order == 0 && y[0].hi == 0) return zero_like<Function>(x);
  if (!in_doubt(y[order], cancellations<Function>(order, p).addends(x))) return y[order];
  Unbounded wide[3];
  Function::kernel(Unbounded(x), bound, wide[0], wide[1], wide[2]);
  return wide[order].rounded_twice();
}

// One result over numbers whose exponent has no bounds; Definition::unbounded says what is asked.
template <class Function>
double evaluate_unbounded(Form form, int index, double x, const double* p, bool for_float) {
  using P = typename Function::template Parameters<double>;
  using Slopes = typename Function::template Parameters<Unbounded>;
  const P bound = bind_parameters<P, double>(p);
  if (std::isnan(x)) return x;
  Unbounded y[3];
  if (form == Form::parameter_slope) {
    if constexpr (!std::is_empty_v<P>) {
      Slopes dp;
      Function::parameter_slopes(Unbounded(x), bound, dp);
      return nth_parameter<Unbounded>(dp, index).to_double(for_float);
    }
  } else if (form == Form::from_output) {
    if constexpr (requires(Unbounded v) { Function::from_output(v, bound, v, v); }) {
      Function::from_output(Unbounded(x), bound, y[1], y[2]);
    }
  } else {
    if (double result; outside<Function>(x, index, bound, result)) return result;
    Function::kernel(Unbounded(x), bound, y[0], y[1], y[2]);
    if (x == 0 && index == 0 && y[0].is_zero()) return zero_like<Function>(x);
  }
  return y[index].to_double(for_float);
}

template <class Function>
constexpr auto unbounded() -> decltype(&evaluate_unbounded<Function>) {
  if constexpr (std::is_empty_v<typename Function::template Parameters<double>>) {
    return nullptr;
  } else {
    return evaluate_unbounded<Function>;
  }
}

// Whether the definition says `static constexpr bool quick = true`: no polynomials by segment for it.
template <class Function>
constexpr bool quick() {
  if constexpr (requires { Function::quick; }) {
    return Function::quick;
  } else {
    return false;
  }
}

// Whether it says `static constexpr bool rounds_once = true`: its kernel over lanes needs at most one
// rounding for each result, so that this is correctly rounded if the parameters are numbers of the lanes.
template <class Function>
constexpr bool rounds_once() {
  if constexpr (requires { Function::rounds_once; }) {
    return Function::rounds_once;
  } else {
    return false;
  }
}

template <class Function>
Definition make_definition(const Kernels* kernels) {
  using P = typename Function::template Parameters<double>;
  return {
      Function::info(),
      Function::claims(),
      [](const double* p) { return domain_of<Function>(bind_parameters<P, double>(p)); },
      [](const double* p) { return Function::range(bind_parameters<P, double>(p)); },
      [](const double* p) { return Function::limits(bind_parameters<P, double>(p)); },
      complaint<Function>,
      invertible<Function>,
      kernels,
      evaluate_scalar<Function>,
      cancellations<Function>,
      unbounded<Function>(),
      {},
      {},
      {},
      quick<Function>(),
      rounds_once<Function>(),
  };
}

}  // namespace gradkeep::detail
