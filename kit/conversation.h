// A conversation with a child process over pipes: bytes there, a message back, within a time. Whatever
// the child does instead (ends, dies of a signal, says nothing, goes on for ever) becomes a
// TargetFailure, and the next message starts another child.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <functional>
#include <optional>
#include <span>
#include <string>

namespace gradkeep::kit {

class Conversation {
 public:
  // `body` runs in the child, with the conversation as its standard input and output; it does not
  // return to the caller's code, and what it leaves undone dies with this process.
  Conversation(std::function<void()> body, double timeout);
  ~Conversation();
  Conversation(const Conversation&) = delete;
  Conversation& operator=(const Conversation&) = delete;

  // The length of the message that `received` begins with, once it is complete. Throws TargetFailure
  // for what can never become one.
  using Measure = std::function<std::optional<std::size_t>(const std::string& received)>;

  // Throws TargetFailure, after which the child is gone.
  std::string exchange(const std::string& message, const Measure& measure);

 private:
  void start();
  void stop();
  // Reads what there is; false at its end.
  bool receive(int file, std::string& into);
  [[noreturn]] void fail_at_end();

  std::function<void()> body_;
  double timeout_;
  pid_t process_ = -1;
  int to_ = -1, from_ = -1, errors_ = -1;
  std::string received_, complaints_;
};

}  // namespace gradkeep::kit
