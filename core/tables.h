// The 16-bit types have 65,536 numbers: with its default parameters a function is a table of as many
// results, filled through the exact tier when it is first asked for, and correctly rounded in both
// tiers. It takes 128 KiB, of which inputs of everyday size touch a few, and about a millisecond.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gradkeep/float16.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "core/made_once.h"

namespace gradkeep::detail {

inline constexpr std::size_t kTableSize = 65536;

// The results of f, f' or f'' by bit pattern; fill(x, out, n) says what belongs there. nullptr if there is
// no table: for other parameters than the defaults, and for functions that round once, whose kernels are
// as quick.
template <class T, class Fill>
const std::uint16_t* table(const Definition& definition, int order, const double* p,
                           const Fill& fill) {
  if (definition.rounds_once || !has_default_parameters(definition, p)) return nullptr;
  return made_once(definition.tables[T::kExponentBias == 127][order], [&] {
    std::vector<T> x(kTableSize), y(kTableSize);
    for (std::size_t k = 0; k < kTableSize; ++k) x[k] = T::of_bits(static_cast<std::uint16_t>(k));
    fill(x.data(), y.data(), kTableSize);
    auto made = std::make_unique<std::uint16_t[]>(kTableSize);
    for (std::size_t k = 0; k < kTableSize; ++k) made[k] = y[k].bits;
    return made;
  });
}

// out[i] = table[x[i]]; out may be x. Eight results are stored together: where each is stored alone, a
// processor may take its address for that of one of the next look-ups, and wait.
template <class T>
void look_up(const std::uint16_t* table, const T* x, T* out, std::size_t n) {
  constexpr std::size_t kTogether = 8;
  std::size_t i = 0;
  for (; i + kTogether <= n; i += kTogether) {
    const auto at = [&](std::size_t k) { return T::of_bits(table[x[i + k].bits]); };
    const std::array<T, kTogether> found{at(0), at(1), at(2), at(3), at(4), at(5), at(6), at(7)};
    std::copy(found.begin(), found.end(), out + i);
  }
  for (; i < n; ++i) out[i].bits = table[x[i].bits];
}

}  // namespace gradkeep::detail
