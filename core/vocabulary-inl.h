// The words that kernels are written in, for float lanes and double lanes: exponential, gaussian,
// power_of_e, precise_power_of_e, exponential_gap, log1p_shortfall, log1p_ratio, logarithm, arctangent,
// normal_tail, error_function, error_ratio, difference, tanh_gap; sines are in
// core/trigonometry-inl.h. (DoubleDouble speaks the same words in core/double_double.h.) The
// exponentials are made for arguments <= 0, which is what careful kernels need most: they work with
// e^-|x|. (Up to 40 they are right as well; power_of_e takes any.) Their results carry a factor
// 2^shift, so that a kernel can finish its products before unscaled() rounds once into the subnormal
// numbers; silu(-90) and gelu(-14) keep their last bits so. Coefficients: tools/polynomials.sollya.
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
  static constexpr float kGaussEnd = 15;  // normal_tail() is fitted up to here
  // From kFar on power_of_e() takes 66 log(2) off its argument; at kOverflow e^x is no float.
  static constexpr float kFar = 40, kOverflow = 89;
  static constexpr double kFarHi = 0x1.6dfb516f20bbfp+5, kFarLo = -0x1.436be697659dfp-49;
};

template <>
struct Constants<double> {
  static constexpr double kRounder = 0x1.8p52;
  static constexpr int kMantissaBits = 52, kBias = 1023;
  // So large that parameters up to 2^160 in size can be multiplied in twice (core/activation.cc).
  static constexpr int kShift = 400;
  static constexpr double kCutoff = -985;
  static constexpr double kLn2Hi = 0x1.62e42fefa3p-1, kLn2Lo = 0x1.3de6af278ece6p-42;
  static constexpr double kGaussEnd = 40;
  static constexpr double kFar = 400, kOverflow = 710;  // and 402 log(2)
  static constexpr double kFarHi = 0x1.16a529a32777dp+8, kFarLo = -0x1.781e7c37fda4ep-47;
};

// c0 + x (c1 + x (c2 + ...)).
template <class V>
GRADKEEP_INLINE V polynomial(V, V c) {
  return c;
}
template <class V, class... Rest>
GRADKEEP_INLINE V polynomial(V x, V c, Rest... rest) {
  return fma(polynomial(x, V(rest)...), x, c);
}

template <class V>
struct Exponential {
  V scaled;     // e^x 2^shift
  V plain;      // e^x
  V minus_one;  // e^x - 1, with relative accuracy near 0
  // e^x 2^shift and e^x with most of what rounding took from them, for sums that cancel.
  typename V::Wide wide_scaled, wide;
};

// v 2^shift.
template <class T, bool R>
GRADKEEP_INLINE Lanes<T, R> scaled(Lanes<T, R> v) {
  return v * Lanes<T, R>(sizeof(T) == 4 ? 0x1p64 : 0x1p400);
}

// v 2^-shift: exact, or one rounding where the result is subnormal.
template <class T, bool R>
GRADKEEP_INLINE Lanes<T, R> unscaled(Lanes<T, R> v) {
  return v * Lanes<T, R>(sizeof(T) == 4 ? 0x1p-64 : 0x1p-400);
}
template <class T>
GRADKEEP_INLINE Wide<T> unscaled(Wide<T> v) {
  return {unscaled(v.hi), unscaled(v.lo)};
}

// a / by for a divisor that is the same in all lanes: a product with its inverse, one rounding, where
// a fused multiply-add finds the inverse's error. (Over scalars it is a division, so that a quotient
// without a remainder stays exact.)
template <class T, bool R>
GRADKEEP_INLINE Lanes<T, R> divided(Lanes<T, R> a, Lanes<T, R> by) {
#if !HWY_NATIVE_FMA
  return a / by;
#endif
  const Lanes<T, R> one(1.0), inverse = one / by;
  return fma(a, inverse, a * (inverse * fma(-inverse, by, one)));
}
template <class T>
GRADKEEP_INLINE Wide<T> divided(Wide<T> a, Wide<T> by) {
  return a * (Wide<T>(Lanes<T>(1.0)) / by);
}

