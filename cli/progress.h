// A progress line on standard error: a bar, what is done of how much, the time it will still take
// and a word on what is going on. It appears on a terminal only and erases itself; elsewhere it is
// silent, so that logs and pipes stay clean.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace gradkeep::cli {

class Progress {
 public:
  explicit Progress(std::string_view unit);  // "runs"
  ~Progress() { clear(); }
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  // seconds_left may be NaN: not known yet.
  void update(std::int64_t done, std::int64_t total, double seconds_left, std::string_view note);
  // Prints a line that stays, above the bar.
  void say(std::string_view line);
  void clear();

 private:
  using Clock = std::chrono::steady_clock;
  std::string unit_;
  bool terminal_, unicode_, colour_;
  bool shown_ = false;
  Clock::time_point last_{};
};

// "8 s", "3 min 20 s", "2 h 5 min".
std::string duration(double seconds);
// The line without colour, at most `width` columns: the part that can be tested.
std::string progress_line(std::int64_t done, std::int64_t total, std::string_view unit,
                          double seconds_left, std::string_view note, int width, bool unicode);

}  // namespace gradkeep::cli
