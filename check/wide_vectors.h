// A word before a function whose loops are worth compiling several times, once for each generation of
// vectors; which one is run is chosen when the program starts.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#if defined(__x86_64__) && defined(__GNUC__)
#define GRADKEEP_WIDE_VECTORS \
  __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define GRADKEEP_WIDE_VECTORS
#endif