// The result 0, with the sign of x where x is 0: -0 stays -0.
template <class T, bool R>
GRADKEEP_INLINE Lanes<T, R> zero_of(Lanes<T, R> x) {
  return Lanes<T, R>(hn::IfThenElseZero(hn::Eq(x.raw, Lanes<T, R>().raw), x.raw));
}

// e^(x + rest), kCutoff <= x <= 40, |rest| far below |x|. About 0.7 ULP each.
template <class T, bool R>
GRADKEEP_INLINE Exponential<Lanes<T, R>> exponential_within(Lanes<T, R> x, Lanes<T, R> rest) {
  using V = Lanes<T, R>;
  using C = Constants<T>;
  using Bits = hn::RebindToUnsigned<typename V::Tag>;
  // x + rest = k log(2) + (r + r_rest)
  const V kr = fma(x, V(1.4426950408889634), V(C::kRounder));
  const V k = kr - V(C::kRounder);
  const V r = fnma(k, V(C::kLn2Hi), x);
  const V r_rest = fnma(k, V(C::kLn2Lo), rest);
  const V s = r + r_rest;
  V q;
  if constexpr (sizeof(T) == 4) {
    q = polynomial(s, V(0.5), V(0x1.555556p-3), V(0x1.5554fep-5), V(0x1.110ff6p-7),
                   V(0x1.6d3456p-10), V(0x1.a25dbap-13));
  } else if constexpr (R) {
    q = polynomial(s, V(0x1.ffffffffffff4p-2), V(0x1.555555555397dp-3), V(0x1.555555555aedp-5),
                   V(0x1.1111111ced1b5p-7), V(0x1.6c16c154709bdp-10), V(0x1.a019aa68bae52p-13),
                   V(0x1.a01a2e9e16f88p-16), V(0x1.72cba40d60aebp-19), V(0x1.2819f3eb16a44p-22));
  } else {
    q = polynomial(s, V(0.5), V(0x1.5555555555557p-3), V(0x1.5555555555551p-5),
                   V(0x1.111111110ffcep-7), V(0x1.6c16c16c191b3p-10), V(0x1.a01a01ac83a85p-13),
                   V(0x1.a01a0194f3776p-16), V(0x1.71de0036c5418p-19), V(0x1.27e5068067d81p-22),
                   V(0x1.af5216729b5adp-26), V(0x1.1f2b6519b8dc2p-29));
  }
  const V tail = fma(s * s, q, r_rest);
  const V em = r + tail;
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
  const V plain = unscaled(scaled);
  if constexpr (R) {
    return {scaled, plain, minus_one, scaled, plain};
  } else {
    const V one_em = V(1.0) + em, em_rest = tail - (em - r);
    const Wide<T> wide_scaled(power * one_em, power * (((V(1.0) - one_em) + em) + em_rest));
    const Wide<T> wide = unscaled(wide_scaled);
    return {scaled, plain, minus_one, wide_scaled, wide};
  }
}

// e^(x + rest), x <= 40, |rest| far below |x|. Below kCutoff nothing is left of any product with it, and
// it stays what it is there.
template <class T, bool R>
GRADKEEP_INLINE Exponential<Lanes<T, R>> exponential(Lanes<T, R> x, Lanes<T, R> rest) {
  using V = Lanes<T, R>;
  const V cutoff(Constants<T>::kCutoff);
  const auto gone = x < cutoff;
  return exponential_within(select(gone, cutoff, x), select(gone, V(0.0), rest));
}
template <class T, bool R>
GRADKEEP_INLINE Exponential<Lanes<T, R>> exponential(Lanes<T, R> x) {
  using V = Lanes<T, R>;
  const V cutoff(Constants<T>::kCutoff);
  return exponential_within(select(x < cutoff, cutoff, x), V(0.0));
}
template <class T>
GRADKEEP_INLINE Exponential<Lanes<T>> exponential(Wide<T> x) {
  return exponential(x.hi, x.lo);
}

