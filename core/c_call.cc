// The last error of each thread, in a place that needs no memory.
// SPDX-License-Identifier: Apache-2.0
#include "core/c_call.h"

#include <algorithm>
#include <cstring>

namespace gradkeep::c {
namespace {
thread_local char text_of_last_error[512] = "";
}

void remember(const char* text) noexcept {
  const std::size_t n = std::min(std::strlen(text), sizeof text_of_last_error - 1);
  std::memcpy(text_of_last_error, text, n);
  text_of_last_error[n] = 0;
}

const char* last_error() noexcept { return text_of_last_error; }

}  // namespace gradkeep::c
