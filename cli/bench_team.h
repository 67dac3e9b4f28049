// Threads that work through slices of an array together and wait for each other, for the loops of the
// bench itself.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <barrier>
#include <cstddef>
#include <functional>
#include <thread>
#include <vector>

namespace gradkeep::cli {

class Team {
 public:
  using Work = std::function<void(std::size_t begin, std::size_t end)>;

  explicit Team(int threads);
  ~Team();
  Team(const Team&) = delete;
  Team& operator=(const Team&) = delete;

  // Calls work for slices that make up [0, n), one on each thread, and returns when all are done.
  void run(std::size_t n, const Work& work);

 private:
  void slice(int member) const;

  int size_;
  std::barrier<> start_, end_;
  std::size_t n_ = 0;
  const Work* work_ = nullptr;  // null: go home
  std::vector<std::thread> members_;
};

}  // namespace gradkeep::cli
