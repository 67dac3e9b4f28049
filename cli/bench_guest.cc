// SPDX-License-Identifier: Apache-2.0
#include "cli/bench_guest.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <sstream>

#include "cli/numbers.h"

namespace gradkeep::cli {
namespace {

constexpr std::size_t kPage = 4096;

std::pair<std::string, std::string> halves(const std::string& text) {
  const std::size_t tab = text.find('\t');
  return {text.substr(0, tab), tab == text.npos ? "" : text.substr(tab + 1)};
}

// This process's environment, with the number of threads told to whoever reads it there. Intel's
// OpenMP would keep its threads busy for 200 ms after each turn, into the next one's.
std::vector<std::string> environment(int threads) {
  std::vector<std::string> out;
  for (char** entry = environ; *entry; ++entry) out.emplace_back(*entry);
  for (const char* name : {"OMP_NUM_THREADS=", "MKL_NUM_THREADS="}) {
    std::erase_if(out, [&](const std::string& entry) { return entry.starts_with(name); });
    out.push_back(name + std::to_string(threads));
  }
  std::erase_if(out, [](const std::string& entry) { return entry.starts_with("KMP_BLOCKTIME="); });
  out.emplace_back("KMP_BLOCKTIME=1");
  return out;
}

}  // namespace

SharedArrays::SharedArrays(std::size_t bytes)
    : stride_((bytes + kPage - 1) / kPage * kPage + kPage / 4) {
  file_ = ::memfd_create("gradkeep-bench", 0);
  const std::size_t size = 3 * stride_;
  if (file_ < 0 || ::ftruncate(file_, static_cast<off_t>(size)) != 0) {
    throw Error("cannot share " + std::to_string(size) + " bytes of memory: " + strerror(errno));
  }
  void* memory = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED, file_, 0);
  if (memory == MAP_FAILED) {
    throw Error("cannot map " + std::to_string(size) + " bytes of memory: " + strerror(errno));
  }
  memory_ = static_cast<char*>(memory);
}

SharedArrays::~SharedArrays() {
  ::munmap(memory_, 3 * stride_);
  ::close(file_);
}

Guest::Guest(const std::string& command, const SharedArrays& arrays, int threads)
    : command_(command) {
  int down[2], up[2];
  if (::pipe2(down, O_CLOEXEC) != 0 || ::pipe2(up, O_CLOEXEC) != 0) {
    throw Error(std::string("cannot make a pipe: ") + strerror(errno));
  }
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_adddup2(&actions, down[0], 0);
  ::posix_spawn_file_actions_adddup2(&actions, up[1], 1);
  std::string shell = "sh", option = "-c", script = "exec " + command;
  char* words[] = {shell.data(), option.data(), script.data(), nullptr};
  std::vector<std::string> variables = environment(threads);
  std::vector<char*> entries;
  for (std::string& entry : variables) entries.push_back(entry.data());
  entries.push_back(nullptr);
  const int failure = ::posix_spawn(&process_, "/bin/sh", &actions, nullptr, words, entries.data());
  ::posix_spawn_file_actions_destroy(&actions);
  ::close(down[0]);
  ::close(up[1]);
  to_ = ::fdopen(down[1], "w");
  from_ = ::fdopen(up[0], "r");
  if (failure) throw Error("cannot run " + command + ": " + strerror(failure));
  for (std::string line; (line = answer()) != "ready";) {
    versions_.push_back(halves(expect(line, "version")));
  }
  ask("arrays " + arrays.path() + " " + std::to_string(arrays.stride()));
}

Guest::~Guest() {
  std::fclose(to_);
  std::fclose(from_);
  if (process_ > 0) ::waitpid(process_, nullptr, 0);
}

std::vector<Guest::Row> Guest::prepare(const Activation& f, const std::string& pass,
                                       const std::string& type, std::size_t elements, int threads) {
  std::string line = "prepare " + f.info().name + " " + pass + " " + type + " " +
                     std::to_string(elements) + " " + std::to_string(threads);
  for (const double p : f.parameters()) line += " " + shortest(p);
  ask(line);
  std::vector<Row> rows;
  for (std::string text; (text = answer()) != "ready";) {
    const auto [peer, how] = halves(expect(text, "row"));
    rows.push_back({peer, how});
  }
  return rows;
}

double Guest::turn(int row, long calls) {
  ask("turn " + std::to_string(row) + " " + std::to_string(calls));
  return parse_number<double>(expect(answer(), "seconds"), "the seconds of " + command_);
}

void Guest::ask(const std::string& line) {
  if (std::fputs((line + "\n").c_str(), to_) < 0 || std::fflush(to_) != 0) {
    throw Error("the guest " + command_ + " has ended");
  }
}

std::string Guest::answer() {
  std::string line;
  for (int c; (c = std::getc(from_)) != EOF;) {
    if (c == '\n') return line;
    line += static_cast<char>(c);
  }
  throw Error("the guest " + command_ + " ended in the middle of the conversation");
}

std::string Guest::expect(const std::string& line, const std::string& word) const {
  if (line.starts_with(word + " ")) return line.substr(word.size() + 1);
  if (line.starts_with("error ")) throw Error("the guest " + command_ + ": " + line.substr(6));
  throw Error("the guest " + command_ + " said '" + line + "': expected '" + word + " ...'");
}

}  // namespace gradkeep::cli
