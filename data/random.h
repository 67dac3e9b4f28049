// Random numbers whose bits are defined here and not by the standard library: SplitMix64 (Steele,
// Lea and Flood 2014), which hashes a counter. Number n of a sequence depends on the seed, the
// stream and n alone, so a layer, a split and a shuffle each draw from a stream of their own and
// adding one of them does not disturb the others. uniform() is the same on every machine; normal()
// calls log and sqrt and is the same wherever the C library's log rounds alike.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>
#include <cstdint>
#include <span>
#include <utility>

namespace gradkeep::data {

class Random {
 public:
  explicit Random(std::uint64_t seed, std::uint64_t stream = 0)
      : counter_(mix(mix(seed + kStep) + kStep * (stream + 1))) {}

  std::uint64_t bits() { return mix(counter_ += kStep); }

  // In [0, 1), a multiple of 2^-53.
  double uniform() { return static_cast<double>(bits() >> 11) * 0x1p-53; }

  // In [0, n), n > 0, every value equally likely: draws that would favour small values are
  // repeated.
  std::uint64_t below(std::uint64_t n) {
    const std::uint64_t rejected = (0 - n) % n;  // 2^64 mod n
    std::uint64_t drawn = bits();
    while (drawn < rejected) drawn = bits();
    return drawn % n;
  }

  // Mean 0, standard deviation 1: Marsaglia's polar method; of its pair one is kept for later.
  double normal() {
    if (has_spare_) {
      has_spare_ = false;
      return spare_;
    }
    double u, v, square;
    do {
      u = 2 * uniform() - 1;
      v = 2 * uniform() - 1;
      square = u * u + v * v;
    } while (square >= 1 || square == 0);
    const double factor = std::sqrt(-2 * std::log(square) / square);
    spare_ = v * factor;
    has_spare_ = true;
    return u * factor;
  }

  template <class T>
  void shuffle(std::span<T> items) {
    for (std::size_t i = items.size(); i > 1; --i) std::swap(items[i - 1], items[below(i)]);
  }

 private:
  static constexpr std::uint64_t kStep = 0x9e3779b97f4a7c15;  // 2^64 / golden ratio, odd

  // SplitMix64's finaliser: a bijection whose every output bit depends on every input bit.
  static std::uint64_t mix(std::uint64_t z) {
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
  }

  std::uint64_t counter_;
  double spare_ = 0;
  bool has_spare_ = false;
};

}  // namespace gradkeep::data
