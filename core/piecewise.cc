// The loops of core/piecewise.h.
// SPDX-License-Identifier: Apache-2.0
#include "core/piecewise.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <cstring>
#include <limits>
#include <type_traits>
#include <utility>

#include "core/storage.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "core/piecewise.cc"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace gradkeep::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using detail::Decider;
using detail::Loop;
using detail::Piecewise;

#if HWY_TARGET <= HWY_AVX3

// Rounding upwards: segments are open on the left, since at a kink the left branch answers.
constexpr int kUpwards = _MM_FROUND_TO_POS_INF | _MM_FROUND_NO_EXC;

// What Highway has no word for, over floats and over doubles.
template <class T>
using Lanes = hn::Vec<hn::ScalableTag<T>>;

HWY_INLINE HWY_ATTR Lanes<float> load_lanes(hn::ScalableTag<float>, __mmask16 m, const float* x) {
  return Lanes<float>{_mm512_maskz_loadu_ps(m, x)};
}
HWY_INLINE HWY_ATTR Lanes<double> load_lanes(hn::ScalableTag<double>, __mmask8 m, const float* x) {
  return Lanes<double>{_mm512_cvtps_pd(_mm256_maskz_loadu_ps(m, x))};
}
HWY_INLINE HWY_ATTR Lanes<float> pick(Lanes<float> low, __m512i index, Lanes<float> high) {
  return Lanes<float>{_mm512_permutex2var_ps(low.raw, index, high.raw)};
}
HWY_INLINE HWY_ATTR Lanes<double> pick(Lanes<double> low, __m512i index, Lanes<double> high) {
  return Lanes<double>{_mm512_permutex2var_pd(low.raw, index, high.raw)};
}
// The low bits of a scale + rounder.
HWY_INLINE HWY_ATTR __m512i index_of(Lanes<float> a, Lanes<float> scale, Lanes<float> rounder) {
  return _mm512_castps_si512(_mm512_fmadd_round_ps(a.raw, scale.raw, rounder.raw, kUpwards));
}
HWY_INLINE HWY_ATTR __m512i index_of(Lanes<double> a, Lanes<double> scale, Lanes<double> rounder) {
  return _mm512_castpd_si512(_mm512_fmadd_round_pd(a.raw, scale.raw, rounder.raw, kUpwards));
}
// Which of the lanes m lie above low and not above high.
HWY_INLINE HWY_ATTR __mmask16 within(__mmask16 m, Lanes<float> low, Lanes<float> a,
                                     Lanes<float> high) {
  m = _mm512_mask_cmp_ps_mask(m, a.raw, low.raw, _CMP_GT_OQ);
  return _mm512_mask_cmp_ps_mask(m, a.raw, high.raw, _CMP_LE_OQ);
}
HWY_INLINE HWY_ATTR __mmask8 within(__mmask8 m, Lanes<double> low, Lanes<double> a,
                                    Lanes<double> high) {
  m = _mm512_mask_cmp_pd_mask(m, a.raw, low.raw, _CMP_GT_OQ);
  return _mm512_mask_cmp_pd_mask(m, a.raw, high.raw, _CMP_LE_OQ);
}

// What becomes of the results y of the lanes `inside`. Each of them tells which lanes it has answered.
struct StoreFast {
  HWY_INLINE HWY_ATTR __mmask16 operator()(__m512 y, __mmask16 inside, float* out) const {
    _mm512_mask_storeu_ps(out, inside, y);
    return inside;
  }
};
struct StoreRaw {
  HWY_INLINE HWY_ATTR __mmask8 operator()(__m512d y, __mmask8 inside, double* out) const {
    _mm512_mask_storeu_pd(out, inside, y);
    return inside;
  }
};
// Rounds where the middle between two floats is further away than y may be wrong, and y is no less than
// the smallest normal float: below it the middles lie elsewhere.
struct StoreRounded {
  // A double has 29 bits more than a float, and y's unit in the last place is at most 2^-52 |y|.
  static constexpr std::int64_t kMiddle = std::int64_t{1} << 28, kEnd = 2 * kMiddle;
  static constexpr auto kDoubt = static_cast<std::int64_t>(detail::kPolynomialError * 0x1p53);
  static_assert((kDoubt & (kDoubt - 1)) == 0);
  static constexpr double kLeast = 0x1p-126;

  HWY_INLINE HWY_ATTR __mmask8 operator()(__m512d y, __mmask8 inside, float* out) const {
    const __m512i past_doubt =
        _mm512_add_epi64(_mm512_castpd_si512(y), _mm512_set1_epi64(kMiddle + kDoubt));
    const __mmask8 normal =
        _mm512_mask_cmp_pd_mask(inside, _mm512_abs_pd(y), _mm512_set1_pd(kLeast), _CMP_GE_OQ);
    const __mmask8 decided =
        _mm512_mask_test_epi64_mask(normal, past_doubt, _mm512_set1_epi64(kEnd - 2 * kDoubt));
    _mm256_mask_storeu_ps(out, decided, _mm512_cvtpd_ps(y));
    return decided;
  }
};

