// Truth: the real value of a function's textbook formula, rounded correctly. Double balls answer
// first; where the two ends of the ball round to different numbers, Arb balls of growing precision
// follow until both ends agree. Two precisions that merely round alike decide nothing: silu(2^-149)
// rounds to 0 at 53, 64, 96 and 128 bits, and is 2^-149.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include <gradkeep/core.h>
#include "check/format.h"
#include "check/truth_unit.h"

namespace gradkeep::check {

// A real truth t seen from a format: t = rounded + offset * unit.
struct Reference {
  double rounded = 0;  // t to nearest even
  double offset = 0;   // known to 1/64 or better
  double unit = 1;     // ulp(t)
  // t is 0 and the sign of zero is not settled by convention (derivatives).
  bool any_zero = false;
};

// |got - t| / unit, by default in units of ulp(t). NaN for NaN and overflow where rounding t
// overflows count as 0, a wrong NaN or infinity as infinite.
double error_in_ulps(const Reference& t, double got, double unit = 0);
bool rounded_correctly(const Reference& t, double got);

// The truth that an enclosure tells, computed at that precision: nothing where its ends round to different
// numbers, or where it is too wide to count errors in.
std::optional<Reference> settle(const ArbBall& ball, long precision, const Format& format);

// How often the two-double enclosure did not suffice.
struct Work {
  long values = 0, escalations = 0;
};

class Truth {
 public:
  // In double the curvature of an odd function at the least normal numbers is a tie but for x^3:
  // sigmoid'' at -0x1.fffffffffffffp-1020 takes 3,100 bits.
  static constexpr long kPrecisionCap = 4800;
  static constexpr long kFinePrecision = 240;

  explicit Truth(const Activation& activation);
  // By registered name (no aliases), with all parameters in order. Throws Error for another name.
  Truth(std::string_view name, std::span<const double> parameters);
  Truth(const NamedUnit& unit, std::span<const double> parameters);

  const std::string& name() const { return name_; }
  const Info& info() const { return info_; }
  const Interval& domain() const { return domain_; }
  int parameter_count() const { return unit_->parameters; }

  // Conventions: NaN for NaN and outside the domain; at its ends, +-inf for almost all functions, the
  // limit, with the sign of the side that a limit of 0 is approached from (no limits are known for
  // parameter slopes: NaN);
  // the value at -0 is -0 where f(0) = 0, unless f is even. Throws Error, naming the input, if
  // kPrecisionCap bits leave it undecided. Far out a derivative may be next to nothing in the format, a
  // difference of exponentials of which two doubles know the size but not the sign; to settle that
  // takes a hundred times as long, and `any` zero does without (any_zero).
  enum class Zero { with_sign, any };
  Reference at(Ask ask, double x, const Format& format, Work* work = nullptr,
               Zero zero = Zero::with_sign) const;

  // x and the result as numbers of type T, float or double.
  template <class T>
  T rounded(Ask ask, T x) const {
    return static_cast<T>(at(ask, x, kFormatOf<T>).rounded);
  }

  // Whether balls in a row tell that the values or slopes at eight x round to these y, none of which is 0.
  bool surely_round_to(Ask ask, const float* x, const float* y) const;

  DoubleBall in_doubles(Ask ask, double x) const {
    return unit_->in_doubles(ask, x, parameters_.data());
  }
  ArbBall in_arb(Ask ask, double x, long precision) const;
  // The first terms of the Taylor series, at a point or enclosed over an interval.
  std::array<DoubleBall, kTerms> expand(const DoubleBall& x) const {
    std::array<DoubleBall, kTerms> terms;
    unit_->expand(x, parameters_.data(), terms.data());
    return terms;
  }
  // At a point, computed with 240 bits: enclosures two doubles wide where those of doubles cancel.
  std::array<DoubleBall, kTerms> expand_finely(double x) const;

 private:
  Reference outside(Ask ask, double x, const Format& format) const;
  bool odd_zero(Ask ask, double x) const;

  std::string name_;
  const TruthUnit* unit_;
  std::array<double, kMaxParameters> parameters_{};
  Interval domain_;
  Info info_;
};

// The words for an Ask in messages: "value", "slope", "curvature", "slope of parameter 0".
std::string to_string(Ask ask);

}  // namespace gradkeep::check
