// Ctrl-C and kill, turned into a flag.
// SPDX-License-Identifier: Apache-2.0
#include "cli/interrupt.h"

#include <csignal>

namespace gradkeep::cli {
namespace {

std::atomic<bool> stop{false};
static_assert(std::atomic<bool>::is_always_lock_free);

extern "C" void set_stop(int signal) {
  stop = true;
  std::signal(signal, SIG_DFL);
}

}  // namespace

const std::atomic<bool>& catch_interrupts() {
  std::signal(SIGINT, set_stop);
  std::signal(SIGTERM, set_stop);
  return stop;
}

}  // namespace gradkeep::cli
