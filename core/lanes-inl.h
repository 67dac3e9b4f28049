// Lanes<T>: one SIMD vector of floats or doubles that reads like a number. Kernels are written over
// it with + - * / and select, so that the same text serves vectors of any width, and (with
// DoubleDouble in its place) scalars of 106 bits. Wide is the unevaluated sum of two vectors, for the
// few places where one rounding is one too many, such as the argument of an exponential.
//
// Rough double lanes are the exact tier's first attempt at a float: Wide is plain, since double's 29
// bits more than float's leave room for hundreds of roundings (kRoughError).
// SPDX-License-Identifier: Apache-2.0

#if defined(GRADKEEP_CORE_LANES_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef GRADKEEP_CORE_LANES_INL_H
#undef GRADKEEP_CORE_LANES_INL_H
#else
#define GRADKEEP_CORE_LANES_INL_H
#endif

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <type_traits>

#include "hwy/highway.h"

// Sanitizer builds look for mistakes, not for speed: there nothing is forced inline, which takes their
// compile time from minutes to seconds a function.
#ifndef GRADKEEP_INLINE
#ifdef GRADKEEP_SHARED_KERNELS
#define GRADKEEP_INLINE inline
#define GRADKEEP_LOOP HWY_NOINLINE
#else
#define GRADKEEP_INLINE HWY_INLINE
// Everything a loop calls is inlined into it, so that outputs nobody asked for vanish.
#define GRADKEEP_LOOP HWY_NOINLINE __attribute__((flatten))
#endif
#endif

HWY_BEFORE_NAMESPACE();
namespace gradkeep::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

template <class T>
struct Wide;

template <class T>
struct LaneMask {
  hn::Mask<hn::ScalableTag<T>> raw;
  friend HWY_ATTR GRADKEEP_INLINE LaneMask operator&(LaneMask a, LaneMask b) {
    return {hn::And(a.raw, b.raw)};
  }
  friend HWY_ATTR GRADKEEP_INLINE LaneMask operator|(LaneMask a, LaneMask b) {
    return {hn::Or(a.raw, b.raw)};
  }
  friend HWY_ATTR GRADKEEP_INLINE LaneMask operator!(LaneMask a) { return {hn::Not(a.raw)}; }
};

template <class T>
GRADKEEP_INLINE LaneMask<T> both(LaneMask<T> a, LaneMask<T> b) {
  return a & b;
}
template <class T>
GRADKEEP_INLINE LaneMask<T> either(LaneMask<T> a, LaneMask<T> b) {
  return a | b;
}

template <class T, bool kRough = false>
struct Lanes {
  static_assert(!kRough || sizeof(T) == sizeof(double));
  using Scalar = T;
  using Tag = hn::ScalableTag<T>;
  using Raw = hn::Vec<Tag>;
  using Mask = LaneMask<T>;
  using Wide = std::conditional_t<kRough, Lanes, HWY_NAMESPACE::Wide<T>>;

  Raw raw;

  Lanes() : raw(hn::Zero(Tag())) {}
  explicit Lanes(Raw r) : raw(r) {}
  explicit Lanes(const HWY_NAMESPACE::Wide<T>& w);             // rounded
  Lanes(double c) : raw(hn::Set(Tag(), static_cast<T>(c))) {}  // NOLINT: constants read as numbers
  // The lane type's number next to c on one side: x <= at_most(c) decides as x <= c does. Of bits and
  // not by std::nextafter, for a loop that may call a function works it out for each vector.
  static Lanes at_most(double c) {
    using Bits = std::conditional_t<sizeof(T) == 4, std::uint32_t, std::uint64_t>;
    const T t = static_cast<T>(c);
    const Bits bits = std::bit_cast<Bits>(t), below_zero = std::bit_cast<Bits>(T(-0.0)) + 1;
    const Bits below = t > 0 ? bits - 1 : t < 0 ? bits + 1 : below_zero;
    return Lanes(Raw(hn::Set(Tag(), t > c ? std::bit_cast<T>(below) : t)));
  }
  static Lanes at_least(double c) { return -at_most(-c); }
  // A real constant to twice double's precision; lanes keep what fits.
  Lanes(double high, double /*low*/) : Lanes(high) {}