// One bit for each number of a block.
constexpr size_t kBlock = detail::kPiecewiseBlock;
using Open = std::array<unsigned char, kBlock / 8>;

// Asks for the numbers of a block of n that are marked.
template <class Ask>
HWY_NOINLINE HWY_ATTR void ask_kernel(const Ask& ask, const Open& open, const float* x, float* out,
                                      size_t n) {
  std::uint16_t at[kBlock];
  float answer[kBlock];
  size_t count = 0;
  for (size_t word = 0; 64 * word < n; ++word) {
    std::uint64_t bits;
    std::memcpy(&bits, open.data() + 8 * word, sizeof bits);
    for (; bits != 0; bits &= bits - 1) {
      at[count++] = static_cast<std::uint16_t>(64 * word + std::countr_zero(bits));
    }
  }
  if (count == 0) return;
  for (size_t k = 0; k < count; ++k) answer[k] = x[at[k]];
  ask(answer, count);
  for (size_t k = 0; k < count; ++k) out[at[k]] = answer[k];
}

template <class T, class Store, class Out, class Ask, int kDegree, bool kTimes, bool kTwoScales>
HWY_NOINLINE void piecewise_loop(const Piecewise<T>& q, const Ask& ask, const float* x, Out* out,
                                 size_t n) {
  using V = Lanes<T>;
  using Mask = decltype(hn::Mask<hn::ScalableTag<T>>::raw);
  const hn::ScalableTag<T> tag;
  constexpr size_t kLanes = Piecewise<T>::kLanes;
  struct Lookup {
    V low, high;
    explicit HWY_INLINE HWY_ATTR Lookup(const T* table)
        : low(hn::Load(hn::ScalableTag<T>(), table)),
          high(hn::Load(hn::ScalableTag<T>(), table + kLanes)) {}
    HWY_INLINE HWY_ATTR V operator()(__m512i index) const { return pick(low, index, high); }
  };
  const Lookup center(q.center);
  const auto c = [&]<size_t... k>(std::index_sequence<k...>) HWY_ATTR {
    return std::array{Lookup(q.c[k])...};
  }(std::make_index_sequence<kDegree + 1>());
  const V sign_bit = hn::SignBit(tag);
  const V argument_clear = q.folded ? sign_bit : hn::Zero(tag);
  const V factor_clear = q.even ? sign_bit : hn::Zero(tag);
  const V one = hn::Set(tag, 1);
  const V left_scale = hn::Set(tag, q.left_scale), right_scale = hn::Set(tag, q.right_scale);
  const V low = hn::Set(tag, static_cast<T>(q.low)), end = hn::Set(tag, static_cast<T>(q.end));
  const bool beyond_too = q.end <= q.high;
  const V high =
      hn::Set(tag, static_cast<T>(beyond_too ? std::numeric_limits<float>::max() : q.high));
  // Adding it rounds to an integer and leaves that integer in the low bits.
  constexpr T kRounder = 3 * (T{1} / std::numeric_limits<T>::epsilon()) / 2;
  const V rounder = hn::Set(tag, kRounder + static_cast<T>(q.left - 1));
  const Store store;

  for (size_t block = 0; block < n; block += kBlock) {
    const size_t stop = std::min(n, block + kBlock);
    Open open;  // the numbers that wait for the kernel
    unsigned any = 0;
    for (size_t i = block; i < stop; i += kLanes) {
      const auto active =
          static_cast<Mask>(stop - i >= kLanes ? Mask(~Mask{}) : (1u << (stop - i)) - 1u);
      const V v = load_lanes(tag, active, x + i);
      const V argument = hn::AndNot(argument_clear, v);
      const V a = hn::Min(end, argument);
      __m512i index;
      if constexpr (kTwoScales) {
        index = index_of(hn::Min(hn::Mul(a, left_scale), hn::Mul(a, right_scale)), one, rounder);
      } else {
        index = index_of(a, right_scale, rounder);
      }
      const V t = hn::Sub(a, center(index));
      // c[2] + t (c[3] + ...) in two chains, of every other coefficient: a chain's length is what the
      // processor waits for.
      const V t2 = hn::Mul(t, t);
      std::array<V, 2> chain{c[kDegree](index), c[kDegree - 1](index)};
      for (size_t k = 2; k < kDegree - 1; ++k) {
        chain[k % 2] = hn::MulAdd(chain[k % 2], t2, c[kDegree - k](index));
      }
      V y = hn::MulAdd(chain[(kDegree + 1) % 2], t, chain[kDegree % 2]);
      y = hn::MulAdd(y, t, c[1](index));
      if constexpr (kTimes) {  // the factor is taken to both addends: one rounding less
        const V factor = hn::AndNot(factor_clear, v);
        y = hn::MulAdd(factor, c[0](index), hn::Mul(factor, hn::Mul(y, t)));
      } else {
        y = hn::MulAdd(y, t, c[0](index));
      }
      // Where out is x, what the kernel has to answer must still be there afterwards.
      const Mask answered = store(y.raw, within(active, low, argument, high), out + i);
      const auto left = static_cast<Mask>(active & ~answered);
      std::memcpy(open.data() + (i - block) / 8, &left, sizeof left);
      any |= left;
    }
    if constexpr (std::is_same_v<Out, float>) {
      if (HWY_UNLIKELY(any != 0)) {
        const size_t whole = (stop - block + kLanes - 1) / kLanes * kLanes;
        std::fill(open.begin() + whole / 8, open.end(), 0);
        ask_kernel(ask, open, x + block, out + block, stop - block);
      }
    }
  }
}

