// Eight enclosures at once, for inputs that have to be asked in their millions one by one: far out on a
// wave no polynomial answers for neighbours, which lie whole turns apart. Every end steps outward whether
// it was rounded or not, so that no lane needs a branch and the compiler makes vectors of the loops;
// exactness, but for a factor of 1, and open ends are left to DoubleBall. Ends are finite: what has none is Undecided, and so is
// a comparison that does not go the same way for all eight.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>

#include "check/double_ball.h"

namespace gradkeep::check {

class RowBall {
 public:
  static constexpr std::size_t kLanes = 8;
  using Row = std::array<double, kLanes>;

  RowBall() : RowBall(0.0) {}
  RowBall(double point)  // NOLINT: a double is a point, eight times
      : low_(filled(point)), high_(filled(point)) {}
  explicit RowBall(const Row& points) : low_(points), high_(points) {}
  // Throws Undecided unless all ends are finite.
  RowBall(const Row& low, const Row& high);

  const Row& low() const { return low_; }
  const Row& high() const { return high_; }

  friend RowBall operator-(const RowBall& a);
  friend RowBall operator+(const RowBall& a, const RowBall& b);
  friend RowBall operator-(const RowBall& a, const RowBall& b) { return a + -b; }
  friend RowBall operator*(const RowBall& a, const RowBall& b);
  friend RowBall operator/(const RowBall& a, const RowBall& b);

  bool is(double point) const { return low_ == filled(point) && high_ == filled(point); }

  // 1 if all are certainly greater than c, -1 if all are certainly c or less.
  int above(const RowBall& c) const;

 private:
  static Row filled(double v) {
    Row row;
    row.fill(v);
    return row;
  }

  Row low_, high_;
};

// The sign of the first number's middle: a guess at that of all of them.
inline int middle_sign(const RowBall& x) {
  return middle_sign(DoubleBall::between(x.low()[0], x.high()[0]));
}

RowBall abs(const RowBall& x);
RowBall sqrt(const RowBall& x);
RowBall exp(const RowBall& x);
RowBall expm1(const RowBall& x);
RowBall log(const RowBall& x);
RowBall log1p(const RowBall& x);
RowBall tanh(const RowBall& x);
RowBall atan(const RowBall& x);
RowBall sin(const RowBall& x);
RowBall cos(const RowBall& x);
RowBall erf(const RowBall& x);
RowBall erfc(const RowBall& x);
RowBall logistic(const RowBall& x);
RowBall log1p_exp(const RowBall& x);
inline RowBall real(const RowBall&, double v) { return v; }
RowBall pi(const RowBall& like);
RowBall decimal(const RowBall& like, const char* digits);

}  // namespace gradkeep::check
