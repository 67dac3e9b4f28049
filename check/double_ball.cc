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

// Products and quotients of ends that are not negative, each end the least or largest of its operand.
End multiply_down(End a, End b) {
  const bool open = a.open || b.open;
  if (a.at == 0 || b.at == 0) {
    const bool above_zero = (a.at > 0 || a.open) && (b.at > 0 || b.open);
    return {above_zero ? 0.0 : -0.0, above_zero};
  }
  const double p = a.at * b.at;
  if (p > kMax) return {kMax, false};
  if (p < kTiny) return {std::max(0.0, step_down(p)), true};
  const double residual = std::fma(a.at, b.at, -p);
  if (residual < 0) return {step_down(p), true};
  return {p, residual > 0 || open};
}
End multiply_up(End a, End b) {
  if (a.at == 0 || b.at == 0) return {0.0, false};
  const double p = a.at * b.at;
  if (p > kMax) return {kInf, false};
  if (p < kTiny) return {-step_down(-p), true};
  const double residual = std::fma(a.at, b.at, -p);
  if (residual > 0) return {-step_down(-p), true};
  return {p, residual < 0 || a.open || b.open};
}
End divide_down(End a, End b) {
  if (a.at == 0) return a;
  if (b.at > kMax) return {0.0, true};
  const double q = a.at / b.at;
  if (q > kMax) return {kMax, false};
  if (q < kTiny || a.at < kTiny) return {std::max(0.0, step_down(q)), true};
  const double residual = std::fma(-q, b.at, a.at);
  if (residual < 0) return {step_down(q), true};
  return {q, residual > 0 || a.open || b.open};
}
End divide_up(End a, End b) {
  if (a.at == 0) return {0.0, false};
  if (a.at > kMax) return {kInf, false};
  const double q = a.at / b.at;
  if (q > kMax) return {kInf, false};
  if (q < kTiny || a.at < kTiny) return {-step_down(-q), true};
  const double residual = std::fma(-q, b.at, a.at);
  if (residual > 0) return {-step_down(-q), true};
  return {q, residual < 0 || a.open || b.open};
}
// The greater of two upper ends.
End greater(End a, End b) {
  if (a.at == b.at) return {a.at, a.open && b.open};
  return a.at > b.at ? a : b;
}

}  // namespace
}  // namespace ends

DoubleBall DoubleBall::product(const DoubleBall& a, const DoubleBall& b) {
  using namespace ends;
  const End al = a.low_, ah = a.high_, bl = b.low_, bh = b.high_;
  if (al.at >= 0) {
    if (bl.at >= 0) return of_ends(multiply_down(al, bl), multiply_up(ah, bh));
    if (bh.at <= 0) return -product(a, -b);
    return of_ends(-multiply_up(ah, -bl), multiply_up(ah, bh));
  }
  if (ah.at <= 0) return -product(-a, b);
  if (bl.at >= 0) return product(b, a);
  if (bh.at <= 0) return -product(-b, a);
  return of_ends(-greater(multiply_up(-al, bh), multiply_up(ah, -bl)),
                 greater(multiply_up(-al, -bl), multiply_up(ah, bh)));
}
DoubleBall DoubleBall::quotient(const DoubleBall& a, const DoubleBall& b) {
  using namespace ends;
  if (b.high_.at < 0 || (b.high_.at == 0 && b.high_.open)) return -quotient(a, -b);
  if (b.low_.at < 0 || (b.low_.at == 0 && !b.low_.open)) return everything();
  const bool unbounded = b.low_.at == 0;  // greater than 0, by as little as you like
  const auto up = [&](End n) {
    return unbounded && n.at != 0 ? End{kInf, false} : divide_up(n, b.low_);
  };
  if (a.low_.at >= 0) return of_ends(divide_down(a.low_, b.high_), up(a.high_));
  if (a.high_.at <= 0) return -quotient(-a, b);
  return of_ends(-up(-a.low_), up(a.high_));
}

