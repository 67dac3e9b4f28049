// Dropout (Srivastava and others 2014): in a training pass every output of a layer is 0 with
// probability `share`, and what is kept is divided by 1 - share, so that the mean stays and
// evaluation has nothing to make up for. The chain rule multiplies by the same factor on the way
// back; the engine folds it into y and into f'(h), which leaves backward as it is.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>

#include "data/random.h"

namespace gradkeep::nn {

// The factors, 0 or 1 / (1 - share), of one layer in one step. The stream is the layer's and the
// step's own, apart from those that initialise() and Batches take from the same seed.
template <class T>
void draw_factors(double share, std::uint64_t seed, std::uint64_t step, std::size_t layer,
                  std::span<T> factors) {
  constexpr std::uint64_t kApart = std::uint64_t{1} << 63;
  data::Random random(seed, kApart + (step << 16) + layer);
  const T kept = static_cast<T>(1 / (1 - share));
  for (T& factor : factors) factor = random.uniform() < share ? T(0) : kept;
}

}  // namespace gradkeep::nn
