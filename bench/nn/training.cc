// How many samples a second our engine trains: float, 64 inputs, 10 outputs, SGD, one thread.
// Prints one number. Run by training.py:  nn_training_bench DEPTH WIDTH BATCH SECONDS [ACTIVATION]
// SPDX-License-Identifier: Apache-2.0
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "data/random.h"
#include "nn/initialise.h"
#include "nn/train.h"

namespace {

namespace data = gradkeep::data;
namespace nn = gradkeep::nn;

constexpr int kInputs = 64, kOutputs = 10, kBatches = 8;

data::Dataset random_data(int rows) {
  data::Random random(1);
  data::Dataset set;
  set.name = "random";
  set.rows = static_cast<std::size_t>(rows);
  set.features = kInputs;
  set.classes = kOutputs;
  for (int i = 0; i < rows * kInputs; ++i) set.x.push_back(random.normal());
  for (int r = 0; r < rows; ++r) set.label.push_back(static_cast<int>(random.below(kOutputs)));
  return set;
}

double samples_per_second(int depth, int width, int batch, double seconds, const char* activation) {
  const data::Dataset set = random_data(kBatches * batch);
  nn::Network<float> net(
      nn::plain_network(kInputs, depth, width, kOutputs, gradkeep::Activation(activation)), batch);
  nn::initialise(net, {}, 1);
  nn::TrainSpec spec;
  spec.batch = batch;
  spec.optimiser.rate = 0.01;
  nn::Trainer<float> trainer(net, set, spec);
  for (int i = 0; i < 3; ++i) trainer.step();
  using Clock = std::chrono::steady_clock;
  const auto start = Clock::now();
  const std::int64_t before = trainer.steps();
  double passed = 0;
  while (passed < seconds) {
    trainer.step();
    passed = std::chrono::duration<double>(Clock::now() - start).count();
  }
  return static_cast<double>(trainer.steps() - before) * batch / passed;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 5) {
    std::fputs("usage: nn_training_bench DEPTH WIDTH BATCH SECONDS [ACTIVATION]\n", stderr);
    return 2;
  }
  std::printf("%.1f\n",
              samples_per_second(std::atoi(argv[1]), std::atoi(argv[2]), std::atoi(argv[3]),
                                 std::atof(argv[4]), argc > 5 ? argv[5] : "tanh"));
  return 0;
}
