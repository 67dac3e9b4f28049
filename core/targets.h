// Which SIMD target runs: the best the processor has, or the one GRADKEEP_TARGET names.
// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace gradkeep::detail {

// Reads GRADKEEP_TARGET once. Throws Error if it names a target that is unknown or not to be had.
void choose_target();

}  // namespace gradkeep::detail