// e^(-x^2/2): the square needs its low half, since its error would be multiplied by the square.
GRADKEEP_INLINE Exponential<RoughF64> gaussian(RoughF64 x) {
  return exponential(x * x * RoughF64(-0.5));  // a float's square is exact in double
}
template <class T>
GRADKEEP_INLINE Exponential<Lanes<T>> gaussian(Lanes<T> x) {
  const Wide<T> square = product(x, x);
  return exponential(square.hi * Lanes<T>(-0.5), square.lo * Lanes<T>(-0.5));
}

// 1 - log(1 + e) / e for -1/2 <= e <= 1, at most 0.39 in size: log(1 + e) = e - e log1p_shortfall(e),
// where the leading term carries no rounding. With s = e / (2 + e): log(1 + e) = 2 atanh(s)
// = e - s (e - 2 s^2 B).
template <class T, bool R>
GRADKEEP_INLINE Lanes<T, R> log1p_shortfall(Lanes<T, R> e) {
  using V = Lanes<T, R>;
  const V sum = V(2.0) + e;
  const V inverse = V(1.0) / sum;
  const V s = e * inverse;
  const V w = s * s;
  if constexpr (sizeof(T) == 4) {
    const V b =
        polynomial(w, V(0x1.55554cp-2), V(0x1.99adccp-3), V(0x1.211cbep-3), V(0x1.1321c2p-3));
    return fma(remainder(e, s, sum), inverse, s) * fma(V(-2.0) * s * inverse, b, V(1.0));
  } else if constexpr (R) {
    const V b =
        polynomial(w, V(0x1.5555555555144p-2), V(0x1.9999999be0698p-3), V(0x1.249247796cfecp-3),
                   V(0x1.c71d5f8bd7f9dp-4), V(0x1.743cbf91d115ep-4), V(0x1.3d725934603cdp-4),
                   V(0x1.f1aa5fa7aaf5cp-5), V(0x1.6ce3a29ee7f2bp-4));
    return s * fma(V(-2.0) * s * inverse, b, V(1.0));
  } else {
    const V b = polynomial(w, V(0x1.5555555555555p-2), V(0x1.999999999a248p-3),
                           V(0x1.24924923e32ep-3), V(0x1.c71c726940dc3p-4), V(0x1.745cf1dd33908p-4),
                           V(0x1.3b1898a25f20bp-4), V(0x1.10add1e9947bep-4), V(0x1.eb7aa0d4c20ap-5),
                           V(0x1.68d9bd1bb1bdp-5), V(0x1.4ab1ff2e969f8p-4));
    return fma(remainder(e, s, sum), inverse, s) * fma(V(-2.0) * s * inverse, b, V(1.0));
  }
}

// log(1 + e) / e. About 1 ULP.
template <class T, bool R>
GRADKEEP_INLINE Lanes<T, R> log1p_ratio(Lanes<T, R> e) {
  return Lanes<T, R>(1.0) - log1p_shortfall(e);
}

// log(u), 0 < u <= 1/2 or u >= 2: u = 2^k (1 + e) with 1 + e from sqrt(1/2) to sqrt(2).
template <class T, bool R>
GRADKEEP_INLINE Lanes<T, R> logarithm(Lanes<T, R> u) {
  using V = Lanes<T, R>;
  using C = Constants<T>;
  const auto small = u < V(static_cast<double>(std::numeric_limits<T>::min()));
  const V normal = select(small, u * V(0x1p64), u);
  const hn::RebindToSigned<typename V::Tag> whole;
  const auto bits = hn::BitCast(whole, normal.raw);
  const auto root = hn::BitCast(whole, V(0.7071067811865476).raw);
  const auto exponent = hn::ShiftRight<C::kMantissaBits>(hn::Sub(bits, root));
  const V k = V(hn::ConvertTo(typename V::Tag(), exponent)) - select(small, V(64.0), V(0.0));
  const V e =
      V(hn::BitCast(typename V::Tag(), hn::Sub(bits, hn::ShiftLeft<C::kMantissaBits>(exponent)))) -
      V(1.0);
  return k * V(C::kLn2Hi) + (e - log1p_shortfall(e) * e + k * V(C::kLn2Lo));
}

