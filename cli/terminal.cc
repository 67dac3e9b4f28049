// What the terminal can show.
// SPDX-License-Identifier: Apache-2.0
#include "cli/terminal.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdlib>

namespace gradkeep::cli {
namespace {

std::string_view environment(const char* name) {
  const char* value = std::getenv(name);
  return value ? value : "";
}

}  // namespace

bool is_terminal(int file) { return ::isatty(file) == 1; }

bool can_rewrite(int file) { return is_terminal(file) && environment("TERM") != "dumb"; }

bool can_colour(int file) { return can_rewrite(file) && environment("NO_COLOR").empty(); }

bool can_unicode() {
  if (environment("TERM") == "dumb") return false;
  for (const char* name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
    const std::string_view locale = environment(name);
    if (locale.empty()) continue;
    for (const std::string_view utf8 : {"UTF-8", "utf-8", "UTF8", "utf8"}) {
      if (locale.find(utf8) != locale.npos) return true;
    }
    return false;
  }
  return true;
}

int terminal_width(int file, int otherwise) {
  winsize size{};
  if (::ioctl(file, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
  return otherwise;
}

std::string coloured(std::string_view text, std::string_view code, bool on) {
  if (!on) return std::string(text);
  return "\x1b[" + std::string(code) + "m" + std::string(text) + "\x1b[0m";
}

}  // namespace gradkeep::cli
