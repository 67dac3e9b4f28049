// SPDX-License-Identifier: Apache-2.0
#include "check/row_ball.h"

#include <algorithm>
#include <bit>
#include <cstdint>

#include "check/whole_turns.h"
#include "check/wide_vectors.h"

namespace gradkeep::check {

namespace {

using Row = RowBall::Row;
constexpr std::size_t kLanes = RowBall::kLanes;

Row filled(double v) {
  Row row;
  row.fill(v);
  return row;
}

// Each outward by more than half a unit in the last place; whether all are finite.
GRADKEEP_WIDE_VECTORS
bool widen(Row& low, Row& high) {
  using namespace ends;
  double nothing = 0;  // v - v, or NaN
  for (std::size_t i = 0; i < kLanes; ++i) {
    low[i] = low[i] - (kPhi * std::abs(low[i]) + kEta);
    high[i] = high[i] + (kPhi * std::abs(high[i]) + kEta);
  }
  for (std::size_t i = 0; i < kLanes; ++i) nothing += (low[i] - low[i]) + (high[i] - high[i]);
  return nothing == 0;
}

// The least and the largest of four numbers, lane by lane; of NaN nothing is said, but it stays where it
// can be told: no operand has one.
double least(double a, double b) { return a < b ? a : b; }
double largest(double a, double b) { return a > b ? a : b; }

GRADKEEP_WIDE_VECTORS
void multiply(const RowBall& a, const RowBall& b, Row& low, Row& high) {
  for (std::size_t i = 0; i < kLanes; ++i) {
    const double p = a.low()[i] * b.low()[i], q = a.low()[i] * b.high()[i];
    const double r = a.high()[i] * b.low()[i], s = a.high()[i] * b.high()[i];
    low[i] = least(least(p, q), least(r, s));
    high[i] = largest(largest(p, q), largest(r, s));
  }
}
GRADKEEP_WIDE_VECTORS
void divide(const RowBall& a, const RowBall& b, Row& low, Row& high) {
  for (std::size_t i = 0; i < kLanes; ++i) {
    const double p = a.low()[i] / b.low()[i], q = a.low()[i] / b.high()[i];
    const double r = a.high()[i] / b.low()[i], s = a.high()[i] / b.high()[i];
    low[i] = least(least(p, q), least(r, s));
    high[i] = largest(largest(p, q), largest(r, s));
  }
}

// Sines and cosines of eight floats. One beyond 2^27, m 2^e with an integer m < 2^24, has those of m r, where
// r is what whole turns leave of 2^e. In two doubles that is p + q, |p| < 2^27 and |q| <= 1/2, of which k
// quarter turns are taken off; what is left, h with |h| < 0.7855, goes into the series of sine and cosine.
//
// Errors: q has 2^-53. k < 2^26.4 has 27 bits, so k times the first two parts of pi/2, of 26 bits, is exact,
// and the differences are, or to 2^-54; k times the third has 2^-76; the sum with q has 2^-54. That makes
// 2^-52 for h. The series end behind h^17 and h^16: 2^-58. Their sums add 2^-53.3 to the sine (h + h h^2 P with
// |h h^2 P| < 0.09) and 2^-52.5 to the cosine (1 - h^2 / 2 + h^4 Q with h^2 / 2 < 0.31, |h^4 Q| < 0.02),
// which sees 0.71 of what h has; and the ends 2^-54. All together is less than 2^-51.2.
struct RowWaves {
  static constexpr double kError = 0x1p-51;
  Row at{}, sine{}, cosine{};
};
constexpr double kBound = 0x1p128;
// pi/2 in three parts.
constexpr double kQuarter[] = {0x1.921fb5p+0, 0x1.110b46p-26, 0x1.1a62633145c07p-54};

GRADKEEP_WIDE_VECTORS
void find_waves(const Row& x, RowWaves& w) {
  constexpr std::uint64_t kSign = 1ull << 63, kDigits = (1ull << 52) - 1, kBias = 1023, kBits = 23;
  constexpr double kInteger = 0x1.8p52;  // in a sum: rounds to an integer, which its last bits show
  static const auto& powers = powers_less_whole_turns();
  Row p, q;
  for (std::size_t i = 0; i < kLanes; ++i) {
    const auto bits = std::bit_cast<std::uint64_t>(x[i]);
    const std::uint64_t exponent = (bits & ~kSign) >> 52;
    const bool large = exponent >= kBias + 27;
    const LessTurns& r = powers[large ? exponent - kBias - kBits : 0];
    const double m = std::bit_cast<double>((bits & (kSign | kDigits)) | (kBias + kBits) << 52);
    p[i] = large ? m * r.first : x[i];
    q[i] = large ? m * r.rest : 0;
  }
  for (std::size_t i = 0; i < kLanes; ++i) {
    const double shifted = (p[i] + q[i]) * 0x1.45f306dc9c883p-1 + kInteger, k = shifted - kInteger;
    const double most = (p[i] - k * kQuarter[0]) - k * kQuarter[1];
    const double h = most + (q[i] - k * kQuarter[2]), z = h * h;
    const double odd =
        -0x1.5555555555555p-3 +
        z * (0x1.1111111111111p-7 +
             z * (-0x1.a01a01a01a01ap-13 +
                  z * (0x1.71de3a556c734p-19 +
                       z * (-0x1.ae64567f544e4p-26 +
                            z * (0x1.6124613a86d09p-33 +
                                 z * (-0x1.ae7f3e733b81fp-41 + z * 0x1.952c77030ad4ap-49))))));
    const double even =
        0x1.5555555555555p-5 +
        z * (-0x1.6c16c16c16c17p-10 +
             z * (0x1.a01a01a01a01ap-16 +
                  z * (-0x1.27e4fb7789f5cp-22 +
                       z * (0x1.1eed8eff8d898p-29 +
                            z * (-0x1.93974a8c07c9dp-37 + z * 0x1.ae7f3e733b81fp-45)))));
    const double s = h + h * (z * odd), c = (1 - 0.5 * z) + z * z * even;
    const auto turn = std::bit_cast<std::uint64_t>(shifted);
    const bool swapped = (turn & 1) != 0;
    const double first = swapped ? c : s, second = swapped ? s : c;
    w.sine[i] = (turn & 2) != 0 ? -first : first;
    w.cosine[i] = ((turn + 1) & 2) != 0 ? -second : second;
  }
}

// f of each lane's double ball.
template <class F>
RowBall lane_by_lane(const RowBall& x, F f) {
  Row low, high;
  for (std::size_t i = 0; i < kLanes; ++i) {
    const DoubleBall y = f(DoubleBall::between(x.low()[i], x.high()[i]));
    low[i] = y.low();
    high[i] = y.high();
  }
  return {low, high};
}

bool are_floats(const RowBall& x) {
  for (std::size_t i = 0; i < kLanes; ++i) {
    const double v = x.low()[i];
    if (v != x.high()[i] || !(std::abs(v) < kBound) || static_cast<float>(v) != v) return false;
  }
  return true;
}

// Jets ask for both waves of the same row, one after the other.
template <class F>
RowBall wave(const RowBall& x, Row RowWaves::* which, F f) {
  if (!are_floats(x)) return lane_by_lane(x, f);
  thread_local RowWaves last{{}, {}, filled(1)};
  if (last.at != x.low()) {
    last.at = x.low();
    find_waves(x.low(), last);
  }
  Row low, high;
  for (std::size_t i = 0; i < kLanes; ++i) {
    const double v = (last.*which)[i];
    low[i] = std::max(-1.0, v - RowWaves::kError);
    high[i] = std::min(1.0, v + RowWaves::kError);
  }
  return {low, high};
}

RowBall same(const DoubleBall& ball) { return {filled(ball.low()), filled(ball.high())}; }

}  // namespace

RowBall::RowBall(const Row& low, const Row& high) : low_(low), high_(high) {
  for (std::size_t i = 0; i < kLanes; ++i) {
    if (!(std::abs(low[i]) <= ends::kMax && std::abs(high[i]) <= ends::kMax)) throw Undecided();
  }
}

RowBall operator-(const RowBall& a) {
  RowBall result;
  for (std::size_t i = 0; i < kLanes; ++i) {
    result.low_[i] = -a.high_[i];
    result.high_[i] = -a.low_[i];
  }
  return result;
}
RowBall operator+(const RowBall& a, const RowBall& b) {
  RowBall result;
  for (std::size_t i = 0; i < kLanes; ++i) {
    result.low_[i] = a.low_[i] + b.low_[i];
    result.high_[i] = a.high_[i] + b.high_[i];
  }
  if (!widen(result.low_, result.high_)) throw Undecided();
  return result;
}
RowBall operator*(const RowBall& a, const RowBall& b) {
  if (a.is(1)) return b;
  if (b.is(1)) return a;
  RowBall result;
  multiply(a, b, result.low_, result.high_);
  if (!widen(result.low_, result.high_)) throw Undecided();
  return result;
}
RowBall operator/(const RowBall& a, const RowBall& b) {
  if (b.is(1)) return a;
  for (std::size_t i = 0; i < kLanes; ++i) {
    if (b.low_[i] <= 0 && b.high_[i] >= 0) throw Undecided();
  }
  RowBall result;
  divide(a, b, result.low_, result.high_);
  if (!widen(result.low_, result.high_)) throw Undecided();
  return result;
}

int RowBall::above(const RowBall& c) const {
  std::size_t greater = 0, not_greater = 0;
  for (std::size_t i = 0; i < kLanes; ++i) {
    greater += low_[i] > c.high_[i] ? 1 : 0;
    not_greater += high_[i] <= c.low_[i] ? 1 : 0;
  }
  if (greater == kLanes) return 1;
  if (not_greater == kLanes) return -1;
  throw Undecided();
}

#define GRADKEEP_LANE_BY_LANE(f)                                      \
  RowBall f(const RowBall& x) {                                       \
    return lane_by_lane(x, [](const DoubleBall& v) { return f(v); }); \
  }
GRADKEEP_LANE_BY_LANE(abs)
GRADKEEP_LANE_BY_LANE(sqrt)
GRADKEEP_LANE_BY_LANE(exp)
GRADKEEP_LANE_BY_LANE(expm1)
GRADKEEP_LANE_BY_LANE(log)
GRADKEEP_LANE_BY_LANE(log1p)
GRADKEEP_LANE_BY_LANE(tanh)
GRADKEEP_LANE_BY_LANE(atan)
GRADKEEP_LANE_BY_LANE(erf)
GRADKEEP_LANE_BY_LANE(erfc)
GRADKEEP_LANE_BY_LANE(logistic)
GRADKEEP_LANE_BY_LANE(log1p_exp)
#undef GRADKEEP_LANE_BY_LANE

RowBall sin(const RowBall& x) {
  return wave(x, &RowWaves::sine, [](const DoubleBall& v) { return sin(v); });
}
RowBall cos(const RowBall& x) {
  return wave(x, &RowWaves::cosine, [](const DoubleBall& v) { return cos(v); });
}
RowBall pi(const RowBall&) { return same(pi(DoubleBall())); }
RowBall decimal(const RowBall&, const char* digits) { return same(decimal(DoubleBall(), digits)); }

}  // namespace gradkeep::check