// arctan(u), 0 <= u <= 1: u + u^3 P(u^2). About 1 ULP.
template <class T, bool R>
GRADKEEP_INLINE Lanes<T, R> arctangent(Lanes<T, R> u) {
  using V = Lanes<T, R>;
  const V w = u * u;
  V p;
  if constexpr (sizeof(T) == 4) {
    p = polynomial(w, V(-0x1.555556p-2), V(0x1.9999b8p-3), V(-0x1.249002p-3), V(0x1.c69708p-4),
                   V(-0x1.6fa246p-4), V(0x1.248d34p-4), V(-0x1.9ef2f2p-5), V(0x1.c83f28p-6),
                   V(-0x1.44d7e2p-7), V(0x1.b092fap-10));
  } else if constexpr (R) {
    p = polynomial(w, V(-0x1.55555555554e3p-2), V(0x1.9999999978bc4p-3), V(-0x1.24924917fb08cp-3),
                   V(0x1.c71c6df0c274dp-4), V(-0x1.745cc803c5fdbp-4), V(0x1.3b0fc8b81673dp-4),
                   V(-0x1.10f03ad2244f3p-4), V(0x1.e05d9a08d41e8p-5), V(-0x1.a8995c9c9594ap-5),
                   V(0x1.70c0d03568627p-5), V(-0x1.2ebbe3077fcecp-5), V(0x1.bd3fcc6d282dp-6),
                   V(-0x1.13716cd2f62f6p-6), V(0x1.0b7bd814e94aep-7), V(-0x1.76bc29c729717p-9),
                   V(0x1.4c7c893f08a2ep-11), V(-0x1.1655640136538p-14));
  } else {
    p = polynomial(w, V(-0x1.5555555555555p-2), V(0x1.999999999987dp-3), V(-0x1.249249248a2dfp-3),
                   V(0x1.c71c71c3cae8bp-4), V(-0x1.745d16e4bbadbp-4), V(0x1.3b13aa3c5fb94p-4),
                   V(-0x1.1110b93cf7144p-4), V(0x1.e1dbb4109bf47p-5), V(-0x1.aefeffa2558d5p-5),
                   V(0x1.8543df3ccd7e1p-5), V(-0x1.60d8685687808p-5), V(0x1.3d12a93c28c52p-5),
                   V(-0x1.142b2cbfc6846p-5), V(0x1.c2cad4229c2ebp-6), V(-0x1.4a9f59b9a6527p-6),
                   V(0x1.a05a41ad343e3p-7), V(-0x1.acd7a5ecd012dp-8), V(0x1.55d5db209e894p-9),
                   V(-0x1.87a8b4f37321dp-11), V(0x1.1d0b7740cec34p-13), V(-0x1.8a1aaeef051a1p-17));
  }
  return fma(u * w, p, u);
}

