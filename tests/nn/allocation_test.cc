// After its first step, training allocates nothing: this program counts every operator new.
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <new>

#include "nn/initialise.h"
#include "nn/train.h"

namespace {

std::atomic<long> allocations{0};

void* counted(std::size_t size, std::size_t alignment) {
  ++allocations;
  void* p = std::aligned_alloc(alignment, (size + alignment - 1) / alignment * alignment);
  if (!p) throw std::bad_alloc();
  return p;
}

}  // namespace

void* operator new(std::size_t size) { return counted(size, alignof(std::max_align_t)); }
void* operator new(std::size_t size, std::align_val_t alignment) {
  return counted(size, static_cast<std::size_t>(alignment));
}
void operator delete(void* p) noexcept { std::free(p); }
void operator delete(void* p, std::size_t) noexcept { std::free(p); }
void operator delete(void* p, std::align_val_t) noexcept { std::free(p); }
void operator delete(void* p, std::size_t, std::align_val_t) noexcept { std::free(p); }

namespace gradkeep::nn {
namespace {

template <class T>
long allocations_of(OptimiserSpec::Kind kind, Derivative derivative, const char* activation) {
  const data::Dataset set = data::two_spirals(100, 0.1, 1);
  NetworkSpec spec = plain_network(2, 3, 24, 2, Activation(activation));
  spec.derivative = derivative;
  for (LayerSpec& layer : spec.layers) layer.learn = Learn::all;
  Network<T> net(spec, 32);
  initialise(net, {}, 1);
  TrainSpec how;
  how.optimiser.kind = kind;
  how.optimiser.rate = 0.01;
  how.clip = 1;
  Trainer<T> trainer(net, set, how);
  double sum = 0;
  trainer.after_backward([&](const Step<T>& step) { sum += step.net.layer(0).dw(0, 0); });
  trainer.step();
  const long before = allocations;
  // More than an epoch: the shuffle and the smaller last batch are among them.
  for (int i = 0; i < 10; ++i) trainer.step();
  return allocations - before;
}

TEST(Allocation, the_counter_counts) {
  const long before = allocations;
  const Buffer<float> buffer(3);
  EXPECT_EQ(allocations - before, 1);
}

TEST(Allocation, none_in_a_step) {
  for (const auto kind :
       {OptimiserSpec::Kind::sgd, OptimiserSpec::Kind::momentum, OptimiserSpec::Kind::adam}) {
    for (const auto derivative : {Derivative::input, Derivative::output}) {
      for (const char* activation : {"sigmoid", "prelu", "improved_sigmoid"}) {
        EXPECT_EQ(allocations_of<float>(kind, derivative, activation), 0) << activation;
        EXPECT_EQ(allocations_of<double>(kind, derivative, activation), 0) << activation;
      }
    }
  }
}

}  // namespace
}  // namespace gradkeep::nn
