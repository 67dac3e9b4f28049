// An enclosure of any precision: Arb's ball, a midpoint of up to `precision` bits and a radius. It
// answers where two doubles do not suffice: next to a tie, near a zero, far out in a tail. Radius
// zero means exact. Arb (LGPL) is linked dynamically, and from this room only.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <arb.h>

#include <utility>

#include "check/double_ball.h"

namespace gradkeep::check {

class ArbBall {
 public:
  ArbBall() { arb_init(ball_); }
  ArbBall(double point) : ArbBall() { arb_set_d(ball_, point); }  // NOLINT: a double is a point
  ArbBall(const ArbBall& other) : ArbBall() {
    arb_set(ball_, other.ball_);
    lean_ = other.lean_;
  }
  ArbBall(ArbBall&& other) noexcept : ArbBall() { swap(other); }
  ArbBall& operator=(ArbBall other) noexcept {
    swap(other);
    return *this;
  }
  ~ArbBall() { arb_clear(ball_); }

  arb_ptr get() { return ball_; }
  arb_srcptr get() const { return ball_; }
  // 1 or -1: certainly above or below the midpoint. 0: not known.
  int lean() const { return lean_; }
  bool exact() const { return arb_is_exact(ball_) && arb_is_finite(ball_); }

  // The working precision in bits of this thread's operations. Arb keeps caches (pi, log 2, room for products)
  // for each thread; one that has set a precision returns them when it ends.
  static slong precision() { return precision_; }
  class Precision {
   public:
    explicit Precision(slong bits);
    ~Precision() { precision_ = before_; }
    Precision(const Precision&) = delete;
    Precision& operator=(const Precision&) = delete;

   private:
    slong before_;
  };

  friend ArbBall operator-(const ArbBall& a) {
    ArbBall result = apply(arb_neg, a);
    result.lean_ = -a.lean_;
    return result;
  }
  friend ArbBall operator+(const ArbBall& a, const ArbBall& b) {
    if (a.dwarfs(b)) return a.leaning_by(b);
    if (b.dwarfs(a)) return b.leaning_by(a);
    return a.lean_ || b.lean_ ? leaning(arb_add, a, b, sum_leans(a, b)) : apply(arb_add, a, b);
  }
  friend ArbBall operator-(const ArbBall& a, const ArbBall& b) { return a + -b; }
  friend ArbBall operator*(const ArbBall& a, const ArbBall& b) {
    return a.lean_ || b.lean_ ? leaning(arb_mul, a, b, product_leans(a, b)) : apply(arb_mul, a, b);
  }
  friend ArbBall operator/(const ArbBall& a, const ArbBall& b) {
    return a.lean_ || b.lean_ ? leaning(arb_div, a, b, quotient_leans(a, b)) : apply(arb_div, a, b);
  }

  // Where x leans from an exact square, its root leans the same way.
  friend ArbBall sqrt(const ArbBall& x);

  // 1 if certainly greater than c, -1 if certainly c or less.
  int above(const ArbBall& c) const {
    if (arb_gt(ball_, c.ball_)) return 1;
    if (arb_le(ball_, c.ball_)) return -1;
    throw Undecided();
  }

  static ArbBall apply(void (*f)(arb_t, const arb_t), const ArbBall& a) {
    ArbBall result;
    f(result.ball_, a.ball_);
    return result;
  }
  static ArbBall apply(void (*f)(arb_t, const arb_t, slong), const ArbBall& a) {
    ArbBall result;
    f(result.ball_, a.ball_, precision_);
    return result;
  }
  static ArbBall apply(void (*f)(arb_t, const arb_t, const arb_t, slong), const ArbBall& a,
                       const ArbBall& b) {
    ArbBall result;
    f(result.ball_, a.ball_, b.ball_, precision_);
    return result;
  }

 private:
  void swap(ArbBall& other) {
    arb_swap(ball_, other.ball_);
    std::swap(lean_, other.lean_);
  }
  // Is this exact, or leaning as b would have it, and b of known sign, not 0, and below this number's
  // last bit at this precision?
  bool dwarfs(const ArbBall& b) const;
  ArbBall leaning_by(const ArbBall& b) const;
  int sign() const { return arb_is_positive(ball_) ? 1 : arb_is_negative(ball_) ? -1 : 0; }
  // How results lean, where that is known: one operand exact, or both leaning the same way.
  static int sum_leans(const ArbBall& a, const ArbBall& b);
  static int product_leans(const ArbBall& a, const ArbBall& b);
  static int quotient_leans(const ArbBall& a, const ArbBall& b);
  ArbBall midpoint() const;
  // The operation on the midpoints, if that is exact, with the radius that the operands' call for.
  static ArbBall leaning(void (*f)(arb_t, const arb_t, const arb_t, slong), const ArbBall& a,
                         const ArbBall& b, int lean);
  static ArbBall leaning(const ArbBall& full, ArbBall middle, int lean);

  inline static thread_local slong precision_ = 64;
  arb_t ball_;
  int lean_ = 0;
};

// The sign of the midpoint.
inline int middle_sign(const ArbBall& x) { return arf_sgn(arb_midref(x.get())); }
ArbBall abs(const ArbBall& x);
ArbBall sqrt(const ArbBall& x);
ArbBall exp(const ArbBall& x);
ArbBall expm1(const ArbBall& x);
ArbBall log(const ArbBall& x);
ArbBall log1p(const ArbBall& x);
ArbBall tanh(const ArbBall& x);
ArbBall atan(const ArbBall& x);
ArbBall sin(const ArbBall& x);
ArbBall cos(const ArbBall& x);
ArbBall erf(const ArbBall& x);
ArbBall erfc(const ArbBall& x);
ArbBall logistic(const ArbBall& x);
ArbBall log1p_exp(const ArbBall& x);
ArbBall real(const ArbBall& like, double v);
ArbBall pi(const ArbBall& like);
ArbBall decimal(const ArbBall& like, const char* digits);

}  // namespace gradkeep::check
