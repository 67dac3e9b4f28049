// Work over the 256 ranges of inputs, on all cores: what check and selftest have in common.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <functional>
#include <string>
#include <vector>

namespace gradkeep::cli {

// "0" is all cores. Throws Error for what is no number of threads.
int parse_threads(const std::string& text);

// Calls work(i) for i from 0 below `count`, one after the other as threads get free; then, never from
// two threads at once, done(i). Ends early once `stop` is set, and rethrows what a thread throws.
void run_parallel(int count, int threads, const std::atomic<bool>& stop,
                  const std::function<void(int)>& work, const std::function<void(int)>& done);

// The functions meant by names, "all" standing for every one; each at its default parameters. Throws
// Error for other parameters.
std::vector<std::string> functions_named(const std::vector<std::string>& names);

}  // namespace gradkeep::cli
