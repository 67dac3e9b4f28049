// SIMD passes, dispatched as the kernels are.
// SPDX-License-Identifier: Apache-2.0
#include "core/passes.h"

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
void multiply_f32(const float* a, const float* b, float* out, size_t n) {
  multiply_loop(a, b, out, n);
}
void multiply_f64(const double* a, const double* b, double* out, size_t n) {
  multiply_loop(a, b, out, n);
}

}  // namespace gradkeep::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace gradkeep {
HWY_EXPORT(multiply_f32);
HWY_EXPORT(multiply_f64);

void detail::multiply(const float* a, const float* b, float* out, std::size_t n) {
  HWY_DYNAMIC_DISPATCH(multiply_f32)(a, b, out, n);
}
void detail::multiply(const double* a, const double* b, double* out, std::size_t n) {
  HWY_DYNAMIC_DISPATCH(multiply_f64)(a, b, out, n);
}
}  // namespace gradkeep
#endif
