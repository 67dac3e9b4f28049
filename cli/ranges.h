// What proofs and studies are asked by: threads, and functions at their default parameters.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

namespace gradkeep::cli {

// "0" is all cores. Throws Error for what is no number of threads.
int parse_threads(const std::string& text);

// The functions meant by names, "all" standing for every one; each at its default parameters. Throws
// Error for other parameters.
std::vector<std::string> functions_named(const std::vector<std::string>& names);

}  // namespace gradkeep::cli
