// SPDX-License-Identifier: Apache-2.0
#include "cli/bench_rest.h"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>

#include "check/stopwatch.h"

namespace gradkeep::cli {
namespace {

constexpr auto kNap = std::chrono::milliseconds(1);
constexpr double kPatience = 1;  // seconds

// "TID (name) STATE ..."; R is running, or about to as soon as there is a core.
bool runs(const std::filesystem::path& thread) {
  std::string line;
  std::getline(std::ifstream(thread / "stat"), line);
  const std::size_t name_end = line.rfind(") ");
  return name_end != line.npos && line[name_end + 2] == 'R';
}

bool any_runs(pid_t process, const std::string& but) {
  std::error_code gone;
  const std::filesystem::directory_iterator threads("/proc/" + std::to_string(process) + "/task",
                                                    gone);
  return std::any_of(begin(threads), end(threads), [&](const auto& thread) {
    return thread.path().filename() != but && runs(thread.path());
  });
}

}  // namespace

void wait_until_they_sleep(const std::vector<pid_t>& processes) {
  const check::Stopwatch watch;
  const std::string self = std::to_string(::gettid());
  do {
    std::this_thread::sleep_for(kNap);
  } while (watch.seconds() < kPatience &&
           (any_runs(::getpid(), self) ||
            std::any_of(processes.begin(), processes.end(),
                        [&](pid_t process) { return any_runs(process, self); })));
}

}  // namespace gradkeep::cli
