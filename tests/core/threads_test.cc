// Threads change no bit, whoever calls; and the number is what was set.
// SPDX-License-Identifier: Apache-2.0
#include <gradkeep/strided.h>
#include <gradkeep/threads.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <limits>
#include <thread>

#include "core/parallel.h"

namespace gradkeep {
namespace {

class Threads : public testing::Test {
 protected:
  ~Threads() override { set_threads(1); }
};

TEST_F(Threads, OneIsTheDefault) {
  EXPECT_EQ(threads(), 1);
  EXPECT_THROW(set_threads(-1), Error);
  // OpenMP would end the program.
  EXPECT_THROW(set_threads(std::numeric_limits<int>::max()), Error);
  EXPECT_THROW(set_threads(1025), Error);
  EXPECT_EQ(threads(), 1);
  set_threads(0);
  EXPECT_GE(threads(), 1);
}

TEST_F(Threads, EveryElementIsDoneOnce) {
  set_threads(3);
  for (const std::size_t n : {1u, 32767u, 32768u, 100001u}) {
    std::vector<std::atomic<int>> count(n);
    detail::parallel(n, 1, [&](std::size_t begin, std::size_t end) {
      for (std::size_t i = begin; i < end; ++i) ++count[i];
    });
    EXPECT_TRUE(std::all_of(count.begin(), count.end(), [](const auto& c) { return c == 1; })) << n;
  }
}

TEST_F(Threads, CallersAtOnceGetTheBitsOfOneAlone) {
  const Activation f("mish");
  std::vector<float> x(200000), expected(x.size());
  for (std::size_t i = 0; i < x.size(); ++i) x[i] = std::sin(static_cast<float>(i)) * 20;
  f.value<float>(x, expected);
  set_threads(4);
  std::atomic<int> wrong{0};
  std::vector<std::thread> callers;
  for (int t = 0; t < 4; ++t) {
    callers.emplace_back([&] {
      std::vector<float> y(x.size());
      for (int round = 0; round < 5; ++round) {
        evaluate<float>(f, 0, std::span<const float>(x), std::span<float>(y));
        wrong += y != expected;
      }
    });
  }
  for (std::thread& t : callers) t.join();
  EXPECT_EQ(wrong, 0);
}

}  // namespace
}  // namespace gradkeep
