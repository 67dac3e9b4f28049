// Seconds that the processor has spent on the calling thread. Parts of a step are timed by the same
// clock as the step, and a busy machine does not make a function look slow.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <ctime>

namespace gradkeep::nn {

inline double thread_seconds() {
  timespec now;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

}  // namespace gradkeep::nn