// The loop for the degree, the factor and the scales of q.
template <class T, class Store, class Out, class Ask>
void run(const Piecewise<T>& q, const Ask& ask, const float* x, Out* out, size_t n) {
  using Loop = void (*)(const Piecewise<T>&, const Ask&, const float*, Out*, size_t);
  constexpr int kLeast = Piecewise<T>::kLeastDegree;
  static constexpr auto loops = []<int... d>(std::integer_sequence<int, d...>) {
    return std::array<std::array<Loop, 4>, sizeof...(d)>{
        {{piecewise_loop<T, Store, Out, Ask, kLeast + d, false, false>,
          piecewise_loop<T, Store, Out, Ask, kLeast + d, false, true>,
          piecewise_loop<T, Store, Out, Ask, kLeast + d, true, false>,
          piecewise_loop<T, Store, Out, Ask, kLeast + d, true, true>}...}};
  }(std::make_integer_sequence<int, Piecewise<T>::kMostDegree - kLeast + 1>());
  const bool two_scales = q.left_scale != q.right_scale;
  loops[static_cast<size_t>(q.degree - kLeast)][2u * q.times_argument + two_scales](q, ask, x, out,
                                                                                    n);
}

bool has_piecewise() { return true; }

struct AskKernel {
  Loop<float> kernel;
  const double* p;
  void operator()(float* x, size_t n) const { kernel(x, x, n, p); }
};
struct AskRough {
  const Decider& decide;
  void operator()(float* x, size_t n) const {
    double y[kBlock];
    decide.definition.kernels->rough[decide.order](x, y, n, decide.p);
    detail::round_exactly(x, y, x, n, decide);
  }
};
struct AskNobody {};

void piecewise_fast(const Piecewise<float>& q, Loop<float> kernel, const double* p, const float* x,
                    float* out, size_t n) {
  run<float, StoreFast>(q, AskKernel{kernel, p}, x, out, n);
}
void piecewise_exact(const Piecewise<double>& q, const Decider& decide, const float* x, float* out,
                     size_t n) {
  run<double, StoreRounded>(q, AskRough{decide}, x, out, n);
}
void piecewise_raw(const Piecewise<double>& q, const float* x, double* out, size_t n) {
  run<double, StoreRaw>(q, AskNobody{}, x, out, n);
}

#else

bool has_piecewise() { return false; }
void piecewise_fast(const Piecewise<float>&, Loop<float>, const double*, const float*, float*,
                    size_t) {}
void piecewise_exact(const Piecewise<double>&, const Decider&, const float*, float*, size_t) {}
void piecewise_raw(const Piecewise<double>&, const float*, double*, size_t) {}

#endif

}  // namespace gradkeep::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace gradkeep {

HWY_EXPORT(has_piecewise);
HWY_EXPORT(piecewise_fast);
HWY_EXPORT(piecewise_exact);
HWY_EXPORT(piecewise_raw);

namespace detail {

bool target_has_polynomials() { return HWY_DYNAMIC_DISPATCH(has_piecewise)(); }

void evaluate(const Piecewise<float>& polynomials, Loop<float> kernel, const double* p,
              const float* x, float* out, std::size_t n) {
  HWY_DYNAMIC_DISPATCH(piecewise_fast)(polynomials, kernel, p, x, out, n);
}
void evaluate(const Piecewise<double>& polynomials, const Decider& decide, const float* x,
              float* out, std::size_t n) {
  HWY_DYNAMIC_DISPATCH(piecewise_exact)(polynomials, decide, x, out, n);
}
void evaluate(const Piecewise<double>& polynomials, const float* x, double* out, std::size_t n) {
  HWY_DYNAMIC_DISPATCH(piecewise_raw)(polynomials, x, out, n);
}

}  // namespace detail
}  // namespace gradkeep
#endif
