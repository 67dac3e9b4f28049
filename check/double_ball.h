// An enclosure in two doubles: a real number known to lie between two ends. Every operation returns
// an enclosure of all results its operands allow, so whatever is computed from exact inputs holds
// the real result for certain. The rounding mode is never changed: each end is computed to nearest,
// the residual (TwoSum, or one FMA) tells whether that was exact, and only an inexact end steps
// outward. Exact inputs therefore keep exact results exact: both ends equal, ties included.
//
// An end knows whether it is open: whether the number is certainly not that end itself. Whatever was
// rounded inward and not stepped over leaves its end open, so that x plus something too small to be seen is
// known to be greater than x; where x lies halfway between two floats that decides how it rounds. An end
// that is zero says the same with its sign: as lower end +0 is open, "greater than 0", and -0 is not; as
// upper end -0 is open. A positive number that underflows thus stays known to be positive. The point 0 is
// [-0, +0].
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <bit>
#include <cmath>
#include <cstdint>
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

}  // namespace ends

// One end of an enclosure. The sign of a zero and `open` agree.
struct End {
  double at = 0;
  bool open = false;

  friend End operator-(End a) { return {-a.at, a.open}; }
};

namespace ends {

// The lower end of a sum of lower ends.
inline End add_down(End a, End b) {
  const double s = a.at + b.at;
  if (!(std::abs(s) <= kMax)) return {s > 0 ? kMax : -kInf, false};
  const bool open = a.open || b.open;
  if (s == 0) return {open ? 0.0 : -0.0, open};
  const double t = s - a.at;
  const double residual = (a.at - (s - t)) + (b.at - t);
  if (residual < 0) return {step_down(s), true};
  return {s, residual > 0 || open};
}
inline End add_up(End a, End b) { return -add_down(-a, -b); }

}  // namespace ends

class DoubleBall {
 public:
  DoubleBall() : DoubleBall(0.0) {}
  DoubleBall(double point)  // NOLINT: a double is a point
      : low_{point == 0 ? -0.0 : point}, high_{point == 0 ? 0.0 : point} {}
  // All numbers from low to high, both included.
  static DoubleBall between(double low, double high) {
    return of_ends(low == 0 ? -0.0 : low, high == 0 ? 0.0 : high);
  }
  // Zeros have the meaning told above, other ends are included.
  static DoubleBall of_ends(double low, double high) {
    return of_ends(End{low, low == 0 && !std::signbit(low)},
                   End{high, high == 0 && std::signbit(high)});
  }
  static DoubleBall of_ends(End low, End high) {
    DoubleBall ball;
    ball.low_ = low;
    ball.high_ = high;
    return ball;
  }
  static DoubleBall everything() { return of_ends(-ends::kInf, ends::kInf); }

  double low() const { return low_.at; }
  double high() const { return high_.at; }
  End low_end() const { return low_; }
  End high_end() const { return high_; }
  bool exact() const { return low_.at == high_.at; }
  bool is(double point) const { return low_.at == point && high_.at == point; }
  // Ends for rounding to a format of fewer bits. A boundary between two roundings has zeros for its last
  // bits, so one unit further in no open end is a boundary, and none was passed.
  double low_to_round() const { return low_.open ? inward(low_.at, low_.at > 0) : low_.at; }
  double high_to_round() const { return high_.open ? inward(high_.at, high_.at < 0) : high_.at; }

  friend DoubleBall operator-(const DoubleBall& a) { return of_ends(-a.high_, -a.low_); }
  friend DoubleBall operator+(const DoubleBall& a, const DoubleBall& b) {
    return of_ends(ends::add_down(a.low_, b.low_), ends::add_up(a.high_, b.high_));
  }
  friend DoubleBall operator-(const DoubleBall& a, const DoubleBall& b) { return a + -b; }
  // Jets are full of zeros and ones.
  friend DoubleBall operator*(const DoubleBall& a, const DoubleBall& b) {
    if (a.is(1)) return b;
    if (b.is(1)) return a;
    return product(a, b);
  }
  friend DoubleBall operator/(const DoubleBall& a, const DoubleBall& b) {
    return b.is(1) ? a : quotient(a, b);
  }

  // 1 if certainly greater than c, -1 if certainly c or less.
  int above(const DoubleBall& c) const {
    if (low_.at > c.high_.at || (low_.at == c.high_.at && (low_.open || c.high_.open))) return 1;
    if (high_.at <= c.low_.at) return -1;
    throw Undecided();
  }

 private:
  static DoubleBall product(const DoubleBall& a, const DoubleBall& b);
  static DoubleBall quotient(const DoubleBall& a, const DoubleBall& b);
  // The number of the pair (even, odd last bit) next to it that is odd, away from 0 or towards it.
  static double inward(double v, bool away) {
    const auto bits = std::bit_cast<std::uint64_t>(v);
    if (v == 0 || bits % 2 == 1) return v;
    return std::bit_cast<double>(away ? bits + 1 : bits - 1);
  }

  End low_, high_;
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
