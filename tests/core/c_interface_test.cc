// The shared library as a loader sees it: its symbols, and calls from several threads at once.
// SPDX-License-Identifier: Apache-2.0
#include <dlfcn.h>
#include <gradkeep/gradkeep.h>
#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

namespace {

TEST(CInterface, ALoaderFindsTheCFunctionsAndNothingElse) {
  void* library = dlopen(GRADKEEP_LIBRARY, RTLD_NOW | RTLD_LOCAL);
  ASSERT_NE(library, nullptr) << dlerror();
  const auto evaluate =
      reinterpret_cast<decltype(&gradkeep_evaluate)>(dlsym(library, "gradkeep_evaluate"));
  ASSERT_NE(evaluate, nullptr);
  float x = 3, y = 0;
  EXPECT_EQ(evaluate("relu", 0, GRADKEEP_F32, GRADKEEP_FAST, &x, &y, 1), GRADKEEP_OK);
  EXPECT_EQ(y, 3);
  // C++ names stay inside, so that two versions can live in one process.
  EXPECT_EQ(dlsym(library, "_ZN8gradkeep5namesEv"), nullptr);
  dlclose(library);
}

TEST(CInterface, ErrorsBelongToTheirThread) {
  std::atomic<int> wrong{0};
  std::vector<std::thread> callers;
  for (int t = 0; t < 4; ++t) {
    callers.emplace_back([&wrong, t] {
      const std::string name = "nothing_" + std::to_string(t);
      std::vector<float> x(100, 1), y(100);
      for (int round = 0; round < 200; ++round) {
        wrong += gradkeep_evaluate(name.c_str(), 0, 0, 0, x.data(), y.data(), x.size()) !=
                 GRADKEEP_UNKNOWN;
        wrong += std::string(gradkeep_last_error()).find(name) == std::string::npos;
        wrong += gradkeep_evaluate(round % 2 ? "identity" : "relu", 0, 0, 0, x.data(), y.data(),
                                   x.size()) != GRADKEEP_OK;
        wrong += y != x;
      }
    });
  }
  for (std::thread& t : callers) t.join();
  EXPECT_EQ(wrong, 0);
}

TEST(CInterface, OneHandleServesSeveralThreads) {
  gradkeep_activation* f = nullptr;
  ASSERT_EQ(gradkeep_open("elu(alpha=0.5)", GRADKEEP_RECOMMENDED, &f), GRADKEEP_OK);
  const std::vector<float> x(1000, -1);
  std::atomic<int> wrong{0};
  std::vector<std::thread> callers;
  for (int t = 0; t < 4; ++t) {
    callers.emplace_back([&wrong, &x, f] {
      std::vector<float> y(1000), dy(1000);
      const std::size_t shape[] = {10, 100};
      const gradkeep_array in = {const_cast<float*>(x.data()), GRADKEEP_F32, 2, shape, nullptr};
      const gradkeep_array out = {y.data(), GRADKEEP_F32, 2, shape, nullptr};
      for (int round = 0; round < 20; ++round) {
        wrong += gradkeep_value_and_slope(f, 0, x.data(), y.data(), dy.data(), 1000);
        wrong += gradkeep_apply_array(f, GRADKEEP_SLOPE, GRADKEEP_EXACT, &in, &out);
        wrong += gradkeep_rowwise("softmax", -1, &in, &out);
        wrong += y[0] != 0.01f;
        wrong += std::string(gradkeep_text(f)) != "elu(alpha=0.5)";
        wrong += gradkeep_set_threads(1 + round % 2);
        gradkeep_activation* own = nullptr;
        wrong += gradkeep_open(gradkeep_name(static_cast<std::size_t>(round)), 0, &own);
        gradkeep_close(own);
      }
    });
  }
  for (std::thread& t : callers) t.join();
  gradkeep_set_threads(1);
  gradkeep_close(f);
  EXPECT_EQ(wrong, 0);
}

TEST(CInterface, OutputsThatOverlapAndTooManyThreadsAreRefused) {
  gradkeep_activation* f = nullptr;
  ASSERT_EQ(gradkeep_open("tanh", GRADKEEP_RECOMMENDED, &f), GRADKEEP_OK);
  const std::vector<float> x(10, 1), before(20, 7);
  std::vector<float> y = before;
  EXPECT_EQ(gradkeep_value_and_slope(f, 0, x.data(), y.data(), y.data() + 3, 10), GRADKEEP_INVALID);
  EXPECT_EQ(y, before);
  EXPECT_EQ(gradkeep_set_threads(2000000000), GRADKEEP_INVALID);
  EXPECT_EQ(gradkeep_evaluate("no\nname", 0, 0, 0, x.data(), y.data(), 10), GRADKEEP_UNKNOWN);
  EXPECT_EQ(std::string(gradkeep_last_error()).find('\n'), std::string::npos);
  gradkeep_close(f);
}

TEST(CInterface, ALongTextIsCutAndNotOverrun) {
  const std::string name(5000, 'q');
  float x = 0;
  EXPECT_EQ(gradkeep_evaluate(name.c_str(), 0, 0, 0, &x, &x, 1), GRADKEEP_UNKNOWN);
  EXPECT_LT(std::string(gradkeep_last_error()).size(), 512u);
}

}  // namespace
