// What the loss is multiplied by before backward, so that small derivatives do not round to 0 in a
// 16-bit format; gradients are divided by it again before anybody uses them. Dynamic scaling is that of
// torch's GradScaler: too large a scale is found out by derivatives that overflow, which costs the
// step, and a larger one is tried after many steps without. It has a lower end: what overflows there
// too is helped by no scale.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <span>

namespace gradkeep::nn {

struct LossScaleSpec {
  double start = 1;
  bool dynamic = false;
};
inline constexpr LossScaleSpec kDynamicLossScale{65536, true};

// Whether a scale was small enough: no gradient overflowed.
template <class T>
bool all_finite(std::span<const T> gradients) {
  return std::all_of(gradients.begin(), gradients.end(), [](T v) { return std::isfinite(v); });
}

class LossScale {
 public:
  static constexpr int kPatience = 2000;  // good steps in a row before the scale is doubled
  static constexpr double kSmallest = 0x1p-24;

  explicit LossScale(const LossScaleSpec& spec) : scale_(spec.start), dynamic_(spec.dynamic) {}
  double now() const { return scale_; }
  bool dynamic() const { return dynamic_; }
  std::int64_t skipped() const { return skipped_; }  // steps whose gradient overflowed

  // After each step of dynamic scaling: whether all gradients were finite.
  void saw(bool finite) {
    good_ = finite ? good_ + 1 : 0;
    if (!finite) {
      ++skipped_;
      scale_ = std::max(scale_ / 2, kSmallest);
    } else if (good_ == kPatience) {
      good_ = 0;
      scale_ *= 2;
    }
  }

 private:
  double scale_;
  bool dynamic_;
  int good_ = 0;
  std::int64_t skipped_ = 0;
};

}  // namespace gradkeep::nn
