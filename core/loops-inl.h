// From a definition's kernel to loops over arrays: one loop per order and lane type, the last partial
// vector through a small buffer (so every length gives the same bits), and the exact tier's rounding
// test. A definition's kernel need only be right for finite inputs: at +-inf the loops put the limits
// that the definition states, and a NaN passes through every kernel as a NaN.
// SPDX-License-Identifier: Apache-2.0

#if defined(GRADKEEP_CORE_LOOPS_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef GRADKEEP_CORE_LOOPS_INL_H
#undef GRADKEEP_CORE_LOOPS_INL_H
#else
#define GRADKEEP_CORE_LOOPS_INL_H
#endif

#include <algorithm>
#include <limits>
#include <type_traits>

#include "core/definition.h"
#include "core/scalar.h"
#include "core/vocabulary-inl.h"

HWY_BEFORE_NAMESPACE();
namespace gradkeep::HWY_NAMESPACE {

using detail::bind_parameters;
using detail::Kernels;
using detail::KernelTable;

// What a loop writes: bits of a mask, in this order of outputs.
enum : unsigned { kValue = 1, kSlope = 2, kCurvature = 4 };

template <class T>
GRADKEEP_INLINE Lanes<T> keep_nan(Lanes<T> x, Lanes<T> result) {
  return Lanes<T>(hn::IfThenElse(hn::IsNaN(x.raw), x.raw, result.raw));
}

// Runs step(x, &first, &second) over whole vectors, then over the rest through a padded buffer.
template <class T, class Step>
GRADKEEP_INLINE void for_vectors(const T* x, T* first, T* second, size_t n, const Step& step) {
  using V = Lanes<T>;
  const typename V::Tag tag;
  const size_t lanes = hn::Lanes(tag);
  size_t i = 0;
  for (; i + lanes <= n; i += lanes) {
    V a, b;
    step(V(hn::LoadU(tag, x + i)), a, b);
    hn::StoreU(a.raw, tag, first + i);
    if (second) hn::StoreU(b.raw, tag, second + i);
  }
  if (i == n) return;
  HWY_ALIGN T in[HWY_MAX_BYTES / sizeof(T)] = {};
  HWY_ALIGN T out[HWY_MAX_BYTES / sizeof(T)];
  std::copy(x + i, x + n, in);
  V a, b;
  step(V(hn::Load(tag, in)), a, b);
  hn::Store(a.raw, tag, out);
  std::copy(out, out + (n - i), first + i);
  if (second) {
    hn::Store(b.raw, tag, out);
    std::copy(out, out + (n - i), second + i);
  }
}

template <class Function, class T, unsigned kWanted>
struct EvaluateStep {
  using V = Lanes<T>;
  using P = typename Function::template Parameters<double>;
  P p;
  Limits limits;

  explicit EvaluateStep(const double* numbers)
      : p(bind_parameters<P, double>(numbers)), limits(Function::limits(p)) {}

  GRADKEEP_INLINE void operator()(V x, V& first, V& second) const {
    V y, dy, d2y;
    Function::kernel(x, p, y, dy, d2y);
    first = kWanted & kValue ? y : kWanted & kSlope ? dy : d2y;
    second = dy;
    const auto finite = abs(x) <= V(static_cast<double>(std::numeric_limits<T>::max()));
    if (HWY_UNLIKELY(!hn::AllTrue(typename V::Tag(), finite.raw))) {
      first = select(finite, first,
                     beyond_reals(x, kWanted & kValue   ? 0
                                     : kWanted & kSlope ? 1
                                                        : 2));
      second = select(finite, second, beyond_reals(x, 1));
    }
  }