// Phi(-a) e^(a^2/2), a >= 0: what is left of the tail of the standard normal distribution when its
// exponential is divided out, a smooth function from 1/2 down to 1 / (sqrt(2 pi) a).
GRADKEEP_INLINE RoughF64 normal_tail(RoughF64 a) {
  using V = RoughF64;
  const V end(Constants<float>::kGaussEnd);
  const V b = select(a > end, end, a);
  const V inverse = V(1.0) / (b + V(4.0));
  const V t = fma(V(-8.0), inverse, V(1.0));
  return polynomial(t, V(0x1.82b4bb8c94e1cp-1), V(-0x1.373e3a893c193p-1), V(0x1.8c6dbf2cf1f5fp-2),
                    V(-0x1.7dff2bff79cdbp-3), V(0x1.eec4cc4c1cf8ep-5), V(-0x1.ee2760b8bf3cfp-8),
                    V(-0x1.c81727fee1f4dp-9), V(0x1.ab8248fa4f689p-10), V(0x1.17abbc2cfdc76p-13),
                    V(-0x1.e49cf57b1ff32p-13), V(-0x1.07819b6e2caafp-19), V(0x1.2636c9d9959fcp-15),
                    V(0x1.bf2b4c2eedc9ap-21), V(-0x1.7fb0a8d18f7dep-18), V(-0x1.81f2b1adf1bd6p-21),
                    V(0x1.8c73ee9ef292p-21), V(0x1.d97d3e255f622p-23)) *
         inverse;
}
template <class T>
GRADKEEP_INLINE Wide<T> normal_tail(Lanes<T> a) {
  using V = Lanes<T>;
  const V end(Constants<T>::kGaussEnd);
  const V b = select(a > end, end, a);
  // 1 / (b + 4) to twice the precision, since its error would pass straight into the result.
  const V sum = b + V(4.0);
  const V rest = select(b > V(4.0), (b - sum) + V(4.0), (V(4.0) - sum) + b);
  const V inverse = V(1.0) / sum;
  const Wide<T> unit = product(inverse, sum);
  const V inverse_rest = inverse * (((V(1.0) - unit.hi) - unit.lo) - inverse * rest);
  // t = (b - 4) / (b + 4); the first of its two parts is exact but for the largest b.
  const Wide<T> fine_t(fma(V(-8.0), inverse, V(1.0)), V(-8.0) * inverse_rest);
  const V t = rounded(fine_t);
  V slope;  // ((a + 4) R(a) - c0) / t
  if constexpr (sizeof(T) == 4) {
    slope = polynomial(t, V(-0x1.373e38p-1), V(0x1.8c6d8ep-2), V(-0x1.7e0034p-3), V(0x1.eed73cp-5),
                       V(-0x1.ed06fp-8), V(-0x1.ccc8cep-9), V(0x1.9a4d1p-10), V(0x1.790b3ep-13),
                       V(-0x1.1157ecp-13));
  } else {
    slope =
        polynomial(t, V(-0x1.373e3a893c28ap-1), V(0x1.8c6dbf2cfc2c8p-2), V(-0x1.7dff2bff68411p-3),
                   V(0x1.eec4cc3e47b5cp-5), V(-0x1.ee27610455016p-8), V(-0x1.c81719cc23e2dp-9),
                   V(0x1.ab825fb63a76p-10), V(0x1.17a4a735075eep-13), V(-0x1.e4a422f09a124p-13),
                   V(-0x1.00125c05a7d19p-19), V(0x1.26d078859c07cp-15), V(0x1.7fe8878dc73ebp-21),
                   V(-0x1.8d4ad5422b33dp-18), V(-0x1.4fc724ec9532cp-21), V(0x1.125a7f9742b0cp-20),
                   V(0x1.1bebb1567357cp-22), V(-0x1.50bd21bb88a72p-23), V(-0x1.4c9ee29fe608ep-24),
                   V(0x1.16764315165a8p-26), V(0x1.fab505003af15p-27), V(-0x1.a092aa8ba974dp-32),
                   V(-0x1.521786b0e544cp-30));
  }
  const Wide<T> g =
      Wide<T>(V(sizeof(T) == 4 ? 0x1.82b4bcp-1 : 0x1.82b4bb8c94dcep-1)) + fine_t * slope;
  return g * Wide<T>(inverse, inverse_rest);
}

// e^x for any x, about 0.7 ULP, rounded once also where it is subnormal; infinite where it overflows.
// Far to the right the argument is lowered by (shift + 2) log(2), so that the scaled result is e^x / 4.
template <class T, bool R>
GRADKEEP_INLINE Lanes<T, R> power_of_e(Lanes<T, R> x) {
  using V = Lanes<T, R>;
  using C = Constants<T>;
  const V most(C::kOverflow);
  const auto far = x > V(C::kFar);
  const typename V::Wide near_x(select(x > most, most, x));
  const auto e = exponential(select(far, near_x - typename V::Wide(C::kFarHi, C::kFarLo), near_x));
  return select(far, e.scaled * V(4.0), e.plain);
}

