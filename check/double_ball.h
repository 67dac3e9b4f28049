// An enclosure in two doubles: a real number known to lie between two ends. Every operation returns
// an enclosure of all results its operands allow, so whatever is computed from exact inputs holds
// the real result for certain. The rounding mode is never changed: each end is computed to nearest,
// the residual (TwoSum, or one FMA) tells whether that was exact, and only an inexact end steps
// outward. Exact inputs therefore keep exact results exact: both ends equal, ties included.
//
// An end that is zero carries one more bit in its sign: as lower end +0 says "greater than 0" and
// -0 says "0 or greater"; as upper end -0 says "less than 0". A positive number that underflows
// thus stays known to be positive, and its sign need not be looked up at a higher precision. The
// point 0 is
// [-0, +0].
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>
#include <limits>

namespace gradkeep::check {

// Thrown where a comparison cannot be decided at the working precision; the caller tries a higher
// one.
struct Undecided {};

namespace ends {

inline constexpr double kInf = std::numeric_limits<double>::infinity();
inline constexpr double kMax = std::numeric_limits<double>::max();
inline constexpr double kEta = std::numeric_limits<double>::denorm_min();
// Below this the residual of a product may itself underflow, so exactness is not looked for.
inline constexpr double kTiny = 0x1p-900;
// u (1 + 2u): a step of phi |v| + eta passes the neighbouring double (Rump, Zimmermann, Boldo,
// Melquiond 2009).
inline constexpr double kPhi = 0x1.0000000000001p-53;
inline double step_down(double v) { return v - (kPhi * std::abs(v) + kEta); }
inline double add_down(double a, double b) {
  const double s = a + b;
  if (!(std::abs(s) <= kMax)) return s > 0 ? kMax : -kInf;
  if (s == 0) return a == 0 ? s : -0.0;
  const double t = s - a;
  const double residual = (a - (s - t)) + (b - t);
  return residual >= 0 ? s : step_down(s);
}
inline double add_up(double a, double b) { return -add_down(-a, -b); }

}  // namespace ends

class DoubleBall {
 public:
  DoubleBall() : DoubleBall(0.0) {}
  DoubleBall(double point)  // NOLINT: a double is a point
      : low_(point == 0 ? -0.0 : point), high_(point == 0 ? 0.0 : point) {}
  // All numbers from low to high, both included.
  static DoubleBall between(double low, double high) {
    return of_ends(low == 0 ? -0.0 : low, high == 0 ? 0.0 : high);
  }
  // Ends whose zeros have the meaning told above.
  static DoubleBall of_ends(double low, double high) {
    DoubleBall ball;
    ball.low_ = low;
    ball.high_ = high;
    return ball;
  }
  static DoubleBall everything() { return of_ends(-ends::kInf, ends::kInf); }

  double low() const { return low_; }
  double high() const { return high_; }
  bool exact() const { return low_ == high_; }

  friend DoubleBall operator-(const DoubleBall& a) { return of_ends(-a.high_, -a.low_); }
  friend DoubleBall operator+(const DoubleBall& a, const DoubleBall& b) {
    return of_ends(ends::add_down(a.low_, b.low_), ends::add_up(a.high_, b.high_));
  }
  friend DoubleBall operator-(const DoubleBall& a, const DoubleBall& b) { return a + -b; }
  friend DoubleBall operator*(const DoubleBall& a, const DoubleBall& b);
  friend DoubleBall operator/(const DoubleBall& a, const DoubleBall& b);

  // 1 if certainly greater than c, -1 if certainly c or less.
  int above(const DoubleBall& c) const {
    if (low_ > c.high_) return 1;
    if (high_ <= c.low_) return -1;
    throw Undecided();
  }

 private:
  double low_, high_;
};

// The sign of the number in the middle: a guess at that of all of them.
inline int middle_sign(const DoubleBall& x) {
  return x.low() + x.high() > 0 ? 1 : x.low() + x.high() < 0 ? -1 : 0;
}

DoubleBall abs(const DoubleBall& x);
DoubleBall sqrt(const DoubleBall& x);
DoubleBall exp(const DoubleBall& x);
DoubleBall expm1(const DoubleBall& x);
DoubleBall log(const DoubleBall& x);
DoubleBall log1p(const DoubleBall& x);
DoubleBall tanh(const DoubleBall& x);
DoubleBall atan(const DoubleBall& x);
DoubleBall sin(const DoubleBall& x);
DoubleBall cos(const DoubleBall& x);
DoubleBall erf(const DoubleBall& x);
DoubleBall erfc(const DoubleBall& x);
DoubleBall logistic(const DoubleBall& x);
DoubleBall log1p_exp(const DoubleBall& x);

// Constants of the type of their first argument.
inline DoubleBall real(const DoubleBall&, double v) { return v; }
inline DoubleBall pi(const DoubleBall&) {
  return DoubleBall::of_ends(0x1.921fb54442d18p+1, 0x1.921fb54442d19p+1);
}
// A decimal fraction as the real number it spells.
DoubleBall decimal(const DoubleBall& like, const char* digits);

}  // namespace gradkeep::check
