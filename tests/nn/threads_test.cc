// A run's bits depend on its seed, not on how many threads there are: alone, four at a time, and
// with OpenMP and BLIS told to use four threads (CMakeLists.txt sets their environment), the trained
// parameters are the same.
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cstring>
#include <filesystem>
#include <iterator>
#include <thread>
#include <vector>

#include "nn/initialise.h"
#include "nn/product.h"
#include "nn/tie.h"
#include "nn/train.h"

namespace gradkeep::nn {
namespace {

template <class T>
std::vector<T> trained(std::uint64_t seed) {
  const data::Dataset set = data::digits();
  NetworkSpec network = plain_network(64, 3, 64, 10, Activation("tanh"));
  network.layers[0].normalisation = Normalisation::batch;
  network.layers[1].normalisation = Normalisation::layer;
  network.layers[2].branch = 0.5;
  network.layers[2].tie = tie_convolution(8);
  Network<T> net(network, 32);
  initialise(net, {}, seed);
  TrainSpec spec;
  spec.seed = seed;
  Trainer<T> trainer(net, set, spec);
  while (trainer.steps() < 100) trainer.step();
  return {net.parameters().begin(), net.parameters().end()};
}

template <class T>
bool same_bits(const std::vector<T>& a, const std::vector<T>& b) {
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof(T)) == 0;
}

template <class T>
void expect_same_in_threads() {
  const std::vector<T> alone = trained<T>(1);
  EXPECT_FALSE(same_bits(alone, trained<T>(2)));
  std::vector<std::vector<T>> together(4);
  std::vector<std::thread> threads;
  for (auto& result : together) threads.emplace_back([&result] { result = trained<T>(1); });
  for (auto& thread : threads) thread.join();
  for (const auto& result : together) EXPECT_TRUE(same_bits(alone, result));
}

// Shapes for which the libraries would start threads if they were let.
TEST(Threads, a_run_starts_none) {
  const std::filesystem::path tasks = "/proc/self/task";
  if (!std::filesystem::exists(tasks)) GTEST_SKIP() << "needs " << tasks;
  const auto threads = [&] {
    return std::distance(std::filesystem::directory_iterator(tasks), {});
  };
  const auto before = threads();
  const std::size_t size = 512 * 512;
  const Buffer<float> a(size), c(size);
  const Buffer<double> b(size), d(size);
  product<float>(Op::plain, a.matrix(512, 512), Op::plain, a.matrix(512, 512), c.matrix(512, 512));
  product<double>(Op::plain, b.matrix(512, 512), Op::plain, b.matrix(512, 512), d.matrix(512, 512));
  EXPECT_EQ(threads(), before);
}

TEST(Threads, same_bits_float) { expect_same_in_threads<float>(); }
TEST(Threads, same_bits_double) { expect_same_in_threads<double>(); }

}  // namespace
}  // namespace gradkeep::nn
