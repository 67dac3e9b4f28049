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

TEST(CInterface, ALongTextIsCutAndNotOverrun) {
  const std::string name(5000, 'q');
  float x = 0;
  EXPECT_EQ(gradkeep_evaluate(name.c_str(), 0, 0, 0, &x, &x, 1), GRADKEEP_UNKNOWN);
  EXPECT_LT(std::string(gradkeep_last_error()).size(), 512u);
}

}  // namespace
