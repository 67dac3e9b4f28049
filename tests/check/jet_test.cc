// Jets against difference quotients: with 1,000 bits and a step of 2^-200 a central difference knows
// a derivative to 400 bits, without knowing any rule.
// SPDX-License-Identifier: Apache-2.0

#include "check/jet.h"

#include <gtest/gtest.h>

#include <functional>
#include <vector>

#include "check/arb_ball.h"
#include "check/double_ball.h"
#include "check/truth.h"

namespace gradkeep::check {
namespace {

using Point = Jet<ArbBall, 0>;
using Curve = Jet<ArbBall, 2>;

double relative_gap(const ArbBall& a, const ArbBall& b) {
  const ArbBall size = abs(b) + ArbBall(1e-30);
  const ArbBall gap = abs(a - b) / size;
  arf_t bound;
  arf_init(bound);
  arb_get_ubound_arf(bound, gap.get(), 60);
  const double result = arf_get_d(bound, ARF_RND_UP);
  arf_clear(bound);
  return result;
}

template <class Formula>
void expect_derivatives(Formula formula, double at, const char* name) {
  const ArbBall::Precision working(1000);
  const ArbBall h = 0x1p-200;
  const auto value = [&](const ArbBall& x) { return formula(Point(x)).d[0]; };
  const ArbBall x = at;
  const ArbBall left = value(x - h), middle = value(x), right = value(x + h);
  const Curve curve = formula(Curve::variable(at));
  EXPECT_LT(relative_gap(curve.d[0], middle), 1e-100) << name << " at " << at;
  EXPECT_LT(relative_gap(curve.d[1], (right - left) / (ArbBall(2.0) * h)), 1e-60) << name << at;
  EXPECT_LT(
      relative_gap(ArbBall(2.0) * curve.d[2], (right - ArbBall(2.0) * middle + left) / (h * h)),
      1e-60)
      << name << " at " << at;
}

TEST(Jet, RulesAgreeWithDifferenceQuotients) {
  for (double x : {0.3, 1.7, 4.0}) {
    expect_derivatives([](auto v) { return exp(v * v / 3.0) - 2.0; }, x, "exp");
    expect_derivatives([](auto v) { return expm1(-v) * v; }, x, "expm1");
    expect_derivatives([](auto v) { return log(v) / (1.0 + v); }, x, "log");
    expect_derivatives([](auto v) { return log1p(v * v); }, x, "log1p");
    expect_derivatives([](auto v) { return tanh(2.0 * v - 1.0); }, x, "tanh");
    expect_derivatives([](auto v) { return erf(v / 2.0) * erf(v); }, x, "erf");
    expect_derivatives([](auto v) { return erfc(v / sqrt(real(v, 2.0))); }, x, "erfc");
    expect_derivatives([](auto v) { return sin(v * v) * v; }, x, "sin");
    expect_derivatives([](auto v) { return cos(3.0 * v) + v; }, x, "cos");
    expect_derivatives([](auto v) { return sqrt(v * v + 1.0); }, x, "sqrt");
    expect_derivatives([](auto v) { return v / (1.0 + abs(v)); }, x, "abs");
    expect_derivatives([](auto v) { return v / (1.0 + abs(v)); }, -x, "abs");
    expect_derivatives([](auto v) { return 1.0 / (v * v) - pi(v) * v + decimal(v, "0.1"); }, x,
                       "/");
  }
}

TEST(Jet, BranchesAtZeroAreTheLeftOnes) {
  const auto left = abs(Jet<DoubleBall, 1>::variable(0.0));
  EXPECT_EQ(left.d[1].low(), -1);
  EXPECT_EQ(abs(Jet<DoubleBall, 1>::variable(0x1p-1074)).d[1].low(), 1);
}

TEST(Jet, TanhSlopeDoesNotCancel) {
  const auto t = tanh(Jet<DoubleBall, 1>::variable(300.0));
  EXPECT_GT(t.d[1].low(), 0);
  EXPECT_LT(t.d[1].high() / t.d[1].low(), 1 + 1e-12);
}

// Every definition's slope and curvature as difference quotients of its own value.
TEST(Jet, EveryDefinitionsDerivativesAreDifferenceQuotients) {
  for (const NamedUnit& named : truth_units()) {
    const Info info = named.unit->info();
    std::vector<double> p;
    for (const Parameter& parameter : info.parameters) p.push_back(parameter.value);
    const Truth truth(named, p);
    for (double x : {-6.03125, -2.25, -0.625, 0.6875, 1.25, 7.5}) {
      if (!truth.domain().contains(x)) continue;
      const double step = 0x1p-30;  // x + step is a double, and step^2 below the tolerance
      const auto value = [&](double v) { return truth.in_arb(Ask::value, v, 600); };
      const ArbBall::Precision working(600);
      const ArbBall slope = (value(x + step) - value(x - step)) / ArbBall(2 * step);
      const ArbBall curvature =
          (value(x + step) - ArbBall(2.0) * value(x) + value(x - step)) / ArbBall(step * step);
      EXPECT_LT(relative_gap(truth.in_arb(Ask::slope, x, 600), slope), 1e-14)
          << named.name << " at " << x;
      const ArbBall exact_curvature = truth.in_arb(Ask::curvature, x, 600);
      if (!arb_is_zero(exact_curvature.get())) {
        EXPECT_LT(relative_gap(exact_curvature, curvature), 1e-13) << named.name << " at " << x;
      }
    }
  }
}

}  // namespace
}  // namespace gradkeep::check
