// SPDX-License-Identifier: Apache-2.0
#include "kit/conversation.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>

#include "kit/target.h"

namespace gradkeep::kit {
namespace {

using Clock = std::chrono::steady_clock;

// Of what a child writes to its standard error, the end is kept.
constexpr std::size_t kComplaints = 4096;

struct Pipe {
  int read = -1, write = -1;
  Pipe() {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
      throw Error(std::string("cannot make a pipe: ") + std::strerror(errno));
    }
    read = ends[0], write = ends[1];
  }
};

std::string last_line(const std::string& text) {
  const std::size_t end = text.find_last_not_of(" \n\r\t");
  if (end == text.npos) return {};
  const std::size_t begin = text.find_last_of('\n', end);
  std::string line = text.substr(begin == text.npos ? 0 : begin + 1,
                                 end - (begin == text.npos ? 0 : begin + 1) + 1);
  std::erase_if(line, [](char c) { return static_cast<unsigned char>(c) < ' '; });
  return line.substr(0, 200);
}

void close_end(int& file) {
  if (file >= 0) ::close(file);
  file = -1;
}

}  // namespace

Conversation::Conversation(std::function<void()> body, double timeout)
    : body_(std::move(body)), timeout_(timeout) {}

Conversation::~Conversation() { stop(); }

void Conversation::start() {
  const Pipe down, up, complaints;
  process_ = ::fork();
  if (process_ < 0) throw Error(std::string("cannot fork: ") + std::strerror(errno));
  if (process_ == 0) {
    ::setpgid(0, 0);
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    for (const int signal : {SIGINT, SIGTERM, SIGPIPE}) std::signal(signal, SIG_DFL);
    ::dup2(down.read, 0);
    ::dup2(up.write, 1);
    ::dup2(complaints.write, 2);
    for (const int end : {down.write, up.read, complaints.read}) ::close(end);
    body_();
    ::_exit(0);
  }
  ::setpgid(process_, process_);
  for (const int end : {down.read, up.write, complaints.write}) ::close(end);
  to_ = down.write, from_ = up.read, errors_ = complaints.read;
  for (const int end : {to_, from_, errors_}) {
    ::fcntl(end, F_SETFL, ::fcntl(end, F_GETFL) | O_NONBLOCK);
  }
  received_.clear();
  complaints_.clear();
}

void Conversation::stop() {
  close_end(to_);
  close_end(from_);
  close_end(errors_);
  if (process_ > 0) {
    ::kill(-process_, SIGKILL);
    ::kill(process_, SIGKILL);
    while (::waitpid(process_, nullptr, 0) < 0 && errno == EINTR) {
    }
  }
  process_ = -1;
}

bool Conversation::receive(int file, std::string& into) {
  std::array<char, 65536> some{};
  const ssize_t n = ::read(file, some.data(), some.size());
  if (n > 0) into.append(some.data(), static_cast<std::size_t>(n));
  return n > 0 || (n < 0 && (errno == EAGAIN || errno == EINTR));
}

// The child has closed its output: it has ended, or is about to.
void Conversation::fail_at_end() {
  int status = 0;
  pid_t ended = 0;
  for (int tries = 0; tries < 100 && ended == 0; ++tries) {
    ended = ::waitpid(process_, &status, WNOHANG);
    if (ended == 0) ::usleep(10000);
  }
  receive(errors_, complaints_);
  std::string what = "closed its output";
  if (ended == process_) {
    process_ = -1;
    what = WIFSIGNALED(status) ? "was killed by signal " + std::to_string(WTERMSIG(status)) + " (" +
                                     ::strsignal(WTERMSIG(status)) + ")"
                               : "ended with status " + std::to_string(WEXITSTATUS(status));
  }
  const std::string complaint = last_line(complaints_);
  stop();
  throw TargetFailure(what + (complaint.empty() ? "" : ": " + complaint));
}

std::string Conversation::exchange(const std::string& message, const Measure& measure) {
  if (process_ < 0) start();
  const auto limit = Clock::now() + std::chrono::duration<double>(timeout_);
  std::size_t sent = 0;
  for (;;) {
    try {
      if (const auto length = measure(received_); length && sent == message.size()) {
        const std::string answer = received_.substr(0, *length);
        received_.erase(0, *length);
        return answer;
      }
    } catch (const TargetFailure&) {
      stop();
      throw;
    }
    const auto left = std::chrono::duration<double, std::milli>(limit - Clock::now()).count();
    if (left <= 0) {
      stop();
      std::string seconds = std::to_string(timeout_);
      throw TargetFailure("gave no answer within " + seconds.substr(0, seconds.find('.') + 2) +
                          " s");
    }
    std::array<pollfd, 3> files{
        {{from_, POLLIN, 0}, {errors_, POLLIN, 0}, {sent < message.size() ? to_ : -1, POLLOUT, 0}}};
    if (::poll(files.data(), files.size(), static_cast<int>(std::min(left + 1, 1000.0))) < 0)
      continue;
    if (files[1].revents != 0) {
      if (!receive(errors_, complaints_)) close_end(errors_);
      if (complaints_.size() > kComplaints) {
        complaints_.erase(0, complaints_.size() - kComplaints);
      }
    }
    if ((files[2].revents & POLLOUT) != 0) {
      const ssize_t n = ::write(to_, message.data() + sent, message.size() - sent);
      if (n > 0) sent += static_cast<std::size_t>(n);
    }
    if (files[0].revents != 0 && !receive(from_, received_)) fail_at_end();
    if ((files[2].revents & (POLLERR | POLLHUP)) != 0) fail_at_end();
  }
}

}  // namespace gradkeep::kit
