// From a definition's kernel to loops over arrays: one loop per order and lane type, the last partial
// vector through a small buffer (so every length gives the same bits). A definition's kernel need only be
// right for finite inputs within its domain: at the domain's ends (+-inf for almost all) the loops put
// the limits that the definition states, outside NaN, and a NaN passes through every kernel as a NaN.
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
#include "core/trigonometry-inl.h"

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

template <class Function, class V, unsigned kWanted>
struct EvaluateStep {
  using P = typename Function::template Parameters<double>;
  P p;
  Limits limits;
  Interval domain;

  explicit EvaluateStep(const double* numbers)
      : p(bind_parameters<P, double>(numbers)),
        limits(Function::limits(p)),
        domain(detail::domain_of<Function>(p)) {}

  GRADKEEP_INLINE void operator()(V x, V& first, V& second) const {
    V y, dy, d2y;
    Function::kernel(x, p, y, dy, d2y);
    first = kWanted & kValue ? y : kWanted & kSlope ? dy : d2y;
    second = dy;
    auto inside = abs(x) <= V(static_cast<double>(std::numeric_limits<typename V::Scalar>::max()));
    if constexpr (detail::kHasDomain<Function>) {
      inside = inside & (x > V::at_most(domain.low)) & (x < V::at_least(domain.high));
    }
    if (HWY_UNLIKELY(!hn::AllTrue(typename V::Tag(), inside.raw))) {
      first = select(inside, first, outside(x, kWanted & kValue ? 0 : kWanted & kSlope ? 1 : 2));
      second = select(inside, second, outside(x, 1));
    }
  }

  // The limits at the domain's ends, NaN beyond them; NaN stays NaN.
  GRADKEEP_INLINE V outside(V x, int order) const {
    const V nan(std::numeric_limits<double>::quiet_NaN());
    const V low(domain.low), high(domain.high);
    const V above = select(x > high, nan, V(limits.plus[order]));
    const V below = select(x < low, nan, V(limits.minus[order]));
    return select(x >= high, above, select(x <= low, below, x));
  }
};

template <class Function, class T, unsigned kWanted>
GRADKEEP_LOOP void evaluate_loop(const T* x, T* out, size_t n, const double* p) {
  for_vectors<T>(x, out, nullptr, n, EvaluateStep<Function, Lanes<T>, kWanted>(p));
}
template <class Function, class T>
GRADKEEP_LOOP void value_and_slope_loop(const T* x, T* y, T* dy, size_t n, const double* p) {
  for_vectors<T>(x, y, dy, n, EvaluateStep<Function, Lanes<T>, (kValue | kSlope)>(p));
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

// The exact tier's first attempt at results of 24 bits or fewer: rough double lanes, which
// core/storage.cc rounds where kRoughError allows one rounding only.
template <class Function, unsigned kWanted>
GRADKEEP_LOOP void rough_loop(const float* x, double* out, size_t n, const double* p) {
  using V = RoughF64;
  const EvaluateStep<Function, V, kWanted> step(p);
  const V::Tag tag;
  const hn::Rebind<float, V::Tag> half;
  const size_t lanes = hn::Lanes(tag);
  V y, unused;
  size_t i = 0;
  for (; i + lanes <= n; i += lanes) {
    step(V(hn::PromoteTo(tag, hn::LoadU(half, x + i))), y, unused);
    hn::StoreU(y.raw, tag, out + i);
  }
  if (i == n) return;
  HWY_ALIGN float in[HWY_MAX_BYTES / sizeof(double)] = {};
  HWY_ALIGN double rest[HWY_MAX_BYTES / sizeof(double)];
  std::copy(x + i, x + n, in);
  step(V(hn::PromoteTo(tag, hn::Load(half, in))), y, unused);
  hn::Store(y.raw, tag, rest);
  std::copy(rest, rest + (n - i), out + i);
}

template <class Function, class T>
constexpr KernelTable<T> make_table() {
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

template <class Function>
constexpr Kernels make_kernels() {
  return {make_table<Function, float>(),
          make_table<Function, double>(),
          {rough_loop<Function, kValue>, rough_loop<Function, kSlope>,
           rough_loop<Function, kCurvature>}};
}

}  // namespace gradkeep::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
