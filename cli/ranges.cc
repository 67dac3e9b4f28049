// SPDX-License-Identifier: Apache-2.0
#include "cli/ranges.h"

#include <gradkeep/core.h>

#include <algorithm>
#include <cmath>
#include <exception>
#include <mutex>
#include <thread>

#include "cli/numbers.h"

namespace gradkeep::cli {

int parse_threads(const std::string& text) {
  const double threads = parse_number<double>(text, "--threads");
  if (!(threads >= 0 && threads <= 1024 && std::floor(threads) == threads)) {
    throw Error("--threads is " + text + ", expected a whole number, 0 (all cores) to 1024");
  }
  return static_cast<int>(threads);
}

void run_parallel(int count, int threads, const std::atomic<bool>& stop,
                  const std::function<void(int)>& work, const std::function<void(int)>& done) {
  std::atomic<int> next = 0;
  std::atomic<bool> failed = false;
  std::mutex mutex;
  std::exception_ptr failure;
  const auto take = [&] {
    try {
      for (int i; !stop && !failed && (i = next++) < count;) {
        work(i);
        const std::lock_guard lock(mutex);
        done(i);
      }
    } catch (...) {
      const std::lock_guard lock(mutex);
      failure = std::current_exception();
      failed = true;
    }
  };
  if (threads == 0) threads = static_cast<int>(std::max(1u, std::thread::hardware_concurrency()));
  {
    std::vector<std::jthread> pool;
    for (int k = 0; k < std::min(threads, count); ++k) pool.emplace_back(take);
  }
  if (failure) std::rethrow_exception(failure);
}

std::vector<std::string> functions_named(const std::vector<std::string>& names) {
  std::vector<std::string> out;
  for (const std::string& name : names) {
    if (name == "all") {
      for (const std::string& each : gradkeep::names()) out.push_back(each);
      continue;
    }
    const Activation f(name);
    const auto& parameters = f.info().parameters;
    for (std::size_t k = 0; k < parameters.size(); ++k) {
      if (f.parameters()[k] != parameters[k].value) {
        throw Error(name + ": proofs are kept for the default parameters, expected " +
                    f.info().name);
      }
    }
    out.push_back(f.info().name);
  }
  return out;
}

}  // namespace gradkeep::cli
