// The well-formed byte sequences of the Unicode standard's table 3-7.
// SPDX-License-Identifier: Apache-2.0
#include "cli/utf8.h"

#include <cstdint>

namespace gradkeep::cli {

std::size_t character_length(std::string_view text) {
  if (text.empty()) return 0;
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned first = byte(0);
  if (first < 0x80) return 1;
  const std::size_t length = first < 0xc2    ? 0
                             : first < 0xe0  ? 2
                             : first < 0xf0  ? 3
                             : first <= 0xf4 ? 4
                                             : 0;
  if (length == 0 || text.size() < length) return 0;
  std::uint32_t character = first & (0x7fu >> length);
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return 0;
    character = character << 6 | (byte(i) & 0x3f);
  }
  // The shortest form only, no surrogates, nothing past the last plane.
  const std::uint32_t least = length == 2 ? 0x80 : length == 3 ? 0x800 : 0x10000;
  const bool surrogate = character >= 0xd800 && character <= 0xdfff;
  const bool excluded = character == 0xfffe || character == 0xffff;
  return character < least || character > 0x10ffff || surrogate || excluded ? 0 : length;
}

}  // namespace gradkeep::cli