  // The limits at +-inf; NaN stays NaN.
  GRADKEEP_INLINE V beyond_reals(V x, int order) const {
    return select(x > V(0.0), V(limits.plus[order]), select(x < V(0.0), V(limits.minus[order]), x));
  }
};

template <class Function, class T, unsigned kWanted>
GRADKEEP_LOOP void evaluate_loop(const T* x, T* out, size_t n, const double* p) {
  for_vectors<T>(x, out, nullptr, n, EvaluateStep<Function, T, kWanted>(p));
}
template <class Function, class T>
GRADKEEP_LOOP void value_and_slope_loop(const T* x, T* y, T* dy, size_t n, const double* p) {
  for_vectors<T>(x, y, dy, n, EvaluateStep < Function, T, kValue | kSlope > (p));
}

template <class Function, class T, unsigned kWanted>
struct FromOutputStep {
  using V = Lanes<T>;
  typename Function::template Parameters<double> p;
  GRADKEEP_INLINE void operator()(V y, V& first, V&) const {
    V dy, d2y;
    Function::from_output(y, p, dy, d2y);
    first = keep_nan(y, kWanted == kSlope ? dy : d2y);
  }
};
template <class Function, class T, unsigned kWanted>
GRADKEEP_LOOP void from_output_loop(const T* y, T* out, size_t n, const double* p) {
  using P = typename Function::template Parameters<double>;
  for_vectors<T>(y, out, nullptr, n,
                 FromOutputStep<Function, T, kWanted>{bind_parameters<P, double>(p)});
}

template <class Function, class T, int kIndex>
struct ParameterStep {
  using V = Lanes<T>;
  using P = typename Function::template Parameters<V>;
  typename Function::template Parameters<double> p;
  GRADKEEP_INLINE void operator()(V x, V& first, V&) const {
    P dp;
    Function::parameter_slopes(x, p, dp);
    first = keep_nan(x, detail::nth_parameter<V>(dp, kIndex));
  }
};
template <class Function, class T, int kIndex>
GRADKEEP_LOOP void parameter_slope_loop(const T* x, T* out, size_t n, const double* p) {
  using P = typename Function::template Parameters<double>;
  for_vectors<T>(x, out, nullptr, n,
                 ParameterStep<Function, T, kIndex>{bind_parameters<P, double>(p)});
}

// The exact tier, float32: evaluate in double, and ask whether an error of 2^-46 (64 times what the
// kernels are claimed to have) could round to another float; if so, the scalar answers with 106 bits.
// Where addends cancel, near a zero that the claims name, the error is relative to the addends.
template <class Function, int kOrder, detail::Scalar kScalar>
struct ExactStep {
  static constexpr double kRelativeError = 0x1p-46;
  EvaluateStep<Function, double, 1u << kOrder> evaluate;
  const double* p;
  detail::Cancellations cancellations;

  explicit ExactStep(const double* numbers)
      : evaluate(numbers), p(numbers), cancellations(Function::claims(), kOrder) {}

  using Tag = F64::Tag;
  using Half = hn::Rebind<float, Tag>;

  // To float, to nearest even; Highway's scalar version would turn an overflow into the largest float.
  static GRADKEEP_INLINE hn::Vec<Half> narrow(F64 v) {
#if HWY_TARGET == HWY_SCALAR
    return hn::Vec<Half>(static_cast<float>(v.raw.raw));
#else
    return hn::DemoteTo(Half(), v.raw);
#endif
  }

  GRADKEEP_INLINE hn::Vec<Half> operator()(hn::Vec<Half> xf) const {
    const Half half;
    const F64 x(hn::PromoteTo(Tag(), xf));
    F64 y, unused;
    evaluate(x, y, unused);
    F64 scale = abs(y);
    for (int i = 0; i < cancellations.count; ++i) {
      const auto& c = cancellations.interval[i];
      const auto near = (x >= F64(c.low)) & (x <= F64(c.high));
      const F64 floor(c.scale);
      scale = select(near & (floor > scale), floor, scale);
    }
    const F64 error = scale * F64(kRelativeError);
    const auto low = narrow(y - error);
    const auto high = narrow(y + error);
    auto result = narrow(y);
    const auto doubtful = hn::And(hn::Ne(low, high), hn::Eq(result, result));
    if (HWY_UNLIKELY(!hn::AllFalse(half, doubtful))) result = decide(xf, result, doubtful);
    return result;
  }

