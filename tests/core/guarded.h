// Memory between two pages that nobody may touch: a read or write one byte outside ends the test.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstddef>
#include <span>

namespace gradkeep {

class Guarded {
 public:
  Guarded() : page_(static_cast<std::size_t>(sysconf(_SC_PAGESIZE))) {
    void* all = mmap(nullptr, 3 * page_, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (all == MAP_FAILED ||
        mprotect(static_cast<char*>(all) + page_, page_, PROT_READ | PROT_WRITE) != 0) {
      ADD_FAILURE() << "no guarded memory to be had";
      return;
    }
    start_ = static_cast<char*>(all) + page_;
  }
  ~Guarded() {
    if (start_ != nullptr) munmap(start_ - page_, 3 * page_);
  }
  Guarded(const Guarded&) = delete;
  Guarded& operator=(const Guarded&) = delete;

  // n numbers at the start of the page, or such that it ends with them.
  template <class T>
  std::span<T> first(std::size_t n) const {
    return {reinterpret_cast<T*>(start_), n};
  }
  template <class T>
  std::span<T> last(std::size_t n) const {
    return {reinterpret_cast<T*>(start_ + page_) - n, n};
  }

 private:
  std::size_t page_;
  char* start_ = nullptr;
};

}  // namespace gradkeep
