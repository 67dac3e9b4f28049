// The processor's name comes from /proc/cpuinfo; elsewhere it stays "unknown".
// SPDX-License-Identifier: Apache-2.0
#include "lab/machine.h"

#include <gradkeep/core.h>

#include <chrono>
#include <ctime>
#include <fstream>
#include <thread>

namespace gradkeep::lab {
namespace {

std::string processor() {
  std::ifstream in("/proc/cpuinfo");
  for (std::string line; std::getline(in, line);)
    if (line.rfind("model name", 0) == 0)
      if (const auto colon = line.find(": "); colon != std::string::npos)
        return line.substr(colon + 2);
  return "unknown";
}

std::string now() {
  const auto seconds = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  char text[32];
  std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts);
  return text;
}

}  // namespace

Session describe_machine() {
  Session session;
  session.started = now();
  session.version = version();
  session.processor = processor();
  session.target = target_name();
  session.cores = static_cast<int>(std::thread::hardware_concurrency());
  return session;
}

}  // namespace gradkeep::lab
