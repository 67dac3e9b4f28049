// Rounding to 16 bits by core's conversions, a block at a time; see format.h.
// SPDX-License-Identifier: Apache-2.0
#include "nn/format.h"

#include <algorithm>
#include <array>

#include "core/storage.h"

namespace gradkeep::nn {
namespace {

template <class Half>
void through(std::span<float> values) {
  std::array<Half, 1024> block;
  for (std::size_t first = 0; first < values.size(); first += block.size()) {
    const std::size_t count = std::min(block.size(), values.size() - first);
    detail::narrow(values.data() + first, block.data(), count);
    detail::widen(block.data(), values.data() + first, count);
  }
}

}  // namespace

void round_each(NumberFormat format, std::span<float> values) {
  if (format == NumberFormat::bf16) through<BFloat16>(values);
  if (format == NumberFormat::f16) through<Float16>(values);
}

}  // namespace gradkeep::nn
