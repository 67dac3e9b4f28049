// SPDX-License-Identifier: Apache-2.0
#include "kit/gate_truth.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "kit/units.h"

namespace gradkeep::kit {
namespace {

using check::ArbBall;
using check::Ask;

// Results of f at gates, value or slope.
class Opened {
 public:
  Opened(const Activation& f, Ask ask, Number number)
      : truth_(f),
        ask_(ask),
        format_(type_of(number).format),
        units_(f, {ask == Ask::value ? Quantity::value : Quantity::slope}, number) {}

  // The product of f(gate) and these.
  Expected times(std::span<const double> factors, double gate) const {
    double factor = 1;
    for (const double each : factors) factor *= each;
    const check::Reference f = truth_.at(ask_, gate, format_, nullptr, check::Truth::Zero::any);
    const double product = factor * f.rounded;
    if (std::isnan(factor) || std::isnan(f.rounded)) {
      return {.truth = {.rounded = std::numeric_limits<double>::quiet_NaN()}};
    }
    if (!std::isfinite(factor) || !std::isfinite(gate)) {
      // A limit of 0 has no digits that an infinite factor could meet.
      if (std::isnan(product) || f.rounded == 0 || ask_ != Ask::value)
        return {.truth = {}, .known = false};
      return {.truth = {.rounded = product, .any_zero = product == 0}};
    }
    const auto ball = [&](long precision) { return truth_.in_arb(ask_, gate, precision); };
    Expected e = check::settled_product(factors, ball, format_);
    e.truth.any_zero = e.truth.any_zero || e.truth.rounded == 0;
    e.unit = std::max(e.truth.unit, std::abs(factor) * std::max(f.unit, units_.at(gate)));
    // In whichever order they are multiplied.
    if (factors.size() == 2) {
      const double a = std::abs(factors[0]), b = std::abs(factors[1]), c = std::abs(f.rounded);
      e.unit = std::max({e.unit, ulp(a * b) * c, ulp(a * c) * b, ulp(b * c) * a});
    }
    return e;
  }

 private:
  double ulp(double v) const { return check::ulp(v, format_); }

  check::Truth truth_;
  Ask ask_;
  check::Format format_;
  Units units_;
};

struct Halves {
  std::span<const double> gate, value;
};
Halves halves(const Gated& g, std::span<const double> x) {
  const std::size_t half = x.size() / 2;
  const auto first = x.subspan(0, half), second = x.subspan(half);
  return g.gate == Gate::first ? Halves{first, second} : Halves{second, first};
}

}  // namespace

std::vector<Expected> gated_values(const Gated& g, std::span<const double> x, Number number) {
  const Opened opened(g.f, Ask::value, number);
  const auto [gate, value] = halves(g, x);
  std::vector<Expected> all;
  for (std::size_t i = 0; i < gate.size(); ++i) {
    all.push_back(opened.times(value.subspan(i, 1), gate[i]));
  }
  return all;
}

std::vector<Expected> gated_gradients(const Gated& g, std::span<const double> x,
                                      std::span<const double> dy, Number number) {
  const Opened opened(g.f, Ask::value, number), slope(g.f, Ask::slope, number);
  const auto [gate, value] = halves(g, x);
  std::vector<Expected> of_gate, of_value;
  for (std::size_t i = 0; i < gate.size(); ++i) {
    const double factors[] = {dy[i], value[i]};
    of_value.push_back(opened.times(dy.subspan(i, 1), gate[i]));
    of_gate.push_back(slope.times(factors, gate[i]));
  }
  if (g.gate == Gate::second) of_gate.swap(of_value);
  of_gate.insert(of_gate.end(), of_value.begin(), of_value.end());
  return of_gate;
}

}  // namespace gradkeep::kit
