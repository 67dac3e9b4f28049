// Dividing a range among threads (gradkeep/threads.h tells when).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

namespace gradkeep::detail {

using RangeWork = void (*)(const void* context, std::size_t begin, std::size_t end);
void parallel_ranges(std::size_t n, std::size_t elements_each, RangeWork work, const void* context);

// Calls work(begin, end) for parts of [0, n), which together hold n * elements_each numbers.
template <class Work>
void parallel(std::size_t n, std::size_t elements_each, const Work& work) {
  parallel_ranges(
      n, elements_each,
      [](const void* context, std::size_t begin, std::size_t end) {
        (*static_cast<const Work*>(context))(begin, end);
      },
      &work);
}

}  // namespace gradkeep::detail
