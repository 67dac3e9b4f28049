// What the terminal can show: whether there is one, its width, colours (NO_COLOR and TERM=dumb turn
// them off) and characters beyond ASCII.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace gradkeep::cli {

bool is_terminal(int file);
bool can_rewrite(int file);  // a terminal whose line can be written over
bool can_colour(int file);   // and nothing forbids colour
bool can_unicode();          // the locale, where it says anything, is UTF-8
int terminal_width(int file, int otherwise);

// Text in a colour of the sixteen that every palette has ("1;34"), plain where `on` is false.
std::string coloured(std::string_view text, std::string_view code, bool on);

}  // namespace gradkeep::cli
