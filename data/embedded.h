// The text files that the build carries into the library.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace gradkeep::data {

// data/NAME.txt
std::string_view embedded(std::string_view name);

}  // namespace gradkeep::data
