// sinusoid(x, f, n) = sin(f x + n pi/4) for lanes: the one word from which kernels make sine and cosine
// (n = 2) and their sums that would cancel: 1 + sin(2z) = 2 sin(z + pi/4)^2. Its argument is reduced
// to half a turn around 0, f x - c pi with c a multiple of 1/4, so that a single polynomial serves.
// The product f x and the reduction are taken in double to twice its precision, for float lanes too.
// Beyond 2^30 floats lose whole turns first; else, or next to a zero, a lane asks the scalar in
// core/trigonometry.h.
// Coefficients: tools/polynomials.sollya.
// SPDX-License-Identifier: Apache-2.0

#if defined(GRADKEEP_CORE_TRIGONOMETRY_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef GRADKEEP_CORE_TRIGONOMETRY_INL_H
#undef GRADKEEP_CORE_TRIGONOMETRY_INL_H
#else
#define GRADKEEP_CORE_TRIGONOMETRY_INL_H
#endif

#include "core/trigonometry.h"
#include "core/vocabulary-inl.h"

HWY_BEFORE_NAMESPACE();
namespace gradkeep::HWY_NAMESPACE {

// f x + n pi/4 = r + c pi for an integer c; |r| <= pi/2 and a rounding more.
struct HalfTurns {
  Wide<double> z;           // f x
  F64 c, sign;              // c - n/4, and a sign bit where c is odd
  LaneMask<double> beyond;  // f x is too large for the above
};

GRADKEEP_INLINE HalfTurns count_half_turns(Wide<double> z, int eighths) {
  const hn::RebindToUnsigned<F64::Tag> bits;
  const F64 rounder(Constants<double>::kRounder), quarters(0.25 * eighths);
  const F64 k = fma(z.hi, F64(0x1.45f306dc9c883p-2), quarters) + rounder;
  const F64 sign(hn::BitCast(F64::Tag(), hn::ShiftLeft<63>(hn::BitCast(bits, k.raw))));
  return {z, (k - rounder) - quarters, sign, !(abs(z.hi) <= F64(0x1p30))};
}

// pi in two parts.
inline constexpr double kPi = 0x1.921fb54442d18p+1, kPiRest = 0x1.1a62633145c07p-53;

// r to 2^-75 at the worst, of which float lanes see nothing.
GRADKEEP_INLINE F64 reduced(const HalfTurns& t) {
#if HWY_NATIVE_FMA
  const F64 most = fma(-t.c, F64(kPi), t.z.hi);
#else
  const Wide<double> turns = product(t.c, F64(kPi));
  const F64 most = (t.z.hi - turns.hi) - turns.lo;
#endif
  return most + fma(-t.c, F64(kPiRest), t.z.lo);
}

// z less whole turns, to 2^-75, where |z| is one double from 2^30 to 2^128:
// (a 2^27 + b) 2^e with a below 2^26 and b below 2^27 becomes a (2^(e+27) less turns) + b (2^e less turns).
GRADKEEP_INLINE Wide<double> less_whole_turns(Wide<double> z) {
  using Powers = detail::PowersLessTurns;
  constexpr int kDigits = 52, kLow = Powers::kLow, kBias = 1023;
  const Powers& powers = detail::powers_less_turns();
  const auto chosen = (abs(z.hi) > F64(Powers::kLeast)) & (abs(z.hi) < F64(Powers::kBound)) &
                      !(abs(z.lo) > F64(0.0));
  const F64::Tag tag;
  const hn::RebindToSigned<F64::Tag> integer;
  const hn::RebindToUnsigned<F64::Tag> bits;
  const auto size = hn::BitCast(bits, select(chosen, abs(z.hi), F64(Powers::kLeast)).raw);
  const auto digits = hn::And(size, hn::Set(bits, (uint64_t{1} << kDigits) - 1));
  const auto whole = hn::Or(digits, hn::Set(bits, uint64_t{kBias + kDigits} << kDigits));
  const F64 top(hn::BitCast(tag, hn::AndNot(hn::Set(bits, (uint64_t{1} << kLow) - 1), whole)));
  const F64 a = top * F64(1.0 / (1 << kLow)), b = F64(hn::BitCast(tag, whole)) - top;
  const auto low = hn::Sub(hn::BitCast(integer, hn::ShiftRight<kDigits>(size)),
                           hn::Set(integer, int64_t{kBias + kDigits + Powers::kFirst}));
  const auto high = hn::Add(low, hn::Set(integer, int64_t{kLow}));
  const auto times = [&](F64 v, decltype(low) index) HWY_ATTR {
    const F64 hi(hn::GatherIndex(tag, powers.hi.data(), index));
    const F64 lo(hn::GatherIndex(tag, powers.lo.data(), index));
    const Wide<double> most = product(v, hi);
    return Wide<double>(most.hi, fma(v, lo, most.lo));
  };
  const Wide<double> sum = times(a, high) + times(b, low);
  const F64 sign = copysign(F64(1.0), z.hi);
  return {select(chosen, sign * sum.hi, z.hi), select(chosen, sign * sum.lo, z.lo)};
}

// v where the sign bit is 0, -v where it is 1.
GRADKEEP_INLINE F64 with_sign(F64 v, F64 sign) { return F64(hn::Xor(v.raw, sign.raw)); }

// r to 2^-105 or as many bits below 2^-75.
GRADKEEP_INLINE Wide<double> widely_reduced(const HalfTurns& t) {
  const Wide<double> turns = product(t.c, F64(kPi));
  const Wide<double> most = Wide<double>(t.z.hi) - Wide<double>(turns.hi);
  const Wide<double> rest = Wide<double>(t.z.lo) - Wide<double>(turns.lo);
  return (most + rest) - product(t.c, F64(kPiRest));
}

// The scalar's answers in the lost lanes. A lane's result must not depend on its neighbours.
template <class Scalar>
HWY_NOINLINE Wide<double> find_lost(Wide<double> v, LaneMask<double> lost, F64 x,
                                    const Scalar& scalar) {
  const F64::Tag tag;
  constexpr size_t kMost = HWY_MAX_BYTES / sizeof(double);
  HWY_ALIGN double in[kMost], high[kMost], low[kMost], flag[kMost];
  hn::Store(x.raw, tag, in);
  hn::Store(v.hi.raw, tag, high);
  hn::Store(v.lo.raw, tag, low);
  hn::Store(select(lost, F64(1.0), F64(0.0)).raw, tag, flag);
  for (size_t i = 0; i < hn::Lanes(tag); ++i) {
    if (flag[i] == 0) continue;
    const detail::DoubleDouble found = scalar(in[i]);
    high[i] = found.hi;
    low[i] = found.lo;
  }
  return {F64(hn::Load(tag, high)), F64(hn::Load(tag, low))};
}
GRADKEEP_INLINE Wide<double> find_lost_sinusoids(Wide<double> v, LaneMask<double> lost, F64 x,
                                                 double f, int eighths) {
  return find_lost(v, lost, x, [&](double at) {
    return detail::sinusoid(detail::DoubleDouble(at), f, eighths);
  });
}

// sin(f x + n pi/4), n from 0 to 3. Of double lanes it asks that r be not so small that what the
// reduction lacks would show.
GRADKEEP_INLINE Wide<double> sinusoid(F64 x, double f, int eighths) {
  const HalfTurns t = count_half_turns(product(x, F64(f)), eighths);
  const Wide<double> r = widely_reduced(t), w = r * r;
  const F64 q = polynomial(w.hi, F64(0x1.11111111110b9p-7), F64(-0x1.a01a01a013538p-13),
                           F64(0x1.71de3a51c253dp-19), F64(-0x1.ae64545abb8a8p-26),
                           F64(0x1.6123aa900a175p-33), F64(-0x1.ae39c467c588cp-41),
                           F64(0x1.871b889582dbap-49));
  const Wide<double> p = Wide<double>(F64(-0x1.5555555555555p-3)) + Wide<double>(w.hi * q);
  const Wide<double> s = r + r * (w * p);
  const Wide<double> found(with_sign(s.hi, t.sign), with_sign(s.lo, t.sign));
  const auto near_zero = (abs(r.hi) < F64(0x1p-16)) & (abs(t.z.hi) > F64(0.5));
  const auto lost = near_zero | t.beyond;
  if (HWY_LIKELY(hn::AllFalse(F64::Tag(), lost.raw))) return found;
  return find_lost_sinusoids(found, lost, x, f, eighths);
}

// sin(r + c pi) to 2^-50.
GRADKEEP_INLINE F64 rough_sine(F64 r, F64 sign) {
  const F64 w = r * r;
  const F64 p = polynomial(w, F64(-0x1.5555555555555p-3), F64(0x1.11111111110b9p-7),
                           F64(-0x1.a01a01a013538p-13), F64(0x1.71de3a51c253dp-19),
                           F64(-0x1.ae64545abb8a8p-26), F64(0x1.6123aa900a175p-33),
                           F64(-0x1.ae39c467c588cp-41), F64(0x1.871b889582dbap-49));
  return with_sign(fma(r * w, p, r), sign);
}
GRADKEEP_INLINE LaneMask<double> near_zero(F64 r, F64 z) {
  return (abs(r) < F64(0x1p-20)) & (abs(z) > F64(0.5));
}

struct Wave {
  double f;
  int eighths;
};

// v with what lanes without whole turns find where they were lost, and the scalar where they are again.
// (A template whose arguments lie in memory: as a plain function g++'s loops took 1.2 times as long.)
template <class Parameters>
HWY_NOINLINE Wide<double> find_lost_roughly(Wide<double> v, LaneMask<double> lost, F64 x,
                                            const Parameters& wave) {
  const double f = wave.f;
  const int eighths = wave.eighths;
  const Wide<double> z = product(x, F64(f));
  const HalfTurns t = count_half_turns(less_whole_turns(z), eighths);
  const F64 r = reduced(t), found = select(lost, rough_sine(r, t.sign), v.hi);
  const auto again = lost & (near_zero(r, z.hi) | t.beyond);
  if (HWY_LIKELY(hn::AllFalse(F64::Tag(), again.raw))) return Wide<double>(found);
  return find_lost_sinusoids(Wide<double>(found), again, x, f, eighths);
}

// The exact tier's first attempt.
GRADKEEP_INLINE RoughF64 sinusoid(RoughF64 x, double f, int eighths) {
  const F64 at(x.raw);
  const HalfTurns t = count_half_turns(product(at, F64(f)), eighths);
  const F64 r = reduced(t), found = rough_sine(r, t.sign);
  const auto lost = near_zero(r, t.z.hi) | t.beyond;
  if (HWY_LIKELY(hn::AllFalse(F64::Tag(), lost.raw))) return RoughF64(found.raw);
  return RoughF64(find_lost_roughly(Wide<double>(found), lost, at, Wave{f, eighths}).hi.raw);
}

// The same for float lanes, in two halves.
GRADKEEP_INLINE F64 sinusoid_for_float(F64 x, double f, int eighths) {
  const HalfTurns t = count_half_turns(product(x, F64(f)), eighths);
  const F64 r = reduced(t), w = r * r;
  const F64 p = polynomial(w, F64(-0x1.5555555461a3fp-3), F64(0x1.11110fdbba37dp-7),
                           F64(-0x1.a019063e22cdfp-13), F64(0x1.7196a65b8e0dap-19),
                           F64(-0x1.9db3dbad3b684p-26));
  const F64 found = with_sign(fma(r * w, p, r), t.sign);
  if (HWY_LIKELY(hn::AllFalse(F64::Tag(), t.beyond.raw))) return found;
  return find_lost_roughly(Wide<double>(found), t.beyond, x, Wave{f, eighths}).hi;
}

using HalfOfFloats = hn::Rebind<float, F64::Tag>;

// f of each half of a vector of floats, in double lanes.
struct Halves {
  F64 low, high;
};
template <class F>
GRADKEEP_INLINE Halves in_halves(F32 x, const F& f) {
  const F64::Tag wide;
#if HWY_TARGET == HWY_SCALAR
  const F64 only = f(F64(hn::PromoteTo(wide, x.raw)));
  return {only, only};
#else
  return {f(F64(hn::PromoteTo(wide, hn::LowerHalf(x.raw)))),
          f(F64(hn::PromoteTo(wide, hn::UpperHalf(HalfOfFloats(), x.raw))))};
#endif
}

GRADKEEP_INLINE F32 narrowed(Halves v) {
#if HWY_TARGET == HWY_SCALAR
  return F32(hn::Vec<F32::Tag>(static_cast<float>(v.low.raw.raw)));
#else
  const HalfOfFloats half;
  return F32(
      hn::Combine(F32::Tag(), hn::DemoteTo(half, v.high.raw), hn::DemoteTo(half, v.low.raw)));
#endif
}

GRADKEEP_INLINE Wide<float> sinusoid(F32 x, double f, int eighths) {
  const Halves s =
      in_halves(x, [&](F64 half) HWY_ATTR { return sinusoid_for_float(half, f, eighths); });
  const F32 high = narrowed(s);
  const Halves back = in_halves(high, [](F64 half) HWY_ATTR { return half; });
  return {high, narrowed({s.low - back.low, s.high - back.high})};
}

// d/df of sin(f x)^2 / f, sin(z) (2 x cos(z) - sin(z) / f) / f with z = f x. It has a zero in every half
// turn, near which the difference cancels and the scalar is asked.
GRADKEEP_INLINE F64 frequency_slope(F64 x, double f) {
  const Wide<double> inverse = Wide<double>(F64(1.0)) / Wide<double>(F64(f));
  const Wide<double> s = sinusoid(x, f, 0), c = sinusoid(x, f, 2);
  const Wide<double> half = c * x - s * inverse * F64(0.5);
  // Next to 0 it is x^2, and subnormal long before x is.
  const auto small = abs(x) < F64(1.0);
  const Wide<double> lifted = half * select(small, F64(0x1p400), F64(1.0));
  const F64 found =
      rounded_or_infinite(lifted * s * inverse) * select(small, F64(0x1p-399), F64(2.0));
  const auto near_zero = abs(half.hi) < F64(0x1p-7) * abs(x);
  if (HWY_LIKELY(hn::AllFalse(F64::Tag(), near_zero.raw))) return found;
  return find_lost(Wide<double>(found), near_zero, x,
                   [&](double v) { return detail::frequency_slope(detail::DoubleDouble(v), f); })
      .hi;
}
GRADKEEP_INLINE F32 frequency_slope(F32 x, double f) {
  return narrowed(in_halves(x, [&](F64 half) HWY_ATTR { return frequency_slope(half, f); }));
}

}  // namespace gradkeep::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
