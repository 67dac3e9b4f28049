// Arb's elementary functions under the names that truths use.
// SPDX-License-Identifier: Apache-2.0

#include "check/arb_ball.h"

#include <arb_hypgeom.h>

#include <string>

#include <gradkeep/core.h>

namespace gradkeep::check {

namespace {

struct ThreadCaches {
  ~ThreadCaches() { flint_cleanup(); }
};

// Arb 2.23 loses all accuracy of erfc beyond about 2^10. There the asymptotic series
//   erfc(z) = exp(-z^2) / (z sqrt(pi)) (1 - 1/(2 z^2) + 1*3/(2 z^2)^2 - ...)
// is as good as the precision: its terms alternate, and what is left out is less than the next one.
constexpr double kAsymptotic = 64;

ArbBall erfc_asymptotic(const ArbBall& z) {
  const ArbBall square = z * z;
  ArbBall sum = 1.0, term = 1.0;
  for (int k = 1;; ++k) {
    term = term * ArbBall(1.0 - 2 * k) / (ArbBall(2.0) * square);
    if (mag_cmp_2exp_si(arb_radref(term.get()), 0) > 0) return sum;  // z is no number: nor is sum
    arf_t size;
    arf_init(size);
    arb_get_abs_ubound_arf(size, term.get(), 64);
    const bool last = arf_cmpabs_2exp_si(size, -ArbBall::precision()) < 0;
    arf_clear(size);
    if (last) break;
    sum = sum + term;
  }
  arb_add_error(sum.get(), term.get());
  return exp(-square) / (z * sqrt(pi(z))) * sum;
}

}  // namespace

ArbBall::Precision::Precision(slong bits) : before_(std::exchange(precision_, bits)) {
  thread_local ThreadCaches caches;
}

bool ArbBall::dwarfs(const ArbBall& b) const {
  if (!arb_is_finite(b.ball_) || b.sign() == 0) return false;
  if (lean_ == 0 ? !exact() || arb_is_zero(ball_) : lean_ != b.sign()) return false;
  if (arb_bits(ball_) > precision_) return false;
  arf_t top;
  arf_init(top);
  arb_get_abs_ubound_arf(top, b.ball_, 64);
  const bool small =
      arf_abs_bound_lt_2exp_si(top) < arf_abs_bound_lt_2exp_si(arb_midref(ball_)) - precision_ - 2;
  arf_clear(top);
  return small;
}

ArbBall ArbBall::leaning_by(const ArbBall& b) const {
  ArbBall result = *this;
  arb_add_error(result.ball_, b.ball_);
  result.lean_ = arb_is_positive(b.ball_) ? 1 : -1;
  return result;
}

int ArbBall::sum_leans(const ArbBall& a, const ArbBall& b) {
  if (a.lean_ == b.lean_ || b.exact()) return a.lean_;
  return a.exact() ? b.lean_ : 0;
}

// Each operand moves the result one way, since the other keeps its sign.
int ArbBall::product_leans(const ArbBall& a, const ArbBall& b) {
  const int by_a = a.lean_ * b.sign(), by_b = b.lean_ * a.sign();
  if (by_a == by_b || b.exact()) return by_a;
  return a.exact() ? by_b : 0;
}

// a / (b + d) - a / b has the sign of -a d, where b keeps its sign.
int ArbBall::quotient_leans(const ArbBall& a, const ArbBall& b) {
  const int by_a = a.lean_ * b.sign(), by_b = b.sign() != 0 ? -b.lean_ * a.sign() : 0;
  if (by_a == by_b || b.exact()) return by_a;
  return a.exact() ? by_b : 0;
}

ArbBall ArbBall::leaning(void (*f)(arb_t, const arb_t, const arb_t, slong), const ArbBall& a,
                         const ArbBall& b, int lean) {
  ArbBall full = apply(f, a, b);
  if (lean == 0) return full;
  return leaning(full, apply(f, a.midpoint(), b.midpoint()), lean);
}

ArbBall ArbBall::leaning(const ArbBall& full, ArbBall middle, int lean) {
  if (!middle.exact()) return full;
  arb_add_error(middle.ball_, apply(arb_sub, full, middle).ball_);
  middle.lean_ = lean;
  return middle;
}

ArbBall ArbBall::midpoint() const {
  ArbBall result = *this;
  mag_zero(arb_radref(result.ball_));
  result.lean_ = 0;
  return result;
}

ArbBall abs(const ArbBall& x) { return ArbBall::apply(arb_abs, x); }
ArbBall sqrt(const ArbBall& x) {
  const ArbBall full = ArbBall::apply(arb_sqrt, x);
  if (x.lean_ == 0) return full;
  return ArbBall::leaning(full, ArbBall::apply(arb_sqrt, x.midpoint()), x.lean_);
}
ArbBall exp(const ArbBall& x) { return ArbBall::apply(arb_exp, x); }
ArbBall expm1(const ArbBall& x) { return ArbBall::apply(arb_expm1, x); }
ArbBall log(const ArbBall& x) { return ArbBall::apply(arb_log, x); }
ArbBall log1p(const ArbBall& x) { return ArbBall::apply(arb_log1p, x); }
ArbBall tanh(const ArbBall& x) { return ArbBall::apply(arb_tanh, x); }
ArbBall atan(const ArbBall& x) { return ArbBall::apply(arb_atan, x); }
ArbBall sin(const ArbBall& x) { return ArbBall::apply(arb_sin, x); }
ArbBall cos(const ArbBall& x) { return ArbBall::apply(arb_cos, x); }
ArbBall erf(const ArbBall& x) {
  if (arb_gt(x.get(), ArbBall(kAsymptotic).get())) return ArbBall(1.0) - erfc_asymptotic(x);
  if (arb_lt(x.get(), ArbBall(-kAsymptotic).get())) return erfc_asymptotic(-x) - ArbBall(1.0);
  return ArbBall::apply(arb_hypgeom_erf, x);
}
ArbBall erfc(const ArbBall& x) {
  if (arb_gt(x.get(), ArbBall(kAsymptotic).get())) return erfc_asymptotic(x);
  if (arb_lt(x.get(), ArbBall(-kAsymptotic).get())) return ArbBall(2.0) - erfc_asymptotic(-x);
  return ArbBall::apply(arb_hypgeom_erfc, x);
}
ArbBall logistic(const ArbBall& x) { return ArbBall(1.0) / (ArbBall(1.0) + exp(-x)); }
ArbBall log1p_exp(const ArbBall& x) { return log1p(exp(x)); }
ArbBall real(const ArbBall&, double v) { return v; }
ArbBall pi(const ArbBall&) {
  ArbBall result;
  arb_const_pi(result.get(), ArbBall::precision());
  return result;
}
ArbBall decimal(const ArbBall&, const char* digits) {
  ArbBall result;
  if (arb_set_str(result.get(), digits, ArbBall::precision()) != 0) {
    throw Error("\"" + std::string(digits) + "\" is not a decimal number");
  }
  return result;
}

}  // namespace gradkeep::check
