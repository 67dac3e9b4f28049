// A guest is a program that offers implementations of functions to `gradkeep bench`: a peer's library
// under its own roof, so that libraries which share symbols, thread pools or languages need not share
// a process. It works on the same three arrays as gradkeep does (memory shared between the processes)
// and times itself; the two take turns, so that never two of them run at once.
//
// The protocol is lines of text. The guest begins with lines "version NAME<TAB>TEXT" and "ready". Then
// it is asked, by lines on its standard input:
//
//   arrays PATH STRIDE                   PATH holds in, dy and out, each STRIDE bytes long
//   prepare NAME PASS TYPE ELEMENTS THREADS PARAMETER...
//       NAME gradkeep's, PASS forward, backward or backward_from_output; the answer is a line
//       "row PEER<TAB>HOW" for each implementation it has of this, maybe none, and "ready"
//   turn ROW CALLS                       runs row number ROW once, then CALLS times, which it times;
//                                        out holds the result afterwards: "seconds S"
//
// A line "error TEXT" ends the conversation. So does the end of its input.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gradkeep/core.h>
#include <sys/types.h>

#include <cstdio>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace gradkeep::cli {

// Three arrays in memory that guests map too. They begin a quarter of a page apart from each other's
// place in a page, so that no store stands in the way of a load 4,096 bytes on.
class SharedArrays {
 public:
  explicit SharedArrays(std::size_t bytes);
  ~SharedArrays();
  SharedArrays(const SharedArrays&) = delete;
  SharedArrays& operator=(const SharedArrays&) = delete;

  template <class T>
  T* in() const {
    return at<T>(0);
  }
  template <class T>
  T* dy() const {
    return at<T>(1);
  }
  template <class T>
  T* out() const {
    return at<T>(2);
  }
  std::size_t stride() const { return stride_; }
  // Under which a child of this process can open them.
  std::string path() const { return "/dev/fd/" + std::to_string(file_); }

 private:
  template <class T>
  T* at(std::size_t which) const {
    return reinterpret_cast<T*>(memory_ + which * stride_);
  }
  int file_ = -1;
  std::size_t stride_ = 0;
  char* memory_ = nullptr;
};

class Guest {
 public:
  struct Row {
    std::string peer, how;
  };

  // Runs the command by the shell. Throws Error where it does not answer as a guest.
  Guest(const std::string& command, const SharedArrays& arrays, int threads);
  ~Guest();
  Guest(const Guest&) = delete;
  Guest& operator=(const Guest&) = delete;

  // What it measures with: name and version of each library.
  const std::vector<std::pair<std::string, std::string>>& versions() const { return versions_; }
  std::vector<Row> prepare(const Activation& f, const std::string& pass, const std::string& type,
                           std::size_t elements, int threads);
  pid_t process() const { return process_; }
  // Seconds that so many calls took.
  double turn(int row, long calls);

 private:
  void ask(const std::string& line);
  std::string answer();
  // The rest of an answer that begins with `word`.
  std::string expect(const std::string& line, const std::string& word) const;

  std::string command_;
  pid_t process_ = -1;
  std::FILE *to_ = nullptr, *from_ = nullptr;
  std::vector<std::pair<std::string, std::string>> versions_;
};

}  // namespace gradkeep::cli