  HWY_NOINLINE hn::Vec<Half> decide(hn::Vec<Half> x, hn::Vec<Half> y,
                                    hn::Mask<Half> doubtful) const {
    const Half half;
    constexpr size_t kMost = HWY_MAX_BYTES / sizeof(double);
    HWY_ALIGN float in[kMost], out[kMost], flag[kMost];
    hn::Store(x, half, in);
    hn::Store(y, half, out);
    hn::Store(hn::IfThenElseZero(doubtful, hn::Set(half, 1.0f)), half, flag);
    for (size_t i = 0; i < hn::Lanes(half); ++i) {
      if (flag[i] != 0) out[i] = static_cast<float>(round_to_odd(kScalar(in[i], kOrder, p)));
    }
    return hn::Load(half, out);
  }
};

template <class Function, int kOrder, detail::Scalar kScalar>
GRADKEEP_LOOP void exact_loop(const float* x, float* out, size_t n, const double* p) {
  const ExactStep<Function, kOrder, kScalar> step(p);
  const typename ExactStep<Function, kOrder, kScalar>::Half half;
  const size_t lanes = hn::Lanes(half);
  size_t i = 0;
  for (; i + lanes <= n; i += lanes) hn::StoreU(step(hn::LoadU(half, x + i)), half, out + i);
  if (i == n) return;
  HWY_ALIGN float buffer[HWY_MAX_BYTES / sizeof(double)] = {};
  std::copy(x + i, x + n, buffer);
  hn::Store(step(hn::Load(half, buffer)), half, buffer);
  std::copy(buffer, buffer + (n - i), out + i);
}

// float64 has no wider lanes: every element takes the 106-bit scalar.
template <int kOrder, detail::Scalar kScalar>
void exact_loop_f64(const double* x, double* out, size_t n, const double* p) {
  for (size_t i = 0; i < n; ++i) out[i] = kScalar(x[i], kOrder, p).hi;
}

template <class Function, class T>
constexpr KernelTable<T> make_table_without_exact() {
  using P = typename Function::template Parameters<double>;
  constexpr size_t parameters = std::is_empty_v<P> ? 0 : sizeof(P) / sizeof(double);
  KernelTable<T> t = {};
  t.evaluate[0] = evaluate_loop<Function, T, kValue>;
  t.evaluate[1] = evaluate_loop<Function, T, kSlope>;
  t.evaluate[2] = evaluate_loop<Function, T, kCurvature>;
  t.value_and_slope = value_and_slope_loop<Function, T>;
  if constexpr (requires(Lanes<T> y, P p) { Function::from_output(y, p, y, y); }) {
    t.from_output[1] = from_output_loop<Function, T, kSlope>;
    t.from_output[2] = from_output_loop<Function, T, kCurvature>;
  }
  if constexpr (parameters > 0) t.parameter_slope[0] = parameter_slope_loop<Function, T, 0>;
  if constexpr (parameters > 1) t.parameter_slope[1] = parameter_slope_loop<Function, T, 1>;
  if constexpr (parameters > 2) t.parameter_slope[2] = parameter_slope_loop<Function, T, 2>;
  if constexpr (parameters > 3) t.parameter_slope[3] = parameter_slope_loop<Function, T, 3>;
  return t;
}

template <class Function, detail::Scalar kScalar>
constexpr Kernels make_kernels() {
  Kernels k = {make_table_without_exact<Function, float>(),
               make_table_without_exact<Function, double>()};
  k.f32.exact[0] = exact_loop<Function, 0, kScalar>;
  k.f32.exact[1] = exact_loop<Function, 1, kScalar>;
  k.f32.exact[2] = exact_loop<Function, 2, kScalar>;
  k.f64.exact[0] = exact_loop_f64<0, kScalar>;
  k.f64.exact[1] = exact_loop_f64<1, kScalar>;
  k.f64.exact[2] = exact_loop_f64<2, kScalar>;
  return k;
}

}  // namespace gradkeep::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
