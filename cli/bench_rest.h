// Thread pools stay awake for a while after their work, in hope of more: OpenMP's spin for up to 20 ms,
// ONNX Runtime's longer. A turn that began meanwhile would find a core taken, and two of its threads on
// one core wait for each other until the scheduler looks, which is 8 ms.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <vector>

namespace gradkeep::cli {

// Returns when no thread of these processes runs, nor any of this one but the calling thread; after a
// second in any case.
void wait_until_they_sleep(const std::vector<pid_t>& processes);

}  // namespace gradkeep::cli
