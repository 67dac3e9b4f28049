// Everything at once from several threads, from the first use on: for the thread sanitizer
// (`cmake --preset tsan`), and for the results.
// SPDX-License-Identifier: Apache-2.0
#include <gradkeep/gated.h>
#include <gradkeep/rows.h>
#include <gtest/gtest.h>

#include <atomic>
#include <cmath>
#include <thread>

namespace gradkeep {
namespace {

// The first test of its program, so that nothing has been asked for before.
TEST(Concurrent, FirstUseAndSharedFunctionsAreSafe) {
  std::atomic<int> wrong{0}, waiting{4};
  std::vector<std::thread> callers;
  for (int t = 0; t < 4; ++t) {
    callers.emplace_back([&wrong, &waiting] {
      --waiting;
      while (waiting > 0) std::this_thread::yield();
      wrong += target_name().empty();
      for (const std::string& name : names()) {
        const Activation f(name);
        std::vector<float> x(300, 0.75f), y(300), dy(300), dx(300);
        f.value<float>(x, y);
        f.value<float>(x, dx, Tier::exact);
        f.value_and_slope<float>(x, y, dy);
        f.backward<float>(x, y, dx);
        wrong += std::isnan(dx[0]);
      }
    });
  }
  for (std::thread& t : callers) t.join();
  EXPECT_EQ(wrong, 0);
}

TEST(Concurrent, OneFunctionAndOneInputServeAll) {
  const Activation gelu("gelu");
  const Gated glu = gated_function("glu");
  const std::vector<double> x(1000, 0.5);
  std::atomic<int> wrong{0};
  std::vector<std::thread> callers;
  for (int t = 0; t < 4; ++t) {
    callers.emplace_back([&] {
      std::vector<double> y(1000), half(500);
      for (int round = 0; round < 20; ++round) {
        gelu.value<double>(x, y);
        wrong += y[7] != y[900];
        evaluate<double>(gelu, 1, x, y);
        rowwise<double>(RowFunction::softmax, x, y);
        wrong += y[0] != 0.001;
        rowwise_backward<double>(RowFunction::softmax, y, x, y);
        gated<double>(glu, x, Strided<double>(half));
      }
    });
  }
  for (std::thread& t : callers) t.join();
  EXPECT_EQ(wrong, 0);
}

}  // namespace
}  // namespace gradkeep
