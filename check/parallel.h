// Work in numbered pieces that threads take one after the other as they get free.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <functional>

namespace gradkeep::check {

// As many as asked for; 0 asks for one on each core.
int thread_count(int asked);

// Calls work(i, thread) for i from 0 below `count`, threads being numbered from 0; then, never from two
// threads at once, done(i), which may say false to end it early. Returns whether it came to its end, and
// rethrows what a thread throws.
bool run_parallel(std::size_t count, int threads,
                  const std::function<void(std::size_t i, std::size_t thread)>& work,
                  const std::function<bool(std::size_t i)>& done = {});

}  // namespace gradkeep::check
