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

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <string>

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
// Largest error taken for glibc's exp, expm1, log, log1p, tanh, erf, erfc: 8 ulp. The table "Known
// Maximum Errors in Math Functions" of the glibc 2.36 manual lists at most 5 (erfc) for x86-64 and
// aarch64; 2^-49 |y| is at least 8 ulp(y), inflated for the product's own rounding.
inline constexpr double kMargin = 0x1.01p-49;

inline double step_down(double v) { return v - (kPhi * std::abs(v) + kEta); }
inline double margin_down(double v) { return v - (kMargin * std::abs(v) + 8 * kEta); }
inline double margin_up(double v) { return -margin_down(-v); }

inline double add_down(double a, double b) {
  const double s = a + b;
  if (!(std::abs(s) <= kMax)) return s > 0 ? kMax : -kInf;
  if (s == 0) return a == 0 ? s : -0.0;
  const double t = s - a;
  const double residual = (a - (s - t)) + (b - t);
  return residual >= 0 ? s : step_down(s);
}
inline double add_up(double a, double b) { return -add_down(-a, -b); }

// Products and quotients of ends that are not negative.
inline double multiply_down(double a, double b) {
  if (a == 0 || b == 0) return std::signbit(a) || std::signbit(b) ? -0.0 : 0.0;
  const double p = a * b;
  if (p > kMax) return kMax;
  if (p < kTiny) return std::max(0.0, step_down(p));
  return std::fma(a, b, -p) >= 0 ? p : step_down(p);
}
inline double multiply_up(double a, double b) {
  if (a == 0 || b == 0) return 0.0;
  const double p = a * b;
  if (p > kMax) return kInf;
  if (p < kTiny) return -step_down(-p);
  return std::fma(a, b, -p) <= 0 ? p : -step_down(-p);
}
inline double divide_down(double a, double b) {
  if (a == 0) return a;
  if (b > kMax) return 0.0;
  const double q = a / b;
  if (q > kMax) return kMax;
  if (q < kTiny || a < kTiny) return std::max(0.0, step_down(q));
  return std::fma(-q, b, a) >= 0 ? q : step_down(q);
}
inline double divide_up(double a, double b) {
  if (a == 0) return 0.0;
  if (a > kMax) return kInf;
  const double q = a / b;
  if (q > kMax) return kInf;
  if (q < kTiny || a < kTiny) return -step_down(-q);
  return std::fma(-q, b, a) <= 0 ? q : -step_down(-q);
}

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
  friend DoubleBall operator*(const DoubleBall& a, const DoubleBall& b) {
    using namespace ends;
    if (a.low_ >= 0) {
      if (b.low_ >= 0) {
        return of_ends(multiply_down(a.low_, b.low_), multiply_up(a.high_, b.high_));
      }
      if (b.high_ <= 0) return -(a * -b);
      return of_ends(-multiply_up(a.high_, -b.low_), multiply_up(a.high_, b.high_));
    }
    if (a.high_ <= 0) return -(-a * b);
    if (b.low_ >= 0) return b * a;
    if (b.high_ <= 0) return -(-b * a);
    return of_ends(-std::max(multiply_up(-a.low_, b.high_), multiply_up(a.high_, -b.low_)),
                   std::max(multiply_up(-a.low_, -b.low_), multiply_up(a.high_, b.high_)));
  }
  friend DoubleBall operator/(const DoubleBall& a, const DoubleBall& b) {
    using namespace ends;
    if (b.high_ < 0 || (b.high_ == 0 && std::signbit(b.high_))) return -(a / -b);
    if (b.low_ < 0 || (b.low_ == 0 && std::signbit(b.low_))) return everything();
    const bool open = b.low_ == 0;  // greater than 0, by as little as you like
    const auto up = [&](double n) { return open && n != 0 ? kInf : divide_up(n, b.low_); };
    if (a.low_ >= 0) return of_ends(divide_down(a.low_, b.high_), up(a.high_));
    if (a.high_ <= 0) return -(-a / b);
    return of_ends(-up(-a.low_), up(a.high_));
  }

  // 1 if certainly greater than c, -1 if certainly c or less.
  int above(const DoubleBall& c) const {
    if (low_ > c.high_) return 1;
    if (high_ <= c.low_) return -1;
    throw Undecided();
  }

 private:
  double low_, high_;
};