// e^x for -80 <= x <= 40 with an error far below a unit of V (2^-33 in float, 2^-64 in double): for a
// sum that cancels, or to be an exponent itself. The first five terms of e^s are summed in twice the
// precision.
template <class T, bool R>
GRADKEEP_INLINE typename Lanes<T, R>::Wide precise_power_of_e(Lanes<T, R> x) {
  using V = Lanes<T, R>;
  using W = typename V::Wide;
  using C = Constants<T>;
  using Bits = hn::RebindToUnsigned<typename V::Tag>;
  const V kr = fma(x, V(1.4426950408889634), V(C::kRounder));
  const V k = kr - V(C::kRounder);
  const W s = W(fma(-k, V(C::kLn2Hi), x)) + W(-k * V(C::kLn2Lo));
  const V near_s = rounded(s);
  V p;
  if constexpr (sizeof(T) == 4) {
    p = polynomial(near_s, V(1.0 / 120), V(1.0 / 720), V(1.0 / 5040), V(1.0 / 40320));
  } else {
    p = polynomial(near_s, V(1.0 / 120), V(1.0 / 720), V(1.0 / 5040), V(1.0 / 40320),
                   V(1.0 / 362880), V(1.0 / 3628800), V(1.0 / 39916800), V(1.0 / 479001600),
                   V(1.0 / 6227020800), V(1.0 / 87178291200), V(1.0 / 1307674368000));
  }
  W sum = W(0x1.5555555555555p-5, 0x1.5555555555555p-59) + s * p;  // 1/24 + ...
  sum = W(0x1.5555555555555p-3, 0x1.5555555555555p-57) + s * sum;  // 1/6 + ...
  sum = W(0.5) + s * sum;
  sum = W(1.0) + s * sum;
  sum = W(1.0) + s * sum;
  const Bits bits;
  using U = hn::TFromD<Bits>;
  return sum * V(hn::BitCast(typename V::Tag(),
                             hn::Add(hn::ShiftLeft<C::kMantissaBits>(hn::BitCast(bits, kr.raw)),
                                     hn::Set(bits, static_cast<U>(C::kBias) << C::kMantissaBits))));
}

// (e^u - 1 - u) / u^2, |u| <= 1. About 1 ULP.
template <class T, bool R>
GRADKEEP_INLINE Lanes<T, R> exponential_gap(Lanes<T, R> u) {
  using V = Lanes<T, R>;
  if constexpr (sizeof(T) == 4) {
    return polynomial(u, V(0.5), V(0x1.555556p-3), V(0x1.55557p-5), V(0x1.1110c4p-7),
                      V(0x1.6c023ep-10), V(0x1.a036dep-13), V(0x1.a90274p-16), V(0x1.720d6ap-19));
  } else {
    return polynomial(u, V(0.5), V(0x1.5555555555555p-3), V(0x1.5555555555554p-5),
                      V(0x1.111111111115fp-7), V(0x1.6c16c16c16f5ap-10), V(0x1.a01a01a015ca8p-13),
                      V(0x1.a01a019fc617ap-16), V(0x1.71de3a546cbdcp-19), V(0x1.27e4fbb4aec53p-22),
                      V(0x1.ae645c78e9c89p-26), V(0x1.1eed63038fa76p-29), V(0x1.611e499d9b3cep-33),
                      V(0x1.93b492e00c5cap-37), V(0x1.b3a197ba5b43bp-41), V(0x1.a8fa2871d7908p-45));
  }
}

// (x - tanh x) / x^3 as a function of w = x^2 on [0, 1]. About 1 ULP.
template <class T, bool R>
GRADKEEP_INLINE Lanes<T, R> tanh_gap(Lanes<T, R> w) {
  using V = Lanes<T, R>;
  if constexpr (sizeof(T) == 4) {
    return polynomial(w, V(0x1.555556p-2), V(-0x1.11112cp-3), V(0x1.ba1af6p-5), V(-0x1.660068p-6),
                      V(0x1.1eada6p-7), V(-0x1.acf0eap-9), V(0x1.faea1ep-11), V(-0x1.437b6ep-13));
  } else {
    return polynomial(w, V(0x1.5555555555555p-2), V(-0x1.111111111106cp-3), V(0x1.ba1ba1ba10ccdp-5),
                      V(-0x1.664f4880381c1p-6), V(0x1.226e350a76cf8p-7), V(-0x1.d6d3c35d5de25p-9),
                      V(0x1.7da2aa018dd55p-10), V(-0x1.35511acb47b0ep-11), V(0x1.f51aeb7ce563cp-13),
                      V(-0x1.94801687cf5b6p-14), V(0x1.41c4f70f907e7p-15),
                      V(-0x1.e903f3965d8bap-17), V(0x1.4d2be699c7977p-18),
                      V(-0x1.6f452f1338079p-20), V(0x1.175f53fff3d82p-22),
                      V(-0x1.a9474581441bp-26));
  }
}

