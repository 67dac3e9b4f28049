// UTF-8, as far as text from the command line must be checked before it goes into a picture or JSON.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string_view>

namespace gradkeep::cli {

// How many bytes the character at the front of the text has: 1 to 4, or 0 where there is none, that
// is at the end, before bytes that are no UTF-8, and before U+FFFE and U+FFFF, which XML excludes.
std::size_t character_length(std::string_view text);

}  // namespace gradkeep::cli