inline DoubleBall abs(const DoubleBall& x) {
  if (x.low() >= 0) return x;
  if (x.high() <= 0) return -x;
  return DoubleBall::of_ends(-0.0, std::max(-x.low(), x.high()));
}

inline DoubleBall sqrt(const DoubleBall& x) {
  if (x.low() < 0) return DoubleBall::everything();
  const auto end = [](double v, bool up) {
    const double s = std::sqrt(v);
    if (v == 0 || v > ends::kMax) return s;
    if (v < ends::kTiny) return up ? -ends::step_down(-s) : ends::step_down(s);
    const double residual = std::fma(s, s, -v);  // positive: s is above the root
    if (up) return residual >= 0 ? s : -ends::step_down(-s);
    return residual <= 0 ? s : ends::step_down(s);
  };
  return DoubleBall::of_ends(end(x.low(), false), end(x.high(), true));
}

namespace ends {

// Both ends of an increasing library function, widened by its error and cut to its range. A
// function with f(0) = 0 keeps a zero end, sign and all.
template <class F>
DoubleBall increasing(const DoubleBall& x, double floor, double ceiling, bool through_zero, F f) {
  const double first = f(x.low());
  const double last = x.exact() ? first : f(x.high());
  double low = first > kMax ? kMax : std::max(floor, margin_down(first));
  double high = last < -kMax ? -kMax : std::min(ceiling, margin_up(last));
  if (through_zero && x.low() == 0) low = x.low();
  if (through_zero && x.high() == 0) high = x.high();
  return DoubleBall::of_ends(low, high);
}

inline bool is_point(const DoubleBall& x, double v) { return x.low() == v && x.high() == v; }

}  // namespace ends

inline DoubleBall exp(const DoubleBall& x) {
  if (ends::is_point(x, 0)) return 1.0;
  return ends::increasing(x, 0.0, ends::kInf, false, [](double v) { return std::exp(v); });
}
inline DoubleBall expm1(const DoubleBall& x) {
  return ends::increasing(x, -1, ends::kInf, true, [](double v) { return std::expm1(v); });
}
inline DoubleBall log(const DoubleBall& x) {
  if (x.low() <= 0) return DoubleBall::everything();
  if (ends::is_point(x, 1)) return 0.0;
  return ends::increasing(x, -ends::kInf, ends::kInf, false, [](double v) { return std::log(v); });
}
inline DoubleBall log1p(const DoubleBall& x) {
  if (x.low() <= -1) return DoubleBall::everything();
  return ends::increasing(x, -ends::kInf, ends::kInf, true, [](double v) { return std::log1p(v); });
}
inline DoubleBall tanh(const DoubleBall& x) {
  return ends::increasing(x, -1, 1, true, [](double v) { return std::tanh(v); });
}
inline DoubleBall atan(const DoubleBall& x) {
  return ends::increasing(x, -0x1.921fb54442d19p+0, 0x1.921fb54442d19p+0, true,
                          [](double v) { return std::atan(v); });
}
inline DoubleBall erf(const DoubleBall& x) {
  return ends::increasing(x, -1, 1, true, [](double v) { return std::erf(v); });
}
inline DoubleBall erfc(const DoubleBall& x) {
  if (ends::is_point(x, 0)) return 1.0;
  return ends::increasing(-x, 0.0, 2, false, [](double v) { return std::erfc(-v); });
}

// Constants of the type of their first argument.
inline DoubleBall real(const DoubleBall&, double v) { return v; }
inline DoubleBall pi(const DoubleBall&) {
  return DoubleBall::of_ends(0x1.921fb54442d18p+1, 0x1.921fb54442d19p+1);
}
// A decimal fraction as the real number it spells. Reading one takes longer than all else here, so
// the last few are remembered.
inline DoubleBall decimal(const DoubleBall&, const char* digits) {
  struct Known {
    std::string digits;
    double nearest = 0;
  };
  thread_local std::array<Known, 4> known;
  thread_local std::size_t next = 0;
  auto found =
      std::find_if(known.begin(), known.end(), [&](const Known& k) { return k.digits == digits; });
  if (found == known.end()) {
    found = known.begin() + static_cast<std::ptrdiff_t>(next++ % known.size());
    *found = {digits, std::strtod(digits, nullptr)};
  }
  const double nearest = found->nearest;
  return DoubleBall::of_ends(ends::step_down(nearest), -ends::step_down(-nearest));
}

}  // namespace gradkeep::check
