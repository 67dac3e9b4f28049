// What looking costs: all default probes beside a training step, on digits, 20 layers of 256 units,
// batches of 128, float, Adam, one thread. Printed are a step, a look without any probe, what each
// probe takes of it, and the share that the probes add to training at the default sampling (5 looks
// in 1,000 steps; target: at most 3 %) and with a look after every step (target: at most 10 %).
//     probe_looks_bench [ACTIVATION] [PROBE...]    probes: to be timed instead of the default ones
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstdio>
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

// The median seconds of a call.
template <class Work>
double seconds(int rounds, const Work& work) {
  std::vector<double> times;
  for (int i = 0; i < rounds; ++i) {
    const double start = nn::thread_seconds();
    work();
    times.push_back(nn::thread_seconds() - start);
  }
  std::sort(times.begin(), times.end());
  return times[times.size() / 2];
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
  const double step = seconds(101, [&] { trainer.step(); });
  const probe::Moment middle{1, 2};
  const double bare = seconds(kRounds, [&] { observer.look(net); });
  std::printf("%s: a step %.2f ms; a look without a probe %.2f ms\n", activation.c_str(),
              1e3 * step, 1e3 * bare);
  const bool all = names.empty();
  if (all)
    for (const auto& each : probe::all())
      if (!each.costly && each.when(middle)) names.push_back(each.name);
  for (const auto& name : names) {
    const std::vector<std::string> one{name};
    const double look = seconds(5, [&] { probe::measure(one, middle, observer.look(net)); });
    std::printf("  %-24s %8.2f ms\n", name.c_str(), 1e3 * (look - bare));
  }
  if (!all) return;
  const double look = seconds(kRounds, [&] { probe::measure({}, middle, observer.look(net)); });
  const double ends = seconds(3, [&] { probe::measure({}, {1, 1}, observer.look(net)); });
  std::printf("a look with all default probes %.2f ms (at the end %.2f ms)\n", 1e3 * look,
              1e3 * ends);
  std::printf("added to training: %.2f %% at the default sampling, %.0f %% with a look a step\n",
              100 * (4 * look + ends) / (1000 * step), 100 * look / step);
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
