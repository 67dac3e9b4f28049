// Passes over a piece of a row, for every SIMD target. Exponentials run in the lanes of the type, with
// an argument x - most that is known to twice the precision; sums and products that may cancel run over
// Long<T>: double lanes for floats, pairs of double lanes for doubles.
// SPDX-License-Identifier: Apache-2.0
#include "core/row_kernels.h"

#include <algorithm>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "core/row_kernels.cc"
#include "hwy/foreach_target.h"

#include "core/vocabulary-inl.h"

HWY_BEFORE_NAMESPACE();
namespace gradkeep::HWY_NAMESPACE {
namespace rows {

using detail::kPartials;
using detail::Pair;
using detail::RowKernels;
using detail::RowSum;

template <class T>
struct Longer;
template <>
struct Longer<float> {
  using Number = F64;
  using Half = hn::Rebind<float, F64::Tag>;
  static GRADKEEP_INLINE F64 load(const float* p) {
    return F64(hn::PromoteTo(F64::Tag(), hn::LoadU(Half(), p)));
  }
  static GRADKEEP_INLINE void store(F64 v, float* p) {
#if HWY_TARGET == HWY_SCALAR || HWY_TARGET == HWY_EMU128  // whose DemoteTo saturates
    HWY_ALIGN double wide[HWY_MAX_BYTES / sizeof(double)];
    hn::Store(v.raw, F64::Tag(), wide);
    std::copy(wide, wide + hn::MaxLanes(F64::Tag()), p);
#else
    hn::StoreU(hn::DemoteTo(Half(), v.raw), Half(), p);
#endif
  }
  static GRADKEEP_INLINE F64 number(Pair<double> p) { return F64(p.high + p.low); }
};
template <>
struct Longer<double> {
  using Number = Wide<double>;
  static GRADKEEP_INLINE Wide<double> load(const double* p) {
    return Wide<double>(F64(hn::LoadU(F64::Tag(), p)));
  }
  static GRADKEEP_INLINE void store(Wide<double> v, double* p) {
    hn::StoreU(rounded_or_infinite(v).raw, F64::Tag(), p);
  }
  static GRADKEEP_INLINE Wide<double> number(Pair<double> p) {
    return Wide<double>(F64(p.high), F64(p.low));
  }
};
template <class T>
using Long = typename Longer<T>::Number;

GRADKEEP_INLINE F64 nearest(F64 a) { return a; }
GRADKEEP_INLINE F64 nearest(Wide<double> a) { return rounded(a); }
GRADKEEP_INLINE F64 leading(F64 a) { return a; }
GRADKEEP_INLINE F64 leading(Wide<double> a) { return a.hi; }
GRADKEEP_INLINE F64 zero_unless(LaneMask<double> m, F64 a) { return select(m, a, F64(0.0)); }
GRADKEEP_INLINE Wide<double> zero_unless(LaneMask<double> m, Wide<double> a) {
  return {select(m, a.hi, F64(0.0)), select(m, a.lo, F64(0.0))};
}

constexpr size_t kDoubles = hn::MaxLanes(F64::Tag());

// The partial sums while a loop runs: in registers.
template <class T>
struct Sums {
  static constexpr size_t kVectors = kPartials / kDoubles;
  F64 high[kVectors], low[kVectors];

