// OpenMP's pool, asked only where it pays and is free.
// SPDX-License-Identifier: Apache-2.0
#include <gradkeep/core.h>
#include <gradkeep/threads.h>

#include <algorithm>
#include <atomic>
#include <exception>

#include "core/parallel.h"
#ifdef _OPENMP
#include <omp.h>
#endif

namespace gradkeep {
namespace {

std::atomic<int> wanted{1};
constexpr int kMostThreads = 1024;

#ifdef _OPENMP
// Fewer numbers than this are done before a second thread has woken up.
constexpr std::size_t kWorthwhile = std::size_t{1} << 15;
// Parts begin at multiples of it where items are single numbers: whole blocks, whole cache lines.
constexpr std::size_t kPart = 4096;

std::atomic<bool> taken{false};

// The pool serves one caller at a time; others go on alone rather than start a second team.
class Pool {
 public:
  Pool() : mine_(!taken.exchange(true, std::memory_order_acquire)) {}
  ~Pool() {
    if (mine_) taken.store(false, std::memory_order_release);
  }
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;
  bool mine() const { return mine_; }

 private:
  bool mine_;
};
#endif

}  // namespace

void set_threads(int n) {
  // OpenMP ends the program where it cannot start as many as it is told to.
  if (n < 0 || n > kMostThreads) {
    throw Error("threads " + std::to_string(n) + ": expected 0 (all) to " +
                std::to_string(kMostThreads));
  }
  wanted = n;
}

int threads() {
  const int n = wanted;
#ifdef _OPENMP
  return n == 0 ? omp_get_max_threads() : n;
#else
  static_cast<void>(n);
  return 1;
#endif
}

void detail::parallel_ranges(std::size_t n, std::size_t elements_each, RangeWork work,
                             const void* context) {
#ifdef _OPENMP
  const int most = threads();
  if (most > 1 && n > 1 && n >= kWorthwhile / std::max<std::size_t>(elements_each, 1) &&
      !omp_in_parallel()) {
    const Pool pool;
    if (pool.mine()) {
      const std::size_t unit = elements_each == 1 ? kPart : 1, units = (n + unit - 1) / unit;
      std::exception_ptr failure;  // an exception may not leave the region
#pragma omp parallel num_threads(most)
      {
        const auto team = static_cast<std::size_t>(omp_get_num_threads());
        const auto own = static_cast<std::size_t>(omp_get_thread_num());
        const auto edge = [&](std::size_t i) {
          return std::min(n, (units / team * i + std::min(i, units % team)) * unit);
        };
        try {
          if (edge(own) < edge(own + 1)) work(context, edge(own), edge(own + 1));
        } catch (...) {
#pragma omp critical(gradkeep_failure)
          failure = std::current_exception();
        }
      }
      if (failure) std::rethrow_exception(failure);
      return;
    }
  }
#else
  static_cast<void>(elements_each);
#endif
  work(context, 0, n);
}

}  // namespace gradkeep
