// The words that kernels are written in, for float lanes and double lanes: exponential, gaussian,
// log1p_ratio, mills. (DoubleDouble speaks the same words in core/double_double.h.) The exponentials
// take arguments <= 0 only, which is all that careful kernels need: they work with e^-|x|. Their
// results carry a factor 2^shift, so that a kernel can finish its products before unscaled() rounds
// once into the subnormal numbers; silu(-90) and gelu(-14) keep their last bits this way.
// Coefficients: tools/polynomials.sollya.
// SPDX-License-Identifier: Apache-2.0

#if defined(GRADKEEP_CORE_VOCABULARY_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef GRADKEEP_CORE_VOCABULARY_INL_H
#undef GRADKEEP_CORE_VOCABULARY_INL_H
#else
#define GRADKEEP_CORE_VOCABULARY_INL_H
#endif

#include "core/lanes-inl.h"

HWY_BEFORE_NAMESPACE();
namespace gradkeep::HWY_NAMESPACE {

template <class T>
struct Constants;

template <>
struct Constants<float> {
  // 1.5 * 2^23: adding it rounds to an integer and leaves that integer in the low mantissa bits.
  static constexpr float kRounder = 0x1.8p23f;
  static constexpr int kMantissaBits = 23, kBias = 127;
  static constexpr int kShift = 64;
  // Below it even the scaled exponential would be subnormal, and every result rounds to 0.
  static constexpr float kCutoff = -130;
  // log(2) in two parts; the first has 9 trailing zeros, so that k times it is exact.
  static constexpr float kLn2Hi = 0x1.62e4p-1f, kLn2Lo = 0x1.7f7d1cp-20f;
  static constexpr float kGaussEnd = 15;  // mills() is fitted up to here
};

template <>
struct Constants<double> {
  static constexpr double kRounder = 0x1.8p52;
  static constexpr int kMantissaBits = 52, kBias = 1023;
  static constexpr int kShift = 128;
  static constexpr double kCutoff = -785;
  static constexpr double kLn2Hi = 0x1.62e42fefa3p-1, kLn2Lo = 0x1.3de6af278ece6p-42;
  static constexpr double kGaussEnd = 40;
};

// c0 + x (c1 + x (c2 + ...)).
template <class V>
HWY_INLINE V polynomial(V, V c) {
  return c;
}
template <class V, class... Rest>
HWY_INLINE V polynomial(V x, V c, Rest... rest) {
  return fma(polynomial(x, V(rest)...), x, c);
}

template <class V>
struct Exponential {
  V scaled;     // e^x 2^shift
  V plain;      // e^x
  V minus_one;  // e^x - 1, with relative accuracy near 0
};

// v 2^-shift: exact, or one rounding where the result is subnormal.
template <class T>
HWY_INLINE Lanes<T> unscaled(Lanes<T> v) {
  return v * Lanes<T>(sizeof(T) == 4 ? 0x1p-64 : 0x1p-128);
}

// e^(x + rest), x <= 0, |rest| far below |x|. About 0.7 ULP each.
template <class T>
HWY_INLINE Exponential<Lanes<T>> exponential(Lanes<T> x, Lanes<T> rest) {
  using V = Lanes<T>;
  using C = Constants<T>;
  using Bits = hn::RebindToUnsigned<typename V::Tag>;
  // x + rest = k log(2) + (r + r_rest)
  const V kr = fma(x, V(1.4426950408889634), V(C::kRounder));
  const V k = kr - V(C::kRounder);
  const V r = fma(-k, V(C::kLn2Hi), x);
  const V r_rest = fma(-k, V(C::kLn2Lo), rest);
  const V s = r + r_rest;
  V q;
  if constexpr (sizeof(T) == 4) {
    q = polynomial(s, V(0.5), V(0x1.555556p-3), V(0x1.5554fep-5), V(0x1.110ff6p-7),
                   V(0x1.6d3456p-10), V(0x1.a25dbap-13));
  } else {
    q = polynomial(s, V(0.5), V(0x1.5555555555557p-3), V(0x1.5555555555551p-5),
                   V(0x1.111111110ffcep-7), V(0x1.6c16c16c191b3p-10), V(0x1.a01a01ac83a85p-13),
                   V(0x1.a01a0194f3776p-16), V(0x1.71de0036c5418p-19), V(0x1.27e5068067d81p-22),
                   V(0x1.af5216729b5adp-26), V(0x1.1f2b6519b8dc2p-29));
  }
  const V em = r + fma(s * s, q, r_rest);
  // 2^(k + shift) from the integer in kr's low bits.
  const Bits bits;
  using U = hn::TFromD<Bits>;
  const V power(hn::BitCast(
      typename V::Tag(),
      hn::Add(hn::ShiftLeft<C::kMantissaBits>(hn::BitCast(bits, kr.raw)),
              hn::Set(bits, static_cast<U>(C::kBias + C::kShift) << C::kMantissaBits))));
  const V two_k = unscaled(power);
  const V scaled = fma(power, em, power);
  const V minus_one = fma(two_k, em, two_k - V(1.0));
  const auto gone = x < V(C::kCutoff);
  return {select(gone, V(0.0), scaled), select(gone, V(0.0), unscaled(scaled)),
          select(gone, V(-1.0), minus_one)};
}
template <class T>
HWY_INLINE Exponential<Lanes<T>> exponential(Lanes<T> x) {
  return exponential(x, Lanes<T>(0.0));
}
template <class T>
HWY_INLINE Exponential<Lanes<T>> exponential(Wide<T> x) {
  return exponential(x.hi, x.lo);
}

// e^(-x^2/2): the square needs its low half, since its error would be multiplied by the square.
template <class T>
HWY_INLINE Exponential<Lanes<T>> gaussian(Lanes<T> x) {
  const Wide<T> square = product(x, x);
  return exponential(square.hi * Lanes<T>(-0.5), square.lo * Lanes<T>(-0.5));
}

// log(1 + e) / e for 0 <= e <= 1. With s = e / (2 + e): log(1 + e) = 2 atanh(s) = e - s (e - 2 s^2 B),
// written so that the leading term carries no rounding. About 1 ULP.
template <class T>
HWY_INLINE Lanes<T> log1p_ratio(Lanes<T> e) {
  using V = Lanes<T>;
  const V inverse = V(1.0) / (V(2.0) + e);
  const V s = e * inverse;
  const V w = s * s;
  V b;
  if constexpr (sizeof(T) == 4) {
    b = polynomial(w, V(0x1.55554cp-2), V(0x1.99adccp-3), V(0x1.211cbep-3), V(0x1.1321c2p-3));
  } else {
    b = polynomial(w, V(0x1.5555555555555p-2), V(0x1.999999999a248p-3), V(0x1.24924923e32ep-3),
                   V(0x1.c71c726940dc3p-4), V(0x1.745cf1dd33908p-4), V(0x1.3b1898a25f20bp-4),
                   V(0x1.10add1e9947bep-4), V(0x1.eb7aa0d4c20ap-5), V(0x1.68d9bd1bb1bdp-5),
                   V(0x1.4ab1ff2e969f8p-4));
  }
  return fma(-s, fma(V(-2.0) * s * inverse, b, V(1.0)), V(1.0));
}

// The Mills ratio (1 - Phi(a)) / phi(a) of the standard normal distribution, a >= 0: what is left of
// its tail when e^(-a^2/2) / sqrt(2 pi) is divided out, a smooth function from 1.2533 down to 1/a.
template <class T>
HWY_INLINE Lanes<T> mills(Lanes<T> a) {
  using V = Lanes<T>;
  const V end(Constants<T>::kGaussEnd);
  const V b = select(a > end, end, a);
  const V inverse = V(1.0) / (b + V(4.0));
  const V t = (b - V(4.0)) * inverse;
  V g;
  if constexpr (sizeof(T) == 4) {
    g = polynomial(t, V(0x1.e4aa02p0), V(-0x1.8615d8p0), V(0x1.f0d936p-1), V(-0x1.dec3fep-2),
                   V(0x1.361b0ap-3), V(-0x1.350b1p-6), V(-0x1.215c9ap-7), V(0x1.0132bcp-8),
                   V(0x1.f1f47ap-12), V(-0x1.4932f4p-12));
  } else {
    g = polynomial(t, V(0x1.e4aa012912ddep0), V(-0x1.8615d9b49165cp0), V(0x1.f0d9856bc3b7ap-1),
                   V(-0x1.dec30ee679527p-2), V(0x1.360ce2601a80dp-3), V(-0x1.35aa3c948b4f6p-6),
                   V(-0x1.1dcfea71b31b8p-7), V(0x1.0be6d65156ad3p-8), V(0x1.5e7b104b765ccp-12),
                   V(-0x1.2fb42c882208cp-11), V(-0x1.40ee0d03f1918p-18), V(0x1.717eb3f3b9142p-14),
                   V(0x1.e10f91635d333p-20), V(-0x1.f1eeb3b3f0a47p-17), V(-0x1.a4a806a9edba8p-20),
                   V(0x1.57dcfd6baae44p-19), V(0x1.636d9748fa6a6p-21), V(-0x1.a63a341d23b5bp-22),
                   V(-0x1.9fc345fa7d16ap-23), V(0x1.5e5083b1be12ep-25), V(0x1.3c13d2226ea01p-25),
                   V(-0x1.135d3131439f5p-30), V(-0x1.a5e238bcebe0ap-29));
  }
  return g * inverse;
}

}  // namespace gradkeep::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