  friend HWY_ATTR GRADKEEP_INLINE Lanes operator+(Lanes a, Lanes b) {
    return Lanes(hn::Add(a.raw, b.raw));
  }
  friend HWY_ATTR GRADKEEP_INLINE Lanes operator-(Lanes a, Lanes b) {
    return Lanes(hn::Sub(a.raw, b.raw));
  }
  friend HWY_ATTR GRADKEEP_INLINE Lanes operator*(Lanes a, Lanes b) {
    return Lanes(hn::Mul(a.raw, b.raw));
  }
  friend HWY_ATTR GRADKEEP_INLINE Lanes operator/(Lanes a, Lanes b) {
    return Lanes(hn::Div(a.raw, b.raw));
  }
  friend HWY_ATTR GRADKEEP_INLINE Lanes operator-(Lanes a) { return Lanes(hn::Neg(a.raw)); }
  friend HWY_ATTR GRADKEEP_INLINE Mask operator>(Lanes a, Lanes b) {
    return {hn::Gt(a.raw, b.raw)};
  }
  friend HWY_ATTR GRADKEEP_INLINE Mask operator<(Lanes a, Lanes b) {
    return {hn::Lt(a.raw, b.raw)};
  }
  friend HWY_ATTR GRADKEEP_INLINE Mask operator>=(Lanes a, Lanes b) {
    return {hn::Ge(a.raw, b.raw)};
  }
  friend HWY_ATTR GRADKEEP_INLINE Mask operator<=(Lanes a, Lanes b) {
    return {hn::Le(a.raw, b.raw)};
  }

  // a * b + c, in one rounding where the target can.
  friend HWY_ATTR GRADKEEP_INLINE Lanes fma(Lanes a, Lanes b, Lanes c) {
    return Lanes(hn::MulAdd(a.raw, b.raw, c.raw));
  }
  // c - a * b likewise.
  friend HWY_ATTR GRADKEEP_INLINE Lanes fnma(Lanes a, Lanes b, Lanes c) {
    return Lanes(hn::NegMulAdd(a.raw, b.raw, c.raw));
  }
  friend HWY_ATTR GRADKEEP_INLINE Lanes abs(Lanes a) { return Lanes(hn::Abs(a.raw)); }
  friend HWY_ATTR GRADKEEP_INLINE Lanes sqrt(Lanes a) { return Lanes(hn::Sqrt(a.raw)); }
  friend HWY_ATTR GRADKEEP_INLINE Lanes rounded(Lanes a) { return a; }
  friend HWY_ATTR GRADKEEP_INLINE Lanes rounded_or_infinite(Lanes a) { return a; }
  friend HWY_ATTR GRADKEEP_INLINE Lanes copysign(Lanes size, Lanes sign) {
    return Lanes(hn::CopySign(size.raw, sign.raw));
  }
  friend HWY_ATTR GRADKEEP_INLINE Lanes select(Mask m, Lanes yes, Lanes no) {
    return Lanes(hn::IfThenElse(m.raw, yes.raw, no.raw));
  }
};

using F32 = Lanes<float>;
using F64 = Lanes<double>;
using RoughF64 = Lanes<double, true>;

template <class T>
struct Wide {
  using V = Lanes<T>;
  V hi, lo;

  Wide(V h, V l) : hi(h), lo(l) {}
  explicit Wide(V h) : hi(h), lo(0.0) {}
  explicit Wide(double c, double rest = 0.0)
      : hi(c), lo(c - static_cast<double>(static_cast<T>(c)) + rest) {}

