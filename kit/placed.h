// Arrays of this process where a layout wants them: so many elements after a boundary of 64 bytes.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "kit/target.h"

namespace gradkeep::kit {

template <class T>
class Placed {
 public:
  Placed(std::size_t size, const Layout& layout) {
    const std::size_t step = 64 / sizeof(T);
    const auto offset = static_cast<std::size_t>(layout.offset.value_or(0));
    room_.resize(size + offset + step);
    const auto place = reinterpret_cast<std::uintptr_t>(room_.data()) / sizeof(T);
    numbers_ = std::span<T>(room_).subspan((step - place % step) % step + offset, size);
  }
  Placed(std::span<const double> values, const Layout& layout) : Placed(values.size(), layout) {
    for (std::size_t i = 0; i < values.size(); ++i) numbers_[i] = static_cast<T>(values[i]);
  }
  Placed(const Placed&) = delete;
  Placed& operator=(const Placed&) = delete;

  std::span<T> numbers() const { return numbers_; }

 private:
  std::vector<T> room_;
  std::span<T> numbers_;
};

template <class T>
std::vector<double> as_doubles(std::span<const T> numbers) {
  std::vector<double> v(numbers.size());
  for (std::size_t i = 0; i < v.size(); ++i) v[i] = static_cast<double>(numbers[i]);
  return v;
}

}  // namespace gradkeep::kit
