// g++ turns a product and a sum of Highway's into one fused operation on targets that have it, unless
// told not to. The library's build option tells it; this test would notice if it were lost.
// SPDX-License-Identifier: Apache-2.0
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "tests/core/contraction_test.cc"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace gradkeep::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

double product_plus(const double* a, const double* b, const double* c) {
  const hn::CappedTag<double, 1> tag;
  return hn::GetLane(hn::Add(hn::Mul(hn::Load(tag, a), hn::Load(tag, b)), hn::Load(tag, c)));
}

}  // namespace gradkeep::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
#include <gtest/gtest.h>

#include "hwy/targets.h"

namespace gradkeep {
HWY_EXPORT(product_plus);

TEST(Contraction, ProductAndSumAreTwoRoundings) {
  const double a = 1 + 0x1p-30, b = 1 - 0x1p-30, c = -1;  // a b = 1 - 2^-60 rounds to 1
  for (const std::int64_t target : hwy::SupportedAndGeneratedTargets()) {
    hwy::SetSupportedTargetsForTest(target);
    hwy::GetChosenTarget().Update(hwy::SupportedTargets());
    EXPECT_EQ(HWY_DYNAMIC_DISPATCH(product_plus)(&a, &b, &c), 0.0) << hwy::TargetName(target);
  }
  hwy::SetSupportedTargetsForTest(0);
  hwy::GetChosenTarget().Update(hwy::SupportedTargets());
}

}  // namespace gradkeep
#endif
