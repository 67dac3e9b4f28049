// SPDX-License-Identifier: Apache-2.0
#include "check/parallel.h"

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

namespace gradkeep::check {

int thread_count(int asked) {
  return asked > 0 ? asked : static_cast<int>(std::max(1u, std::thread::hardware_concurrency()));
}

bool run_parallel(std::size_t count, int threads,
                  const std::function<void(std::size_t i, std::size_t thread)>& work,
                  const std::function<bool(std::size_t i)>& done) {
  std::atomic<std::size_t> next = 0;
  std::atomic<bool> stop = false;
  std::mutex mutex;
  std::exception_ptr failure;
  const auto take = [&](std::size_t thread) {
    try {
      for (std::size_t i; !stop && (i = next++) < count;) {
        work(i, thread);
        if (!done) continue;
        const std::lock_guard lock(mutex);
        if (!done(i)) stop = true;
      }
    } catch (...) {
      const std::lock_guard lock(mutex);
      failure = std::current_exception();
      stop = true;
    }
  };
  {
    std::vector<std::jthread> pool;
    const auto most = std::min(count, static_cast<std::size_t>(thread_count(threads)));
    for (std::size_t thread = 1; thread < most; ++thread) pool.emplace_back(take, thread);
    take(0);
  }
  if (failure) std::rethrow_exception(failure);
  return !stop;
}

}  // namespace gradkeep::check
