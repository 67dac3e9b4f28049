// SIMD passes, dispatched as the kernels are; those over 16-bit numbers go through blocks of floats.
// SPDX-License-Identifier: Apache-2.0
#include "core/passes.h"

#include <algorithm>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "core/passes.cc"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace gradkeep::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

template <class T>
void multiply_loop(const T* a, const T* b, T* out, size_t n) {
  const hn::ScalableTag<T> tag;
  const size_t lanes = hn::Lanes(tag);
  size_t i = 0;
  for (; i + lanes <= n; i += lanes) {
    hn::StoreU(hn::Mul(hn::LoadU(tag, a + i), hn::LoadU(tag, b + i)), tag, out + i);
  }
  for (; i < n; ++i) out[i] = a[i] * b[i];
}
template <class T>
void multiply_loop(const T* a, const T* b, const T* c, T* out, size_t n) {
  const hn::ScalableTag<T> tag;
  const size_t lanes = hn::Lanes(tag);
  size_t i = 0;
  for (; i + lanes <= n; i += lanes) {
    const auto product = hn::Mul(hn::LoadU(tag, a + i), hn::LoadU(tag, b + i));
    hn::StoreU(hn::Mul(product, hn::LoadU(tag, c + i)), tag, out + i);
  }
  for (; i < n; ++i) out[i] = a[i] * b[i] * c[i];
}

void multiply_f32(const float* a, const float* b, float* out, size_t n) {
  multiply_loop(a, b, out, n);
}
void multiply_f64(const double* a, const double* b, double* out, size_t n) {
  multiply_loop(a, b, out, n);
}
void multiply_three_f32(const float* a, const float* b, const float* c, float* out, size_t n) {
  multiply_loop(a, b, c, out, n);
}
void multiply_three_f64(const double* a, const double* b, const double* c, double* out, size_t n) {
  multiply_loop(a, b, c, out, n);
}

}  // namespace gradkeep::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
#include "core/storage.h"

namespace gradkeep {
HWY_EXPORT(multiply_f32);
HWY_EXPORT(multiply_f64);
HWY_EXPORT(multiply_three_f32);
HWY_EXPORT(multiply_three_f64);

namespace detail {
namespace {

// out = a * b * the others, block by block as floats.
template <class T, class... Others>
void multiply_wide(T* out, std::size_t n, const T* a, const T* b, const Others*... others) {
  alignas(64) float product[kBlock];
  alignas(64) [[maybe_unused]] float factor[kBlock];
  for (std::size_t i = 0; i < n; i += kBlock) {
    const std::size_t m = std::min(kBlock, n - i);
    unpack(b + i, product, m);
    (..., (unpack(others + i, factor, m), multiply(product, factor, product, m)));
    pack_product(a + i, product, out + i, m);
  }
}

}  // namespace

void multiply(const float* a, const float* b, float* out, std::size_t n) {
  HWY_DYNAMIC_DISPATCH(multiply_f32)(a, b, out, n);
}
void multiply(const double* a, const double* b, double* out, std::size_t n) {
  HWY_DYNAMIC_DISPATCH(multiply_f64)(a, b, out, n);
}
void multiply(const Float16* a, const Float16* b, Float16* out, std::size_t n) {
  multiply_wide(out, n, a, b);
}
void multiply(const BFloat16* a, const BFloat16* b, BFloat16* out, std::size_t n) {
  multiply_wide(out, n, a, b);
}

void multiply(const float* a, const float* b, const float* c, float* out, std::size_t n) {
  HWY_DYNAMIC_DISPATCH(multiply_three_f32)(a, b, c, out, n);
}
void multiply(const double* a, const double* b, const double* c, double* out, std::size_t n) {
  HWY_DYNAMIC_DISPATCH(multiply_three_f64)(a, b, c, out, n);
}
void multiply(const Float16* a, const Float16* b, const Float16* c, Float16* out, std::size_t n) {
  multiply_wide(out, n, c, a, b);
}
void multiply(const BFloat16* a, const BFloat16* b, const BFloat16* c, BFloat16* out,
              std::size_t n) {
  multiply_wide(out, n, c, a, b);
}

}  // namespace detail
}  // namespace gradkeep
#endif
