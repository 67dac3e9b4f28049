// Products, quotients and elementary functions of two-double enclosures.
// SPDX-License-Identifier: Apache-2.0
#include "check/double_ball.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <string>

namespace gradkeep::check {

namespace ends {
namespace {

// Largest error taken for glibc's exp, expm1, log, log1p, tanh, sin, cos, erf, erfc: 8 ulp. The table
// "Known Maximum Errors in Math Functions" of the glibc 2.36 manual lists at most 5 (erfc) for x86-64
// and aarch64; 2^-49 |y| is at least 8 ulp(y), inflated for the product's own rounding.
constexpr double kMargin = 0x1.01p-49;

double margin_down(double v) { return v - (kMargin * std::abs(v) + 8 * kEta); }
double margin_up(double v) { return -margin_down(-v); }

// Products and quotients of ends that are not negative.
double multiply_down(double a, double b) {
  if (a == 0 || b == 0) return std::signbit(a) || std::signbit(b) ? -0.0 : 0.0;
  const double p = a * b;
  if (p > kMax) return kMax;
  if (p < kTiny) return std::max(0.0, step_down(p));
  return std::fma(a, b, -p) >= 0 ? p : step_down(p);
}
double multiply_up(double a, double b) {
  if (a == 0 || b == 0) return 0.0;
  const double p = a * b;
  if (p > kMax) return kInf;
  if (p < kTiny) return -step_down(-p);
  return std::fma(a, b, -p) <= 0 ? p : -step_down(-p);
}
double divide_down(double a, double b) {
  if (a == 0) return a;
  if (b > kMax) return 0.0;
  const double q = a / b;
  if (q > kMax) return kMax;
  if (q < kTiny || a < kTiny) return std::max(0.0, step_down(q));
  return std::fma(-q, b, a) >= 0 ? q : step_down(q);
}
double divide_up(double a, double b) {
  if (a == 0) return 0.0;
  if (a > kMax) return kInf;
  const double q = a / b;
  if (q > kMax) return kInf;
  if (q < kTiny || a < kTiny) return -step_down(-q);
  return std::fma(-q, b, a) <= 0 ? q : -step_down(-q);
}

}  // namespace
}  // namespace ends

DoubleBall operator*(const DoubleBall& a, const DoubleBall& b) {
  using namespace ends;
  if (a.low() >= 0) {
    if (b.low() >= 0) {
      return DoubleBall::of_ends(multiply_down(a.low(), b.low()), multiply_up(a.high(), b.high()));
    }
    if (b.high() <= 0) return -(a * -b);
    return DoubleBall::of_ends(-multiply_up(a.high(), -b.low()), multiply_up(a.high(), b.high()));
  }
  if (a.high() <= 0) return -(-a * b);
  if (b.low() >= 0) return b * a;
  if (b.high() <= 0) return -(-b * a);
  return DoubleBall::of_ends(
      -std::max(multiply_up(-a.low(), b.high()), multiply_up(a.high(), -b.low())),
      std::max(multiply_up(-a.low(), -b.low()), multiply_up(a.high(), b.high())));
}
DoubleBall operator/(const DoubleBall& a, const DoubleBall& b) {
  using namespace ends;
  if (b.high() < 0 || (b.high() == 0 && std::signbit(b.high()))) return -(a / -b);
  if (b.low() < 0 || (b.low() == 0 && std::signbit(b.low()))) return DoubleBall::everything();
  const bool open = b.low() == 0;  // greater than 0, by as little as you like
  const auto up = [&](double n) { return open && n != 0 ? kInf : divide_up(n, b.low()); };
  if (a.low() >= 0) return DoubleBall::of_ends(divide_down(a.low(), b.high()), up(a.high()));
  if (a.high() <= 0) return -(-a / b);
  return DoubleBall::of_ends(-up(-a.low()), up(a.high()));
}

DoubleBall abs(const DoubleBall& x) {
  if (x.low() >= 0) return x;
  if (x.high() <= 0) return -x;
  return DoubleBall::of_ends(-0.0, std::max(-x.low(), x.high()));
}

DoubleBall sqrt(const DoubleBall& x) {
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

bool is_point(const DoubleBall& x, double v) { return x.low() == v && x.high() == v; }

}  // namespace ends

DoubleBall exp(const DoubleBall& x) {
  if (ends::is_point(x, 0)) return 1.0;
  return ends::increasing(x, 0.0, ends::kInf, false, [](double v) { return std::exp(v); });
}
DoubleBall expm1(const DoubleBall& x) {
  return ends::increasing(x, -1, ends::kInf, true, [](double v) { return std::expm1(v); });
}
DoubleBall log(const DoubleBall& x) {
  if (x.low() <= 0) return DoubleBall::everything();
  if (ends::is_point(x, 1)) return 0.0;
  return ends::increasing(x, -ends::kInf, ends::kInf, false, [](double v) { return std::log(v); });
}
DoubleBall log1p(const DoubleBall& x) {
  if (x.low() <= -1) return DoubleBall::everything();
  return ends::increasing(x, -ends::kInf, ends::kInf, true, [](double v) { return std::log1p(v); });
}
DoubleBall tanh(const DoubleBall& x) {
  return ends::increasing(x, -1, 1, true, [](double v) { return std::tanh(v); });
}
DoubleBall atan(const DoubleBall& x) {
  return ends::increasing(x, -0x1.921fb54442d19p+0, 0x1.921fb54442d19p+0, true,
                          [](double v) { return std::atan(v); });
}
DoubleBall erf(const DoubleBall& x) {
  return ends::increasing(x, -1, 1, true, [](double v) { return std::erf(v); });
}
DoubleBall erfc(const DoubleBall& x) {
  if (ends::is_point(x, 0)) return 1.0;
  return ends::increasing(-x, 0.0, 2, false, [](double v) { return std::erfc(-v); });
}

namespace ends {

// A library function that changes by no more than its argument does, with values in [-1, 1].
template <class F>
DoubleBall wave(const DoubleBall& x, F f) {
  const double middle = x.exact() ? x.low() : x.low() + (x.high() - x.low()) / 2;
  const double reach = std::max(add_up(x.high(), -middle), add_up(middle, -x.low()));
  if (!(reach < 4)) return DoubleBall::between(-1, 1);
  const double v = f(middle);
  return DoubleBall::between(std::max(-1.0, add_down(margin_down(v), -reach)),
                             std::min(1.0, add_up(margin_up(v), reach)));
}

}  // namespace ends

DoubleBall sin(const DoubleBall& x) {
  if (ends::is_point(x, 0)) return 0.0;
  return ends::wave(x, [](double v) { return std::sin(v); });
}
DoubleBall cos(const DoubleBall& x) {
  if (ends::is_point(x, 0)) return 1.0;
  return ends::wave(x, [](double v) { return std::cos(v); });
}

// 1 / (1 + e^-x). Far left the exponential would overflow, and is divided through by.
DoubleBall logistic(const DoubleBall& x) {
  constexpr double kFar = -600;
  if (x.low() >= kFar) return 1.0 / (1.0 + exp(-x));
  const auto end = [](double v) {
    const DoubleBall e = exp(DoubleBall(std::min(v, 0.0)));
    return v < 0 ? e / (1.0 + e) : 1.0 / (1.0 + exp(DoubleBall(-v)));
  };
  return DoubleBall::of_ends(end(x.low()).low(), end(x.high()).high());
}
// log(1 + e^x). Far right it is x and an exponential beside it.
DoubleBall log1p_exp(const DoubleBall& x) {
  constexpr double kFar = 600;
  if (x.high() <= kFar) return log1p(exp(x));
  const auto end = [](double v) {
    return v > 0 ? DoubleBall(v) + log1p(exp(DoubleBall(-v))) : log1p(exp(DoubleBall(v)));
  };
  return DoubleBall::of_ends(end(x.low()).low(), end(x.high()).high());
}

// Reading a number takes longer than all else here, so the last few are remembered.
DoubleBall decimal(const DoubleBall&, const char* digits) {
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
