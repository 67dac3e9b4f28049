// What one generated translation unit makes of one definition: its truth evaluated over jets of
// either kind of ball, its limits and its info, as one row of the table of truths.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <gradkeep/core.h>
#include "check/arb_ball.h"
#include "check/double_ball.h"
#include "check/jet.h"
#include "check/row_ball.h"

namespace gradkeep::check {

// What is asked of a function at x: a derivative with respect to x, or to one of its parameters.
enum class Ask { value, slope, curvature, parameter_0, parameter_1, parameter_2, parameter_3 };

constexpr Ask ask_order(int order) { return static_cast<Ask>(order); }
constexpr Ask ask_parameter(int k) { return static_cast<Ask>(3 + k); }
constexpr bool is_order(Ask ask) { return ask <= Ask::curvature; }

// How many terms of a Taylor series are asked for (check/proof.cc).
inline constexpr int kTerms = 6;

struct TruthUnit {
  int parameters;
  DoubleBall (*in_doubles)(Ask ask, double x, const double* parameters);
  ArbBall (*in_arb)(Ask ask, double x, const double* parameters);  // at ArbBall::precision()
  // Value or slope.
  RowBall (*in_rows)(Ask ask, const RowBall& x, const double* parameters);
  // Taylor terms f^(k)(x) / k! at a point, or enclosures of them over an interval.
  void (*expand)(const DoubleBall& x, const double* parameters, DoubleBall* terms);
  void (*expand_in_arb)(const ArbBall& x, const double* parameters, ArbBall* terms);
  Interval (*domain)(const double* parameters);
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
  static_assert(kParameters <= kMaxParameters, "a definition has too many parameters");

  // All parameters, number k made by make(k).
  template <class T, class Make>
  static Parameters<T> bind([[maybe_unused]] const Make& make) {
    return [&]<int... k>(std::integer_sequence<int, k...>) {
      return Parameters<T>{make(k)...};
    }(std::make_integer_sequence<int, kParameters>());
  }

  template <class B, int kOrder>
  static B derivative(const B& x, const double* p) {
    using T = Jet<B, kOrder>;
    const auto bound = bind<T>([&](int k) { return T(p[k]); });
    const B last = Definition::template truth<T>(T::variable(x), bound).d[kOrder];
    return kOrder == 2 ? B(2.0) * last : last;
  }

  template <class B>
  static void expand(const B& x, const double* p, B* terms) {
    using T = Jet<B, kTerms - 1>;
    const auto bound = bind<T>([&](int k) { return T(p[k]); });
    const T series = Definition::template truth<T>(T::variable(x), bound);
    std::copy(series.d.begin(), series.d.end(), terms);
  }

  template <class B>
  static B parameter_derivative(int index, double x, const double* p) {
    using T = Jet<B, 1>;
    const auto bound = bind<T>([&](int k) { return k == index ? T::variable(p[k]) : T(p[k]); });
    return Definition::template truth<T>(T(x), bound).d[1];
  }

  template <class B>
  static B evaluate(Ask ask, double x, const double* p) {
    switch (ask) {
      case Ask::value:
        return derivative<B, 0>(B(x), p);
      case Ask::slope:
        return derivative<B, 1>(B(x), p);
      case Ask::curvature:
        return derivative<B, 2>(B(x), p);
      default:
        break;
    }
    const int index = static_cast<int>(ask) - static_cast<int>(Ask::parameter_0);
    if (index < kParameters) return parameter_derivative<B>(index, x, p);
    throw Error(Definition::info().name + " has no such parameter");
  }

  static RowBall in_rows(Ask ask, const RowBall& x, const double* p) {
    return ask == Ask::value ? derivative<RowBall, 0>(x, p) : derivative<RowBall, 1>(x, p);
  }

  // Everywhere, unless the definition has a member that says otherwise.
  static Interval domain(const double* p) {
    if constexpr (requires(Parameters<double> bound) { Definition::domain(bound); }) {
      return Definition::domain(bind<double>([&](int k) { return p[k]; }));
    } else {
      return {-kInfinity, kInfinity, true, true};
    }
  }

  static Limits limits(const double* p) {
    return Definition::limits(bind<double>([&](int k) { return p[k]; }));
  }

  static constexpr TruthUnit kUnit{kParameters,
                                   evaluate<DoubleBall>,
                                   evaluate<ArbBall>,
                                   in_rows,
                                   expand<DoubleBall>,
                                   expand<ArbBall>,
                                   domain,
                                   limits,
                                   Definition::info};
};

}  // namespace gradkeep::check
