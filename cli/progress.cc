// A progress line on standard error.
// SPDX-License-Identifier: Apache-2.0
#include "cli/progress.h"

#include <unistd.h>

#include <algorithm>
#include <cmath>

#include "cli/terminal.h"

namespace gradkeep::cli {
namespace {

constexpr int kBar = 24;

void print(std::string_view text) {
  // A lost progress line is no reason to stop the work.
  [[maybe_unused]] const ssize_t n = ::write(STDERR_FILENO, text.data(), text.size());
}

// Eighths of a cell where the terminal has them.
std::string bar(double share, bool unicode) {
  const int cells = unicode ? 8 : 1;
  const int filled = static_cast<int>(std::floor(share * kBar * cells + 1e-9));
  std::string out;
  for (int i = 0; i < kBar; ++i) {
    const int part = std::clamp(filled - i * cells, 0, cells);
    if (!unicode) {
      out += part ? '#' : '.';
    } else if (part == 0) {
      out += ' ';
    } else {
      // U+2588, the full block, to U+258F, an eighth.
      out += "\xe2\x96";
      out += static_cast<char>(0x88 + 8 - part);
    }
  }
  return out;
}

}  // namespace

std::string duration(double seconds) {
  const auto whole = static_cast<std::int64_t>(std::llround(std::max(seconds, 0.0)));
  if (whole < 60) return std::to_string(whole) + " s";
  if (whole < 3600) return std::to_string(whole / 60) + " min " + std::to_string(whole % 60) + " s";
  return std::to_string(whole / 3600) + " h " + std::to_string(whole / 60 % 60) + " min";
}

std::string progress_line(std::int64_t done, std::int64_t total, std::string_view unit,
                          double seconds_left, std::string_view note, int width, bool unicode) {
  const double share = total > 0 ? std::clamp(double(done) / double(total), 0.0, 1.0) : 0.0;
  std::string tail = " " + std::to_string(done) + "/" + std::to_string(total) + " ";
  tail += unit;
  if (done < total && std::isfinite(seconds_left)) tail += ", " + duration(seconds_left) + " left";
  if (!note.empty()) tail += "  " + std::string(note);
  const int edges = 2;
  const int room = width - kBar - edges;
  if (room <= 0) return tail.substr(1, std::max(width, 0));
  if (static_cast<int>(tail.size()) > room) tail.resize(room);
  const std::string_view edge = unicode ? "\xe2\x96\x95" : "[";
  const std::string_view other = unicode ? "\xe2\x96\x8f" : "]";
  return std::string(edge) + bar(share, unicode) + std::string(other) + tail;
}

Progress::Progress(std::string_view unit)
    : unit_(unit),
      terminal_(can_rewrite(STDERR_FILENO)),
      unicode_(can_unicode()),
      colour_(can_colour(STDERR_FILENO)) {}

void Progress::update(std::int64_t done, std::int64_t total, double seconds_left,
                      std::string_view note) {
  if (!terminal_) return;
  const auto now = Clock::now();
  // Ten lines a second are as many as an eye can follow.
  if (shown_ && done < total && now - last_ < std::chrono::milliseconds(100)) return;
  last_ = now;
  const int width = terminal_width(STDERR_FILENO, 80) - 1;
  const std::string line = progress_line(done, total, unit_, seconds_left, note, width, unicode_);
  print("\r" + coloured(line, "36", colour_) + "\x1b[K");
  shown_ = true;
}

void Progress::say(std::string_view line) {
  clear();
  print(std::string(line) + "\n");
}

void Progress::clear() {
  if (shown_) print("\r\x1b[K");
  shown_ = false;
}

}  // namespace gradkeep::cli
