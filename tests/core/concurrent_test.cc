// Everything at once from several threads, from the first use on: for the thread sanitizer
// (`cmake --preset tsan`), and for the results.
// SPDX-License-Identifier: Apache-2.0
#include <gradkeep/channels.h>
#include <gradkeep/fused.h>
#include <gradkeep/gated.h>
#include <gradkeep/rows.h>
#include <gradkeep/rrelu.h>
#include <gradkeep/threads.h>
#include <gtest/gtest.h>

#include <atomic>
#include <cmath>
#include <thread>

namespace gradkeep {
namespace {

template <class Work>
void four_at_once(const Work& work) {
  std::vector<std::thread> callers;
  for (int t = 0; t < 4; ++t) callers.emplace_back(work);
  for (std::thread& t : callers) t.join();
}

// The first test of its program, so that nothing has been asked for before.
TEST(Concurrent, FirstUseAndSharedFunctionsAreSafe) {
  std::atomic<int> wrong{0}, waiting{4};
  four_at_once([&wrong, &waiting] {
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
  EXPECT_EQ(wrong, 0);
}

TEST(Concurrent, OneFunctionAndOneInputServeAll) {
  const Activation gelu("gelu");
  const Gated glu = gated_function("glu");
  const std::vector<double> x(1000, 0.5);
  std::atomic<int> wrong{0};
  four_at_once([&] {
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
  EXPECT_EQ(wrong, 0);
}

TEST(Concurrent, SixteenBitsChannelsAndRandomSlopesServeAll) {
  const Activation prelu("prelu");
  const std::vector<Float16> x(600, Float16(-0.5)), p(3, Float16(0.25));
  std::atomic<int> wrong{0};
  four_at_once([&] {
    std::vector<Float16> y(600), dp(3);
    for (int round = 0; round < 10; ++round) {
      channels_value<Float16>(prelu, {2, 3, 100}, p, x, y);
      wrong += static_cast<float>(y[599]) != -0.125f;
      channels_parameter_gradients<Float16>(prelu, {2, 3, 100}, p, x, x, dp);
      wrong += static_cast<float>(dp[2]) != 50;
      rrelu_value<Float16>({.seed = 1}, x, y);
      bias_value<Float16>(prelu, x, p, y);
      wrong += static_cast<float>(y[0]) != -0.0625f;
      rowwise<Float16>(RowFunction::sparsemax, x, y);
      set_threads(1 + round % 3);
    }
  });
  set_threads(1);
  EXPECT_EQ(wrong, 0);
}

}  // namespace
}  // namespace gradkeep
