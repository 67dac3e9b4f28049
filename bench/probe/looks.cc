// What looking costs: all default probes beside a training step, on digits, 20 layers of 256 units,
// batches of 128, float, Adam, one thread. Printed are a step, a look without any probe, what each
// probe takes of it, and the share that the probes add to training at the default sampling (5 looks
// in 1,000 steps; target: at most 3 %) and with a look after every step (target: at most 10 %).
//     probe_looks_bench [ACTIVATION] [PROBE...]    probes: to be timed instead of the default ones
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstdio>
#include <functional>
#include <string>
#include <vector>

#include "nn/initialise.h"
#include "nn/thread_clock.h"
#include "nn/train.h"
#include "probe/probe.h"

namespace {

namespace data = gradkeep::data;
namespace nn = gradkeep::nn;
namespace probe = gradkeep::probe;

constexpr int kDepth = 20, kWidth = 256, kBatch = 128, kRounds = 15;

double seconds(const std::function<void()>& work) {
  const double start = nn::thread_seconds();
  work();
  return nn::thread_seconds() - start;
}

// The median seconds of each, taken in turns, so that whatever slows the machine slows all of them.
std::vector<double> in_turns(const std::vector<std::function<void()>>& works) {
  std::vector<std::vector<double>> times(works.size());
  for (int round = 0; round < kRounds; ++round)
    for (std::size_t i = 0; i < works.size(); ++i) times[i].push_back(seconds(works[i]));
  std::vector<double> result;
  for (auto& each : times) {
    std::sort(each.begin(), each.end());
    result.push_back(each[each.size() / 2]);
  }
  return result;
}

void run(const std::string& activation, std::vector<std::string> names) {
  const auto parts = data::split(data::load({.name = "digits"}), 0, 0.25, 1);
  const auto& set = parts.train;
  nn::Network<float> net(nn::plain_network(static_cast<int>(set.features), kDepth, kWidth,
                                           set.classes, gradkeep::Activation(activation)),
                         kBatch);
  nn::initialise(net, nn::parse_initialiser("he_normal"), 1);
  nn::TrainSpec spec;
  spec.batch = kBatch;
  spec.optimiser.kind = nn::OptimiserSpec::Kind::adam;
  spec.optimiser.rate = 1e-4;
  nn::Trainer<float> trainer(net, set, spec);
  probe::Observer<float> observer(net, set, spec.loss);

  trainer.step();
  const bool all = names.empty();
  if (all)
    for (const auto& each : probe::all())
      if (!each.costly && each.when({1, 2})) names.push_back(each.name);
  const auto look = [&](std::vector<std::string> which, probe::Moment moment) {
    return [&, which, moment] { probe::measure(which, moment, observer.look(net)); };
  };
  std::vector<std::function<void()>> works{[&] { trainer.step(); }, [&] { observer.look(net); },
                                           look({}, {1, 2}), look({}, {1, 1})};
  for (const auto& name : names) works.push_back(look({name}, {1, 2}));
  const auto time = in_turns(works);
  std::printf("%s: a step %.2f ms; a look without a probe %.2f ms\n", activation.c_str(),
              1e3 * time[0], 1e3 * time[1]);
  for (std::size_t i = 0; i < names.size(); ++i)
    std::printf("  %-24s %8.2f ms\n", names[i].c_str(), 1e3 * (time[4 + i] - time[1]));
  if (!all) return;
  std::printf("a look with all default probes %.2f ms (at the end %.2f ms)\n", 1e3 * time[2],
              1e3 * time[3]);
  std::printf("added to training: %.2f %% at the default sampling, %.0f %% with a look a step\n",
              100 * (4 * time[2] + time[3]) / (1000 * time[0]), 100 * time[2] / time[0]);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc > 1) {
    run(argv[1], {argv + 2, argv + argc});
    return 0;
  }
  for (const char* activation : {"tanh", "relu"}) run(activation, {});
  return 0;
}
