// Deciding a rounding: both ends of an enclosure must give the same bits.
// SPDX-License-Identifier: Apache-2.0

#include "check/truth.h"

#include <algorithm>
#include <cstdio>
#include <limits>

namespace gradkeep::check {

namespace {

// An enclosure must be this much narrower than a unit (as a power of two) before errors are
// measured against it.
constexpr int kNarrow = 6;

// What is so much less than the least number of a format is no error either.
constexpr double kNothing = 0x1p-20;

struct Arf {
  arf_t v;
  Arf() { arf_init(v); }
  ~Arf() { arf_clear(v); }
  Arf(const Arf&) = delete;
  Arf& operator=(const Arf&) = delete;
};

// Exponent e of a finite number that is not 0, 2^e <= |v| < 2^(e+1); saturates far beyond any
// format.
long exponent_of(const arf_t v) { return arf_abs_bound_lt_2exp_si(v) - 1; }

double round_to(const arf_t v, const Format& format) {
  if (arf_is_zero(v)) return 0;
  const double sign = arf_sgn(v);
  const long e = exponent_of(v);
  if (e > format.max_exponent) return sign * HUGE_VAL;
  const long bits = e >= format.min_exponent ? format.precision : e - format.least_exponent() + 1;
  if (bits < 0) return sign * 0.0;
  if (bits == 0) {  // between half the least subnormal (a tie: 0 is even) and all of it
    const bool tie = arf_cmpabs_2exp_si(v, e) == 0;
    return sign * (tie ? 0.0 : std::ldexp(1.0, format.least_exponent()));
  }
  Arf rounded;
  arf_set_round(rounded.v, v, bits, ARF_RND_NEAR);
  if (exponent_of(rounded.v) > format.max_exponent) return sign * HUGE_VAL;
  return arf_get_d(rounded.v, ARF_RND_NEAR);
}

std::optional<Reference> settle(const DoubleBall& ball, const Format& format) {
  const double low = ball.low(), high = ball.high();
  if (low == 0 && high == 0) return Reference{.unit = ulp(0, format), .any_zero = true};
  const double rounded = round_to(ball.low_to_round(), format);
  if (!same_bits(rounded, round_to(ball.high_to_round(), format))) return {};
  if (std::isinf(rounded)) return Reference{.rounded = rounded};
  const double unit = ulp(std::min(std::abs(low), std::abs(high)), format);
  if (!(high - low <= std::ldexp(unit, -kNarrow))) return {};
  return Reference{
      .rounded = rounded, .offset = (low + (high - low) / 2 - rounded) / unit, .unit = unit};
}

const NamedUnit& find_unit(std::string_view name) {
  const auto& units = truth_units();
  const auto found =
      std::find_if(units.begin(), units.end(), [&](const NamedUnit& u) { return u.name == name; });
  if (found == units.end()) {
    throw Error("no truth is known for \"" + std::string(name) +
                "\"; expected a registered function's name");
  }
  return *found;
}

}  // namespace

std::optional<Reference> settle(const ArbBall& ball, long precision, const Format& format) {
  if (!arb_is_finite(ball.get())) return {};
  if (arb_is_zero(ball.get())) return Reference{.unit = ulp(0, format), .any_zero = true};
  Arf low, high, least;
  if (ball.exact()) {
    arf_set(low.v, arb_midref(ball.get()));
    arf_set(high.v, arb_midref(ball.get()));
  } else {
    arb_get_lbound_arf(low.v, ball.get(), precision + 64);
    arb_get_ubound_arf(high.v, ball.get(), precision + 64);
  }
  const auto exponent_in_format = [&](const arf_struct* x) {
    return arf_is_zero(x) ? format.min_exponent : exponent_of(x);
  };
  // Beyond the midpoint's last bit no format's boundary is near: any number just above the midpoint
  // stands for all of them.
  if (ball.lean() != 0) {
    arf_t& open = ball.lean() > 0 ? low.v : high.v;
    Arf nudge;
    arf_set_si_2exp_si(nudge.v, ball.lean(),
                       exponent_in_format(arb_midref(ball.get())) - precision - 64);
    arf_add(open, arb_midref(ball.get()), nudge.v, ARF_PREC_EXACT, ARF_RND_DOWN);
  }
  const double rounded = round_to(low.v, format);
  if (!same_bits(rounded, round_to(high.v, format))) return {};
  if (std::isinf(rounded)) return Reference{.rounded = rounded};

  arb_get_abs_lbound_arf(least.v, ball.get(), precision);
  const int unit_exponent = format.ulp_exponent(exponent_in_format(least.v));
  if (mag_cmp_2exp_si(arb_radref(ball.get()), unit_exponent - kNarrow - 1) > 0) return {};
  Arf offset;
  arf_set_d(offset.v, rounded);
  arf_sub(offset.v, arb_midref(ball.get()), offset.v, 64, ARF_RND_NEAR);
  arf_mul_2exp_si(offset.v, offset.v, -unit_exponent);
  return Reference{.rounded = rounded,
                   .offset = arf_get_d(offset.v, ARF_RND_NEAR),
                   .unit = std::ldexp(1.0, unit_exponent)};
}

double error_in_ulps(const Reference& t, double got, double unit) {
  if (std::isnan(t.rounded) || std::isinf(t.rounded)) {
    return same_bits(t.rounded, got) ? 0 : HUGE_VAL;
  }
  if (!std::isfinite(got)) return HUGE_VAL;
  return std::abs((got - t.rounded) / t.unit - t.offset) * (unit > 0 ? t.unit / unit : 1);
}

bool rounded_correctly(const Reference& t, double got) {
  return same_bits(t.rounded, got) || (t.any_zero && got == 0);
}

std::string to_string(Ask ask) {
  switch (ask) {
    case Ask::value:
      return "value";
    case Ask::slope:
      return "slope";
    case Ask::curvature:
      return "curvature";
    case Ask::parameter_0:
      return "slope of parameter 0";
    case Ask::parameter_1:
      return "slope of parameter 1";
    case Ask::parameter_2:
      return "slope of parameter 2";
    case Ask::parameter_3:
      return "slope of parameter 3";
  }
  return "";
}

Truth::Truth(const Activation& activation)
    : Truth(activation.info().name, activation.parameters()) {}

Truth::Truth(std::string_view name, std::span<const double> parameters)
    : Truth(find_unit(name), parameters) {}

Truth::Truth(const NamedUnit& unit, std::span<const double> parameters)
    : name_(unit.name), unit_(unit.unit), info_(unit.unit->info()) {
  if (static_cast<int>(parameters.size()) != unit_->parameters) {
    throw Error(name_ + " takes " + std::to_string(unit_->parameters) + " parameters, got " +
                std::to_string(parameters.size()));
  }
  std::copy(parameters.begin(), parameters.end(), parameters_.begin());
  domain_ = unit_->domain(parameters_.data());
}

std::array<DoubleBall, kTerms> Truth::expand_finely(double x) const {
  const ArbBall::Precision bits(kFinePrecision);
  std::array<ArbBall, kTerms> fine;
  unit_->expand_in_arb(ArbBall(x), parameters_.data(), fine.data());
  std::array<DoubleBall, kTerms> terms;
  for (int k = 0; k < kTerms; ++k) {
    if (!arb_is_finite(fine[k].get())) {
      terms[k] = DoubleBall::everything();
      continue;
    }
    Arf low, high;
    arb_get_lbound_arf(low.v, fine[k].get(), kFinePrecision);
    arb_get_ubound_arf(high.v, fine[k].get(), kFinePrecision);
    terms[k] =
        DoubleBall::between(arf_get_d(low.v, ARF_RND_FLOOR), arf_get_d(high.v, ARF_RND_CEIL));
  }
  return terms;
}

bool Truth::surely_round_to(Ask ask, const float* x, const float* y) const {
  RowBall::Row points;
  for (std::size_t i = 0; i < points.size(); ++i) {
    points[i] = x[i];
    if (!(x[i] > domain_.low && x[i] < domain_.high) || y[i] == 0) return false;
  }
  try {
    const RowBall row = unit_->in_rows(ask, RowBall(points), parameters_.data());
    int right = 0;
    for (std::size_t i = 0; i < points.size(); ++i) {
      const auto low = static_cast<float>(row.low()[i]), high = static_cast<float>(row.high()[i]);
      right += low == y[i] && high == y[i] ? 1 : 0;
    }
    return right == RowBall::kLanes;
  } catch (const Undecided&) {
    return false;
  }
}

ArbBall Truth::in_arb(Ask ask, double x, long precision) const {
  const ArbBall::Precision working(precision);
  return unit_->in_arb(ask, x, parameters_.data());
}

Reference Truth::outside(Ask ask, double x, const Format& format) const {
  const bool low = x == domain_.low, high = x == domain_.high;
  if (!(low || high) || !is_order(ask))
    return {.rounded = std::numeric_limits<double>::quiet_NaN()};
  const Limits limits = unit_->limits(parameters_.data());
  const double limit = (low ? limits.minus : limits.plus)[static_cast<std::size_t>(ask)];
  return {.rounded = round_to(limit, format), .unit = ulp(limit, format)};
}

bool Truth::odd_zero(Ask ask, double x) const {
  return ask == Ask::value && x == 0 && info_.symmetry != Symmetry::even;
}

Reference Truth::at(Ask ask, double x, const Format& format, Work* work, Zero zero) const {
  if (work) ++work->values;
  if (!(x > domain_.low && x < domain_.high)) return outside(ask, x, format);
  // The curvature of an odd function, which no sum of balls knows to be 0 there.
  if (ask == Ask::curvature && x == 0 && info_.symmetry == Symmetry::odd && info_.kinks.empty()) {
    return {.unit = ulp(0, format), .any_zero = true};
  }
  const auto finish = [&](Reference t) {
    if (t.any_zero && ask == Ask::value) {
      t.any_zero = false;
      if (odd_zero(ask, x)) t.rounded = std::copysign(0.0, x);
    }
    return t;
  };
  // No double ball is narrow beside a double's unit unless it is exact.
  try {
    const DoubleBall ball = in_doubles(ask, x);
    if (format.precision <= 24 || ball.exact()) {
      if (const auto t = settle(ball, format)) return finish(*t);
    }
    const bool nothing = std::max(-ball.low(), ball.high()) < kNothing * ulp(0, format);
    if (nothing && zero == Zero::any && ask != Ask::value) {
      return {.unit = ulp(0, format), .any_zero = true};
    }
  } catch (const Undecided&) {
  }
  if (work) ++work->escalations;
  // exp(x) takes as many bits more as x has before its point.
  long precision = 128 + (x == 0 ? 0 : std::max(0, exponent_of(x)));
  for (;; precision = std::min(2 * precision, kPrecisionCap)) {
    try {
      if (const auto t = settle(in_arb(ask, x, precision), precision, format)) return finish(*t);
    } catch (const Undecided&) {
    }
    if (precision == kPrecisionCap) break;
  }
  std::array<char, 32> input{};
  std::snprintf(input.data(), input.size(), "%a", x);
  throw Error(name_ + ": the " + to_string(ask) + " at " + input.data() + " is undecided at " +
              std::to_string(kPrecisionCap) + " bits");
}

}  // namespace gradkeep::check
