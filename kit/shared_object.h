// The child's side of a conversation about a shared object: it loads the file and answers questions by
// its gradkeep_evaluate (core/include/gradkeep/gradkeep.h), and by gradkeep_from_output,
// gradkeep_parameter_slope, gradkeep_rowwise and gradkeep_gated where it has them. The arrays end right before a page that nobody may touch
// and begin after a pattern, so that a kernel that reaches beyond them is found out.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace gradkeep::kit {

// Reads questions from standard input and writes answers to standard output until the input ends.
void serve_shared_object(const std::string& file);

}  // namespace gradkeep::kit
