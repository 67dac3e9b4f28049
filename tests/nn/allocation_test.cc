// After its first step, training allocates nothing: this program counts every operator new, ours
// and the libraries'. Where an epoch ends in a smaller batch, the first such batch counts as a first
// step too: oneDNN makes the machine code for a new shape when it first meets it.
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <new>

#include "nn/initialise.h"
#include "nn/tie.h"
#include "nn/train.h"

namespace {

std::atomic<long> allocations{0};

void* counted(std::size_t size, std::size_t alignment) {
  ++allocations;
  void* p = std::aligned_alloc(alignment, (size + alignment - 1) / alignment * alignment);
  if (!p) throw std::bad_alloc();
  return p;
}

// Not inlined, lest the compiler complain that free meets memory of operator new.
[[gnu::noinline]] void release(void* p) { std::free(p); }

}  // namespace

void* operator new(std::size_t size) { return counted(size, alignof(std::max_align_t)); }
void* operator new(std::size_t size, std::align_val_t alignment) {
  return counted(size, static_cast<std::size_t>(alignment));
}
void operator delete(void* p) noexcept { release(p); }
void operator delete(void* p, std::size_t) noexcept { release(p); }
void operator delete(void* p, std::align_val_t) noexcept { release(p); }
void operator delete(void* p, std::size_t, std::align_val_t) noexcept { release(p); }

namespace gradkeep::nn {
namespace {

template <class T>
long allocations_of(OptimiserSpec::Kind kind, Derivative derivative, const char* activation,
                    std::size_t rows, int first_steps,
                    Normalisation normalisation = Normalisation::none,
                    NumberFormat format = NumberFormat::own) {
  const data::Dataset set = data::two_spirals(rows, 0.1, 1);
  NetworkSpec spec = plain_network(2, 3, 25, 2, Activation(activation));
  spec.derivative = derivative;
  spec.format = format;
  for (LayerSpec& layer : spec.layers) layer.learn = Learn::all;
  const bool extras = normalisation != Normalisation::none;
  for (int i = 1; extras && i < 3; ++i) {
    spec.layers[i].normalisation = normalisation;
    spec.layers[i].branch = 0.5;
    spec.layers[i].tie = tie_convolution(5);
    spec.layers[i].dropout = 0.2;
  }
  Network<T> net(spec, 32);
  initialise(net, {}, 1);
  TrainSpec how;
  how.optimiser.kind = kind;
  how.optimiser.rate = 0.01;
  how.clip = 1;
  how.warmup = extras ? 7 : 0;
  if (format != NumberFormat::own) how.loss_scale = kDynamicLossScale;
  Trainer<T> trainer(net, set, how);
  trainer.follow_path(extras);
  double sum = 0;
  trainer.after_backward([&](const Step<T>& step) { sum += step.net.layer(0).dw(0, 0); });
  while (trainer.steps() < first_steps) trainer.step();
  const long before = allocations;
  // More than an epoch of four steps: a shuffle is among them.
  for (int i = 0; i < 10; ++i) trainer.step();
  return allocations - before;
}

TEST(Allocation, the_counter_counts) {
  const long before = allocations;
  const Buffer<float> buffer(3);
  EXPECT_EQ(allocations - before, 1);
}

void expect_none(std::size_t rows, int first_steps) {
  using Kind = OptimiserSpec::Kind;
  for (const auto kind : {Kind::sgd, Kind::momentum, Kind::adamw}) {
    for (const auto derivative : {Derivative::input, Derivative::output}) {
      for (const char* f : {"sigmoid", "prelu", "improved_sigmoid"}) {
        EXPECT_EQ(allocations_of<float>(kind, derivative, f, rows, first_steps), 0) << f;
        EXPECT_EQ(allocations_of<double>(kind, derivative, f, rows, first_steps), 0) << f;
      }
    }
  }
}

TEST(Allocation, none_with_normalisation_skips_ties_dropout_and_paths) {
  const auto adam = OptimiserSpec::Kind::adam;
  for (const auto n : {Normalisation::batch, Normalisation::layer}) {
    EXPECT_EQ(allocations_of<float>(adam, Derivative::input, "relu", 128, 1, n), 0);
    EXPECT_EQ(allocations_of<double>(adam, Derivative::input, "relu", 128, 1, n), 0);
  }
}
TEST(Allocation, none_in_sixteen_bits) {
  for (const auto format : {NumberFormat::bf16, NumberFormat::f16}) {
    EXPECT_EQ(allocations_of<float>(OptimiserSpec::Kind::adam, Derivative::input, "relu", 128, 1,
                                    Normalisation::batch, format),
              0);
  }
}
TEST(Allocation, none_after_the_first_step) { expect_none(128, 1); }
TEST(Allocation, none_after_the_first_epoch_with_a_smaller_last_batch) { expect_none(100, 4); }

}  // namespace
}  // namespace gradkeep::nn