  friend HWY_ATTR GRADKEEP_INLINE Wide operator-(Wide a) { return {-a.hi, -a.lo}; }
  friend HWY_ATTR GRADKEEP_INLINE Wide operator*(Wide a, V b) {
    const Wide p = product(a.hi, b);
    return {p.hi, fma(a.lo, b, p.lo)};
  }
  friend HWY_ATTR GRADKEEP_INLINE Wide operator*(Wide a, Wide b) {
    const Wide p = product(a.hi, b.hi);
    return {p.hi, fma(a.hi, b.lo, fma(a.lo, b.hi, p.lo))};
  }
  friend HWY_ATTR GRADKEEP_INLINE Wide operator+(Wide a, Wide b) {
    const V s = a.hi + b.hi;
    const V t = s - a.hi;
    const V e = (a.hi - (s - t)) + (b.hi - t);
    return {s, e + (a.lo + b.lo)};
  }
  friend HWY_ATTR GRADKEEP_INLINE Wide operator/(Wide a, Wide b) {
    const V inverse = V(1.0) / b.hi;
    const V q = a.hi * inverse;
    return {q, (remainder(a.hi, q, b.hi) + fnma(q, b.lo, a.lo)) * inverse};
  }
  friend HWY_ATTR GRADKEEP_INLINE Wide operator/(V a, Wide b) {
    const V inverse = V(1.0) / b.hi;
    const V q = a * inverse;
    return {q, fnma(q, b.lo, remainder(a, q, b.hi)) * inverse};
  }
  friend HWY_ATTR GRADKEEP_INLINE Wide operator-(Wide a, Wide b) { return a + -b; }
  friend HWY_ATTR GRADKEEP_INLINE Wide fma(Wide a, Wide b, Wide c) { return a * b + c; }
  friend HWY_ATTR GRADKEEP_INLINE Wide select(typename V::Mask m, Wide yes, Wide no) {
    return {select(m, yes.hi, no.hi), select(m, yes.lo, no.lo)};
  }
  friend HWY_ATTR GRADKEEP_INLINE V rounded(Wide a) { return a.hi + a.lo; }
  // Where a product or sum may overflow: the rest of an infinity is no number.
  friend HWY_ATTR GRADKEEP_INLINE V rounded_or_infinite(Wide a) {
    const V most(static_cast<double>(std::numeric_limits<T>::max()));
    return select(abs(a.hi) <= most, a.hi + a.lo, a.hi);
  }
};

template <class T, bool kRough>
GRADKEEP_INLINE Lanes<T, kRough>::Lanes(const HWY_NAMESPACE::Wide<T>& w)
    : raw(hn::Add(w.hi.raw, w.lo.raw)) {}

GRADKEEP_INLINE RoughF64 product(RoughF64 a, RoughF64 b) { return a * b; }

// a * b exactly (barring overflow and underflow).
template <class T>
GRADKEEP_INLINE Wide<T> product(Lanes<T> a, Lanes<T> b) {
  using V = Lanes<T>;
  const V p = a * b;
#if HWY_NATIVE_FMA
  return {p, V(hn::MulSub(a.raw, b.raw, p.raw))};
#else
  // Dekker: each factor as the sum of two halves whose products are exact. A huge factor is halved so
  // often that splitting it cannot overflow.
  const V limit(sizeof(T) == 4 ? 0x1p100 : 0x1p990),
      split(sizeof(T) == 4 ? 0x1p12 + 1 : 0x1p27 + 1);
  const V one(1.0), shrink(0x1p-32), grow(0x1p32);
  const auto huge_a = abs(a) > limit, huge_b = abs(b) > limit;
  const V scale_a = select(huge_a, shrink, one), scale_b = select(huge_b, shrink, one);
  const V x = a * scale_a, y = b * scale_b;
  const V cx = split * x, cy = split * y;
  const V xh = cx - (cx - x), yh = cy - (cy - y);
  const V xl = x - xh, yl = y - yh;
  const V rest = ((xh * yh - p * scale_a * scale_b) + xh * yl + xl * yh) + xl * yl;
  return {p, rest * select(huge_a | huge_b, grow, one)};
#endif
}

// a - q b exactly, where q is a / b but for a few roundings.
template <class T>
GRADKEEP_INLINE Lanes<T> remainder(Lanes<T> a, Lanes<T> q, Lanes<T> b) {
#if HWY_NATIVE_FMA
  return fnma(q, b, a);
#else
  const Wide<T> p = product(q, b);
  return (a - p.hi) - p.lo;
#endif
}

// 1 + f, |f| <= 1, with what rounding takes from it: knowing which is larger saves half the work.
template <class T>
GRADKEEP_INLINE Wide<T> one_plus(Lanes<T> f) {
  using V = Lanes<T>;
  const V s = V(1.0) + f;
  return {s, (V(1.0) - s) + f};
}
template <class T>
GRADKEEP_INLINE Wide<T> one_plus(Wide<T> f) {
  const Wide<T> s = one_plus(f.hi);
  return {s.hi, s.lo + f.lo};
}
GRADKEEP_INLINE RoughF64 one_plus(RoughF64 f) { return RoughF64(1.0) + f; }

}  // namespace gradkeep::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
