// SPDX-License-Identifier: Apache-2.0
#include "cli/bench_team.h"

#include <algorithm>

namespace gradkeep::cli {
namespace {

// Slices begin at its multiples, so that no two threads write to one cache line.
constexpr std::size_t kLine = 64;

}  // namespace

// The calling thread is member 0.
Team::Team(int threads) : size_(threads), start_(threads), end_(threads) {
  for (int member = 1; member < threads; ++member) {
    members_.emplace_back([this, member] {
      while (start_.arrive_and_wait(), work_ != nullptr) {
        slice(member);
        end_.arrive_and_wait();
      }
    });
  }
}

Team::~Team() {
  work_ = nullptr;
  start_.arrive_and_wait();
  for (std::thread& member : members_) member.join();
}

void Team::run(std::size_t n, const Work& work) {
  if (n <= kLine) {
    work(0, n);
    return;
  }
  n_ = n;
  work_ = &work;
  start_.arrive_and_wait();
  slice(0);
  end_.arrive_and_wait();
}

void Team::slice(int member) const {
  const std::size_t share = (n_ / size_ + kLine - 1) / kLine * kLine;
  const std::size_t begin = std::min(n_, share * member);
  (*work_)(begin, member + 1 == size_ ? n_ : std::min(n_, begin + share));
}

}  // namespace gradkeep::cli