DoubleBall abs(const DoubleBall& x) {
  if (x.low() >= 0) return x;
  if (x.high() <= 0) return -x;
  return DoubleBall::of_ends(End{-0.0, false}, ends::greater(-x.low_end(), x.high_end()));
}

DoubleBall sqrt(const DoubleBall& x) {
  if (x.low() < 0) return DoubleBall::everything();
  const auto end = [](End v, bool up) -> End {
    const double s = std::sqrt(v.at);
    if (v.at == 0 || v.at > ends::kMax) return {s, v.open};
    if (v.at < ends::kTiny) return {up ? -ends::step_down(-s) : ends::step_down(s), true};
    const double residual = std::fma(s, s, -v.at);  // positive: s is above the root
    if (residual == 0) return {s, v.open};
    if (up) return {residual > 0 ? s : -ends::step_down(-s), true};
    return {residual < 0 ? s : ends::step_down(s), true};
  };
  return DoubleBall::of_ends(end(x.low_end(), false), end(x.high_end(), true));
}

namespace ends {

// Both ends of an increasing library function, widened by more than its error and cut to its range, whose
// ends it does not reach. A function with f(0) = 0 keeps a zero end.
template <class F>
DoubleBall increasing(const DoubleBall& x, double floor, double ceiling, bool through_zero, F f) {
  const double first = f(x.low());
  const double last = x.exact() ? first : f(x.high());
  End low{first > kMax ? kMax : std::max(floor, margin_down(first)), true};
  End high{last < -kMax ? -kMax : std::min(ceiling, margin_up(last)), true};
  if (through_zero && x.low() == 0) low = x.low_end();
  if (through_zero && x.high() == 0) high = x.high_end();
  return DoubleBall::of_ends(low, high);
}

}  // namespace ends

DoubleBall exp(const DoubleBall& x) {
  if (x.is(0)) return 1.0;
  return ends::increasing(x, 0.0, ends::kInf, false, [](double v) { return std::exp(v); });
}
DoubleBall expm1(const DoubleBall& x) {
  return ends::increasing(x, -1, ends::kInf, true, [](double v) { return std::expm1(v); });
}
DoubleBall log(const DoubleBall& x) {
  if (x.low() <= 0) return DoubleBall::everything();
  if (x.is(1)) return 0.0;
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
  if (x.is(0)) return 1.0;
  return ends::increasing(-x, 0.0, 2, false, [](double v) { return std::erfc(-v); });
}

namespace ends {

// A library function that changes by no more than its argument does, with values in [-1, 1].
template <class F>
DoubleBall wave(const DoubleBall& x, F f) {
  const bool exact = x.exact();
  const double middle = exact ? x.low() : x.low() + (x.high() - x.low()) / 2;
  const double reach = exact ? 0
                             : std::max(add_up(x.high_end(), {-middle, false}).at,
                                        add_up({middle, false}, -x.low_end()).at);
  if (!(reach < 4)) return DoubleBall::between(-1, 1);
  const double v = f(middle);
  const End low = add_down({margin_down(v), false}, {-reach, false});
  const End high = add_up({margin_up(v), false}, {reach, false});
  return DoubleBall::between(std::max(-1.0, low.at), std::min(1.0, high.at));
}

}  // namespace ends

DoubleBall sin(const DoubleBall& x) {
  if (x.is(0)) return 0.0;
  return ends::wave(x, [](double v) { return std::sin(v); });
}
DoubleBall cos(const DoubleBall& x) {
  if (x.is(0)) return 1.0;
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
  return DoubleBall::of_ends(end(x.low()).low_end(), end(x.high()).high_end());
}
// log(1 + e^x). Far right it is x and an exponential beside it.
DoubleBall log1p_exp(const DoubleBall& x) {
  constexpr double kFar = 600;
  if (x.high() <= kFar) return log1p(exp(x));
  const auto end = [](double v) {
    return v > 0 ? DoubleBall(v) + log1p(exp(DoubleBall(-v))) : log1p(exp(DoubleBall(v)));
  };
  return DoubleBall::of_ends(end(x.low()).low_end(), end(x.high()).high_end());
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
