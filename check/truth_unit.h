// What one generated translation unit makes of one definition: its truth evaluated over jets of
// either kind of ball, its limits and its info, as one row of the table of truths.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <type_traits>
#include <vector>

#include <gradkeep/core.h>
#include "check/arb_ball.h"
#include "check/double_ball.h"
#include "check/jet.h"

namespace gradkeep::check {

// What is asked of a function at x: a derivative with respect to x, or to one of its parameters.
enum class Ask { value, slope, curvature, parameter_0, parameter_1 };

constexpr Ask ask_order(int order) { return static_cast<Ask>(order); }
constexpr Ask ask_parameter(int k) { return static_cast<Ask>(3 + k); }
constexpr bool is_order(Ask ask) { return ask <= Ask::curvature; }

struct TruthUnit {
  int parameters;
  DoubleBall (*in_doubles)(Ask ask, double x, const double* parameters);
  ArbBall (*in_arb)(Ask ask, double x, const double* parameters);  // at ArbBall::precision()
  Limits (*limits)(const double* parameters);
  Info (*info)();
};

// Defined by the generated table, in alphabetical order.
struct NamedUnit {
  std::string name;
  const TruthUnit* unit;
};
const std::vector<NamedUnit>& truth_units();

template <class Definition>
struct MakeUnit {
  template <class T>
  using Parameters = typename Definition::template Parameters<T>;
  static constexpr int kParameters =
      std::is_empty_v<Parameters<double>> ? 0 : sizeof(Parameters<double>) / sizeof(double);
  static_assert(kParameters <= 2, "a definition has at most two parameters");

  template <class T>
  static Parameters<T> bind(const T& first, const T& second) {
    if constexpr (kParameters == 0) return {};
    if constexpr (kParameters == 1) return {first};
    if constexpr (kParameters == 2) return {first, second};
  }

  template <class B, int kOrder>
  static B derivative(double x, const double* p) {
    using T = Jet<B, kOrder>;
    const auto bound = bind<T>(T(kParameters > 0 ? p[0] : 0), T(kParameters > 1 ? p[1] : 0));
    return Definition::template truth<T>(T::variable(x), bound).d[kOrder];
  }

  template <class B, int kIndex>
  static B parameter_derivative(double x, const double* p) {
    using T = Jet<B, 1>;
    const auto pick = [&](int k) {
      if (k >= kParameters) return T(0.0);
      return k == kIndex ? T::variable(p[k]) : T(p[k]);
    };
    return Definition::template truth<T>(T(x), bind<T>(pick(0), pick(1))).d[1];
  }

  template <class B>
  static B evaluate(Ask ask, double x, const double* p) {
    switch (ask) {
      case Ask::value:
        return derivative<B, 0>(x, p);
      case Ask::slope:
        return derivative<B, 1>(x, p);
      case Ask::curvature:
        return derivative<B, 2>(x, p);
      case Ask::parameter_0:
        if constexpr (kParameters > 0) return parameter_derivative<B, 0>(x, p);
        break;
      case Ask::parameter_1:
        if constexpr (kParameters > 1) return parameter_derivative<B, 1>(x, p);
        break;
    }
    throw Error(Definition::info().name + " has no such parameter");
  }

  static Limits limits(const double* p) {
    return Definition::limits(bind<double>(kParameters > 0 ? p[0] : 0, kParameters > 1 ? p[1] : 0));
  }

  static constexpr TruthUnit kUnit{kParameters, evaluate<DoubleBall>, evaluate<ArbBall>, limits,
                                   Definition::info};
};

}  // namespace gradkeep::check