// erf(x) / x for |x| <= 7/8: 2/sqrt(pi) + w P(w), w = x^2, whose first term is taken without rounding.
template <class T, bool R>
GRADKEEP_INLINE typename Lanes<T, R>::Wide error_ratio(Lanes<T, R> x) {
  using V = Lanes<T, R>;
  using W = typename V::Wide;
  const V w = x * x;
  V p;
  if constexpr (sizeof(T) == 4) {
    p = polynomial(w, V(-0x1.812746p-2), V(0x1.ce2ec6p-4), V(-0x1.b81ee2p-6), V(0x1.556ba6p-8),
                   V(-0x1.b02ab6p-11), V(0x1.716306p-14));
  } else {
    p = polynomial(w, V(-0x1.812746b0379e7p-2), V(0x1.ce2f21a042c4ep-4), V(-0x1.b82ce3128c38dp-6),
                   V(0x1.565bcd0f42348p-8), V(-0x1.c02db439ccff7p-11), V(0x1.f9a33055ed9d6p-14),
                   V(-0x1.f4d355c6e41bep-17), V(0x1.b9f7b85a93d2ap-20), V(-0x1.6031a3ec32063p-23),
                   V(0x1.0371f0ac8c0edp-26), V(-0x1.762c8292b3887p-30), V(0x1.e005ac7a1e06ap-34));
  }
  return W(0x1.20dd750429b6dp+0, 0x1.1ae3a914fed80p-56) + W(w * p);
}

// erf(x), in the middle by the ratio; outside as 1 - erfc(|x|), where errors of erfc count for less than
// a third. There float lanes fit the logarithm of erfc, which costs no division, and double lanes take
// it from the normal tail.
template <class T, bool R>
GRADKEEP_INLINE typename Lanes<T, R>::Wide error_function(Lanes<T, R> x) {
  using V = Lanes<T, R>;
  using W = typename V::Wide;
  const V border(0.875), a = abs(x);
  const V inside = select(a > border, border, x), outside = select(a > border, a, border);
  V complement;
  if constexpr (sizeof(T) == 4) {
    complement = exponential(polynomial(select(outside > V(4.0), V(4.0), outside),
                                        V(0x1.26b01ep-12), V(-0x1.214c42p+0), V(-0x1.43a4ap-1),
                                        V(-0x1.c1bb08p-4), V(0x1.ae269cp-6), V(-0x1.33ed2ep-8),
                                        V(0x1.31cf6p-11), V(-0x1.746bd2p-15), V(0x1.a0223ap-20)))
                     .plain;
  } else {
    const V near = select(outside > V(7.0), V(7.0), outside);
    complement = V(2.0) * exponential(-product(near, near)).plain *
                 rounded(normal_tail(V(0x1.6a09e667f3bcdp+0) * near));
  }
  const V side = copysign(V(1.0), x);
  return select(a > border, W(side) - W(copysign(complement, x)), error_ratio(inside) * inside);
}

// x - c for a double c, which float lanes take in three parts: nothing is lost where x is near c.
template <class T, bool R>
GRADKEEP_INLINE typename Lanes<T, R>::Wide difference(Lanes<T, R> x, double c) {
  using V = Lanes<T, R>;
  using W = typename V::Wide;
  const W most = W(x) - W(c);
  if constexpr (sizeof(T) == 4) {
    const double rest = c - static_cast<double>(static_cast<float>(c));
    return most - W(V(rest - static_cast<double>(static_cast<float>(rest))));
  } else {
    return most;
  }
}

}  // namespace gradkeep::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