  GRADKEEP_INLINE explicit Sums(const RowSum* s) {
    for (size_t k = 0; k < kVectors; ++k) {
      high[k] = F64(hn::Load(F64::Tag(), s->high + k * kDoubles));
      low[k] = F64(hn::Load(F64::Tag(), s->low + k * kDoubles));
    }
  }
  GRADKEEP_INLINE void store(RowSum* s) const {
    for (size_t k = 0; k < kVectors; ++k) {
      hn::Store(high[k].raw, F64::Tag(), s->high + k * kDoubles);
      hn::Store(low[k].raw, F64::Tag(), s->low + k * kDoubles);
    }
  }
  GRADKEEP_INLINE void add(size_t k, F64 v) { high[k] = high[k] + v; }
  GRADKEEP_INLINE void add(size_t k, Wide<double> v) {
    const Wide<double> sum = Wide<double>(high[k], low[k]) + v;
    high[k] = sum.hi;
    low[k] = sum.lo;
  }
};

// Runs step(first input, second input, output, k) for vector k of each 16 numbers, lanes of T's Long at a
// time; a row's rest is filled up with `fill` for the inputs.
template <class T, class Step>
GRADKEEP_INLINE void for_long(const T* a, const T* b, T* out, size_t n, T fill, const Step& step) {
  size_t i = 0;
  for (; i + kPartials <= n; i += kPartials) {
    for (size_t k = 0; k < kPartials; k += kDoubles) {
      step(a + i + k, b ? b + i + k : nullptr, out ? out + i + k : nullptr, k / kDoubles);
    }
  }
  if (i == n) return;
  alignas(64) T rest[3][kPartials];
  for (size_t j = 0; j < kPartials; ++j) {
    rest[0][j] = i + j < n ? a[i + j] : fill;
    rest[1][j] = b && i + j < n ? b[i + j] : T{0};
  }
  for (size_t k = 0; k < kPartials; k += kDoubles) {
    step(rest[0] + k, rest[1] + k, rest[2] + k, k / kDoubles);
  }
  if (out) std::copy(rest[2], rest[2] + (n - i), out + i);
}

// Runs step(vector) -> vector over T's own lanes, 16 numbers at a time at least.
template <class T, class Step>
GRADKEEP_INLINE void for_lanes(const T* x, T* y, size_t n, const Step& step) {
  using V = Lanes<T>;
  const typename V::Tag tag;
  const size_t lanes = hn::Lanes(tag);
  size_t i = 0;
  for (; i + lanes <= n; i += lanes) {
    hn::StoreU(step(V(hn::LoadU(tag, x + i))).raw, tag, y + i);
  }
  if (i == n) return;
  HWY_ALIGN T rest[HWY_MAX_BYTES / sizeof(T)] = {};
  std::copy(x + i, x + n, rest);
  hn::Store(step(V(hn::Load(tag, rest))).raw, tag, rest);
  std::copy(rest, rest + (n - i), y + i);
}

// a - b with what its rounding took.
template <class T>
GRADKEEP_INLINE Wide<T> difference(Lanes<T> a, Lanes<T> b) {
  const Lanes<T> d = a - b;
  const Lanes<T> t = d - a;
  return {d, (a - (d - t)) - (b + t)};
}

template <class T>
GRADKEEP_LOOP void most(const T* x, size_t n, T sign, T* result) {
  using V = Lanes<T>;
  const typename V::Tag tag;
  const size_t lanes = hn::Lanes(tag);
  const auto factor = hn::Set(tag, sign);
  auto best = hn::Set(tag, *result);
  auto nan = hn::IsNaN(best);
  size_t i = 0;
  for (; i + lanes <= n; i += lanes) {
    const auto v = hn::Mul(factor, hn::LoadU(tag, x + i));
    best = hn::Max(best, v);
    nan = hn::Or(nan, hn::IsNaN(v));
  }
  // (MaxOfLanes begins at the lowest finite number on EMU128.)
  HWY_ALIGN T lane[HWY_MAX_BYTES / sizeof(T)];
  hn::Store(best, tag, lane);
  T largest = *std::max_element(lane, lane + lanes);
  bool any_nan = !hn::AllFalse(tag, nan);
  for (; i < n; ++i) {
    largest = std::max(largest, sign * x[i]);
    any_nan = any_nan || x[i] != x[i];
  }
  *result = any_nan ? std::numeric_limits<T>::quiet_NaN() : largest;
}

template <class T>
GRADKEEP_LOOP void exponentials(const T* x, T* keep, size_t n, T sign, T top, RowSum* below,
                                RowSum* ties) {
  using V = Lanes<T>;
  using L = Longer<T>;
  const typename V::Tag tag;
  constexpr size_t kLanes = hn::MaxLanes(tag);
  constexpr T kNothing = -std::numeric_limits<T>::infinity();
  const V factor{hn::Set(tag, sign)}, largest{hn::Set(tag, top)};
  Sums<T> sum(below), number(ties);
  alignas(64) T in[kPartials], e[kPartials], tie[kPartials];
  for (size_t i = 0; i < n; i += kPartials) {
    const size_t m = std::min(kPartials, n - i);
    const T* from = x + i;
    if (m < kPartials) {
      std::fill(in, in + kPartials, sign * kNothing);
      std::copy(from, from + m, in);
      from = in;
    }
    alignas(64) T last[kPartials];
    T* kept = keep && m == kPartials ? keep + i : last;
    bool any_ties = false;
    for (size_t k = 0; k < kPartials; k += kLanes) {
      const V v = factor * V(hn::LoadU(tag, from + k));
      const auto power = exponential(difference(v, largest));
      const auto equal = hn::Eq(v.raw, largest.raw);
      hn::Store(hn::IfThenZeroElse(equal, power.scaled.raw), tag, e + k);
      hn::Store(hn::IfThenElseZero(equal, hn::Set(tag, T{1})), tag, tie + k);
      hn::StoreU(power.scaled.raw, tag, kept + k);
      any_ties = any_ties || !hn::AllFalse(tag, equal);
    }
    if (keep && m < kPartials) std::copy(last, last + m, keep + i);
    for (size_t k = 0; k < kPartials; k += kDoubles) sum.add(k / kDoubles, L::load(e + k));
    if (!any_ties) continue;
    for (size_t k = 0; k < kPartials; k += kDoubles) number.add(k / kDoubles, L::load(tie + k));
  }
  sum.store(below);
  number.store(ties);
}

template <class T>
GRADKEEP_INLINE Lanes<T> share(Lanes<T> scaled, Pair<T> inverse) {
  using V = Lanes<T>;
  const typename V::Tag tag;
  const V high{hn::Set(tag, inverse.high)}, low{hn::Set(tag, inverse.low)};
  return unscaled(fma(scaled, high, scaled * low));
}

template <class T>
GRADKEEP_LOOP void scale(const T* kept, T* y, size_t n, Pair<T> inverse) {
  for_lanes(kept, y, n, [&](Lanes<T> v) HWY_ATTR { return share(v, inverse); });
}

template <class T>
GRADKEEP_LOOP void softmax(const T* x, T* y, size_t n, T sign, T top, Pair<T> inverse) {
  using V = Lanes<T>;
  const V factor{hn::Set(typename V::Tag(), sign)}, largest{hn::Set(typename V::Tag(), top)};
  for_lanes(x, y, n, [&](V v) HWY_ATTR {
    return share(exponential(difference(factor * v, largest)).scaled, inverse);
  });
}

template <class T>
GRADKEEP_LOOP void log_softmax(const T* x, T* y, size_t n, T top, Pair<T> log_sum) {
  using V = Lanes<T>;
  const typename V::Tag tag;
  const V largest{hn::Set(tag, top)}, high{hn::Set(tag, log_sum.high)},
      low{hn::Set(tag, log_sum.low)};
  for_lanes(x, y, n, [&](V v) HWY_ATTR {
    return rounded_or_infinite(difference(v, largest) - Wide<T>(high, low));
  });
}

// x - largest, or anything below -1 that is finite: such elements have no share.
template <class T>
GRADKEEP_INLINE Long<T> below(Long<T> x, Long<T> largest) {
  const Long<T> z = x - largest;
  return select(leading(x) - leading(largest) < F64(-2.0), Long<T>(-2.0), z);
}

template <class T>
GRADKEEP_LOOP void support(const T* x, size_t n, T top, Pair<double> threshold, RowSum* sum,
                           RowSum* count) {
  using L = Longer<T>;
  const double wide_top = top;
  const Long<T> largest = L::number({wide_top, 0}), limit = L::number(threshold);
  Sums<T> s(sum), c(count);
  for_long<T>(x, nullptr, nullptr, n, -std::numeric_limits<T>::infinity(),
              [&](const T* v, const T*, T*, size_t k) HWY_ATTR {
                const Long<T> z = below<T>(L::load(v), largest);
                const auto above = nearest(z - limit) > F64(0.0);
                s.add(k, zero_unless(above, z));
                c.add(k, zero_unless(above, F64(1.0)));
              });
  s.store(sum);
  c.store(count);
}

template <class T>
GRADKEEP_LOOP void sparsemax(const T* x, T* y, size_t n, T top, Pair<double> threshold) {
  using L = Longer<T>;
  const double wide_top = top;
  const Long<T> largest = L::number({wide_top, 0}), limit = L::number(threshold);
  for_long<T>(x, nullptr, y, n, top, [&](const T* v, const T*, T* out, size_t) HWY_ATTR {
    const Long<T> share = below<T>(L::load(v), largest) - limit;
    // NaN is not below 0 and stays.
    L::store(zero_unless(!(nearest(share) < F64(0.0)), share), out);
  });
}

template <class T>
GRADKEEP_LOOP void dot(const T* y, const T* dy, size_t n, T shift, RowSum* sum, RowSum* product) {
  using L = Longer<T>;
  const double wide_shift = shift;
  const Long<T> origin = L::number({wide_shift, 0});
  Sums<T> s(sum), p(product);
  for_long<T>(y, dy, nullptr, n, T{0}, [&](const T* v, const T* g, T*, size_t k) HWY_ATTR {
    const Long<T> value = L::load(v);
    s.add(k, value);
    p.add(k, value * (L::load(g) - origin));
  });
  s.store(sum);
  p.store(product);
}

template <class T>
GRADKEEP_LOOP void softmax_backward(const T* y, const T* dy, T* dx, size_t n, T sign, T shift,
                                    Pair<double> sum, Pair<double> product) {
  using L = Longer<T>;
  const double wide_shift = shift;
  const Long<T> origin = L::number({wide_shift, 0}), s = L::number(sum), p = L::number(product);
  const F64 factor(static_cast<double>(sign));
  for_long<T>(y, dy, dx, n, T{0}, [&](const T* v, const T* g, T* out, size_t) HWY_ATTR {
    L::store(L::load(v) * ((L::load(g) - origin) * s - p) * factor, out);
  });
}

template <class T>
GRADKEEP_LOOP void total(const T* dy, size_t n, RowSum* sum) {
  Sums<T> s(sum);
  for_long<T>(dy, nullptr, nullptr, n, T{0},
              [&](const T* g, const T*, T*, size_t k) HWY_ATTR { s.add(k, Longer<T>::load(g)); });
  s.store(sum);
}

// Where y is near 0, e^y is near 1 and dy - e^y sum = (dy - sum) - (e^y - 1) sum, whose first bracket is
// exactly 0 for the gradient of a likelihood.
template <class T>
GRADKEEP_LOOP void log_softmax_backward(const T* y, const T* dy, T* dx, size_t n,
                                        Pair<double> sum) {
  using V = Lanes<T>;
  using L = Longer<T>;
  const typename V::Tag tag;
  constexpr size_t kLanes = hn::MaxLanes(tag);
  const Long<T> s = L::number(sum);
  alignas(64) T value[kPartials], gradient[kPartials], factor[kPartials], result[kPartials];
  for (size_t i = 0; i < n; i += kPartials) {
    const size_t m = std::min(kPartials, n - i);
    std::fill(value + m, value + kPartials, T{0});
    std::fill(gradient + m, gradient + kPartials, T{0});
    std::copy(y + i, y + i + m, value);
    std::copy(dy + i, dy + i + m, gradient);
    for (size_t k = 0; k < kPartials; k += kLanes) {
      const V v(hn::Load(tag, value + k));
      const auto power = exponential(v);
      hn::Store(select(v > V(-0.5), power.minus_one, power.plain).raw, tag, factor + k);
    }
    for (size_t k = 0; k < kPartials; k += kDoubles) {
      const Long<T> g = L::load(gradient + k);
      const auto near_one = nearest(L::load(value + k)) > F64(-0.5);
      const Long<T> first = select(near_one, g - s, g);
      L::store(first - L::load(factor + k) * s, result + k);
    }
    std::copy(result, result + m, dx + i);
  }
}

template <class T>
GRADKEEP_LOOP void supported(const T* y, const T* dy, size_t n, RowSum* sum, RowSum* count) {
  using L = Longer<T>;
  Sums<T> s(sum), c(count);
  for_long<T>(y, dy, nullptr, n, T{0}, [&](const T* v, const T* g, T*, size_t k) HWY_ATTR {
    const auto inside = nearest(L::load(v)) > F64(0.0);
    s.add(k, zero_unless(inside, L::load(g)));
    c.add(k, zero_unless(inside, F64(1.0)));
  });
  s.store(sum);
  c.store(count);
}

template <class T>
GRADKEEP_LOOP void sparsemax_backward(const T* y, const T* dy, T* dx, size_t n, Pair<double> mean) {
  using L = Longer<T>;
  const Long<T> average = L::number(mean);
  for_long<T>(y, dy, dx, n, T{0}, [&](const T* v, const T* g, T* out, size_t) HWY_ATTR {
    const Long<T> value = L::load(v);
    const F64 size = nearest(value);
    // NaN shows: it is neither above 0 nor 0.
    const Long<T> inside = zero_unless(size > F64(0.0), L::load(g) - average);
    L::store(select(size <= F64(0.0) | size > F64(0.0), inside, value), out);
  });
}

template <class T>
constexpr RowKernels<T> make_kernels() {
  return {most<T>,
          exponentials<T>,
          scale<T>,
          softmax<T>,
          log_softmax<T>,
          support<T>,
          sparsemax<T>,
          dot<T>,
          softmax_backward<T>,
          total<T>,
          log_softmax_backward<T>,
          supported<T>,
          sparsemax_backward<T>};
}

}  // namespace rows

const detail::RowKernels<float>* row_kernels_f32() {
  static constexpr detail::RowKernels<float> kernels = rows::make_kernels<float>();
  return &kernels;
}
const detail::RowKernels<double>* row_kernels_f64() {
  static constexpr detail::RowKernels<double> kernels = rows::make_kernels<double>();
  return &kernels;
}

}  // namespace gradkeep::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
#include "core/targets.h"

namespace gradkeep {
HWY_EXPORT(row_kernels_f32);
HWY_EXPORT(row_kernels_f64);

template <>
const detail::RowKernels<float>& detail::row_kernels<float>() {
  static const RowKernels<float>& kernels =
      (choose_target(), *HWY_DYNAMIC_DISPATCH(row_kernels_f32)());
  return kernels;
}
template <>
const detail::RowKernels<double>& detail::row_kernels<double>() {
  static const RowKernels<double>& kernels =
      (choose_target(), *HWY_DYNAMIC_DISPATCH(row_kernels_f64)());
  return kernels;
}
}  // namespace gradkeep
#endif
