// The loops of core/piecewise.h.
// SPDX-License-Identifier: Apache-2.0
#include "core/piecewise.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <limits>
#include <utility>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "core/piecewise.cc"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace gradkeep::HWY_NAMESPACE {

using detail::Loop;
using detail::Piecewise;

#if HWY_TARGET <= HWY_AVX3

// Two registers hold the 32 numbers of one coefficient; the segment's number picks one for each lane.
struct Lookup {
  __m512 low, high;
  explicit HWY_INLINE HWY_ATTR Lookup(const float* table)
      : low(_mm512_load_ps(table)), high(_mm512_load_ps(table + 16)) {}
  HWY_INLINE HWY_ATTR __m512 operator()(__m512i index) const {
    return _mm512_permutex2var_ps(low, index, high);
  }
};

HWY_INLINE HWY_ATTR __m512 masked(__m512 v, __m512i bits) {
  return _mm512_castsi512_ps(_mm512_and_si512(_mm512_castps_si512(v), bits));
}

constexpr size_t kLanes = Piecewise::kLanes, kBlock = Piecewise::kBlock;

// The kernel's answers for the numbers of a block that lie outside the segments.
HWY_NOINLINE HWY_ATTR void ask_kernel(Loop<float> kernel, const double* p, const __mmask16* outside,
                                      const float* x, float* out, size_t n) {
  const __m512i lanes = _mm512_set_epi32(15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0);
  int32_t at[kBlock + kLanes];
  float answer[kBlock];
  size_t count = 0;
  for (size_t i = 0; i < n; i += kLanes) {
    const __mmask16 mask = outside[i / kLanes];
    const __m512i here = _mm512_add_epi32(_mm512_set1_epi32(static_cast<int>(i)), lanes);
    _mm512_storeu_si512(at + count, _mm512_maskz_compress_epi32(mask, here));
    count += static_cast<size_t>(std::popcount(mask));
  }
  for (size_t k = 0; k < count; ++k) answer[k] = x[at[k]];
  kernel(answer, answer, count, p);
  for (size_t k = 0; k < count; ++k) out[at[k]] = answer[k];
}

template <int kDegree, bool kTimes, bool kTwoScales>
HWY_NOINLINE void piecewise_loop(const Piecewise& q, Loop<float> kernel, const double* p,
                                 const float* x, float* out, size_t n) {
  const Lookup center(q.center);
  const auto c = [&]<size_t... k>(std::index_sequence<k...>) HWY_ATTR {
    return std::array{Lookup(q.c[k])...};
  }(std::make_index_sequence<kDegree + 1>());
  const __m512i size_bits = _mm512_set1_epi32(0x7fffffff), all_bits = _mm512_set1_epi32(-1);
  const __m512i argument_bits = q.folded ? size_bits : all_bits;
  const __m512i factor_bits = q.even ? size_bits : all_bits;
  const __m512 left_scale = _mm512_set1_ps(q.left_scale);
  const __m512 right_scale = _mm512_set1_ps(q.right_scale);
  const __m512 low = _mm512_set1_ps(q.low);
  const bool beyond_too = q.end <= q.high;
  const __m512 high = _mm512_set1_ps(beyond_too ? std::numeric_limits<float>::max() : q.high);
  const __m512 end = _mm512_set1_ps(q.end);
  // Adding it rounds to an integer, here upwards, and leaves that integer in the low bits: segments are
  // open on the left, since at a kink the left branch answers.
  constexpr int kUpwards = _MM_FROUND_TO_POS_INF | _MM_FROUND_NO_EXC;
  const __m512 rounder = _mm512_set1_ps(0x1.8p23f + static_cast<float>(q.left - 1));

  for (size_t block = 0; block < n; block += kBlock) {
    const size_t stop = std::min(n, block + kBlock);
    __mmask16 outside[kBlock / kLanes];
    unsigned any = 0;
    for (size_t i = block; i < stop; i += kLanes) {
      const auto active =
          static_cast<__mmask16>(stop - i >= kLanes ? 0xffffu : (1u << (stop - i)) - 1u);
      const __m512 v = _mm512_maskz_loadu_ps(active, x + i);
      const __m512 argument = masked(v, argument_bits);
      const __m512 a = _mm512_min_ps(end, argument);
      __m512i index;
      if constexpr (kTwoScales) {
        const __m512 place =
            _mm512_min_ps(_mm512_mul_ps(a, left_scale), _mm512_mul_ps(a, right_scale));
        index = _mm512_castps_si512(_mm512_add_round_ps(place, rounder, kUpwards));
      } else {
        index = _mm512_castps_si512(_mm512_fmadd_round_ps(a, right_scale, rounder, kUpwards));
      }
      const __m512 t = _mm512_sub_ps(a, center(index));
      __m512 y = c[kDegree](index);
      for (size_t k = kDegree - 1; k > 0; --k) y = _mm512_fmadd_ps(y, t, c[k](index));
      if constexpr (kTimes) {  // the factor is taken to both addends: one rounding less
        const __m512 factor = masked(v, factor_bits);
        y = _mm512_fmadd_ps(factor, c[0](index), _mm512_mul_ps(factor, _mm512_mul_ps(y, t)));
      } else {
        y = _mm512_fmadd_ps(y, t, c[0](index));
      }
      const __mmask16 inside = _mm512_mask_cmp_ps_mask(
          _mm512_mask_cmp_ps_mask(active, argument, low, _CMP_GT_OQ), argument, high, _CMP_LE_OQ);
      // Where out is x, what the kernel has to answer must still be there afterwards.
      _mm512_mask_storeu_ps(out + i, inside, y);
      outside[(i - block) / kLanes] = static_cast<__mmask16>(active & ~inside);
      any |= static_cast<unsigned>(active & ~inside);
    }
    if (HWY_UNLIKELY(any != 0))
      ask_kernel(kernel, p, outside, x + block, out + block, stop - block);
  }
}

bool has_piecewise() { return true; }

void piecewise(const Piecewise& q, Loop<float> kernel, const double* p, const float* x, float* out,
               size_t n) {
  using Run = decltype(&piecewise_loop<3, false, false>);
  static constexpr auto loops = []<int... degree>(std::integer_sequence<int, degree...>) {
    constexpr int k = Piecewise::kLeastDegree;
    return std::array<std::array<Run, 4>, sizeof...(degree)>{
        {{piecewise_loop<k + degree, false, false>, piecewise_loop<k + degree, false, true>,
          piecewise_loop<k + degree, true, false>, piecewise_loop<k + degree, true, true>}...}};
  }(std::make_integer_sequence<int, Piecewise::kMostDegree - Piecewise::kLeastDegree + 1>());
  const bool two_scales = q.left_scale != q.right_scale;
  loops[static_cast<size_t>(q.degree - Piecewise::kLeastDegree)]
       [2u * q.times_argument + two_scales](q, kernel, p, x, out, n);
}

#else

bool has_piecewise() { return false; }
void piecewise(const Piecewise&, Loop<float>, const double*, const float*, float*, size_t) {}

#endif

}  // namespace gradkeep::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace gradkeep {

HWY_EXPORT(has_piecewise);
HWY_EXPORT(piecewise);

namespace detail {

bool target_has_polynomials() { return HWY_DYNAMIC_DISPATCH(has_piecewise)(); }

void evaluate(const Piecewise& polynomials, Loop<float> kernel, const double* p, const float* x,
              float* out, std::size_t n) {
  HWY_DYNAMIC_DISPATCH(piecewise)(polynomials, kernel, p, x, out, n);
}

}  // namespace detail
}  // namespace gradkeep
#endif
