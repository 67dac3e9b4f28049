// Work divided among threads: all of it once, an early end, and an exception that gets out.
// SPDX-License-Identifier: Apache-2.0
#include "check/parallel.h"

#include <gtest/gtest.h>

#include <atomic>
#include <stdexcept>
#include <vector>

namespace gradkeep::check {
namespace {

TEST(Parallel, EachPieceIsDoneOnceByAThreadThatThereIs) {
  for (const std::size_t count : {0, 1, 1000}) {
    std::vector<std::atomic<int>> worked(count);
    std::vector<int> done(count);  // never by two threads at once
    std::atomic<bool> numbered = true;
    int total = 0;
    const bool finished = run_parallel(
        count, 4,
        [&](std::size_t i, std::size_t thread) {
          ++worked[i];
          if (thread >= 4) numbered = false;
        },
        [&](std::size_t i) {
          total += worked[i];
          return ++done[i] == 1;
        });
    EXPECT_TRUE(finished);
    EXPECT_TRUE(numbered);
    EXPECT_EQ(total, count);
  }
}

TEST(Parallel, EndsEarlyWhenToldTo) {
  std::atomic<int> worked = 0;
  EXPECT_FALSE(run_parallel(
      1000000, 3, [&](std::size_t, std::size_t) { ++worked; },
      [&](std::size_t i) { return i < 20; }));
  EXPECT_GT(worked, 20);
  EXPECT_LT(worked, 1000000);
}

TEST(Parallel, AnExceptionGetsOut) {
  const auto fail = [](std::size_t i, std::size_t) {
    if (i == 17) throw std::runtime_error("seventeen");
  };
  EXPECT_THROW(run_parallel(1000, 3, fail), std::runtime_error);
}

TEST(Parallel, NoThreadsAreOneOnEachCore) {
  EXPECT_GE(thread_count(0), 1);
  EXPECT_EQ(thread_count(3), 3);
}

}  // namespace
}  // namespace gradkeep::check
