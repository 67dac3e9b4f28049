// Ctrl-C and kill, turned into a flag that long work looks at between its steps, so that it can end
// in good order. A second one ends the program at once.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>

namespace gradkeep::cli {

// From here on SIGINT and SIGTERM set the flag.
const std::atomic<bool>& catch_interrupts();

}  // namespace gradkeep::cli
