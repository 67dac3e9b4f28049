// What looking costs: all default probes beside a training step, on digits, 20 layers of 256 units,
// batches of 128, float, Adam, one thread. Printed are a step, a look and a glance without any probe,
// what each probe takes of either, and the share that the probes add to training with looks at the
// default sampling (5 in 1,000 steps; target: at most 3 %) and with a glance at every step (target: at
// most 10 %), the latter from steps with and without one, taken in turns.
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
#include "probe/observer.h"
#include "probe/probe.h"

namespace {

namespace data = gradkeep::data;
namespace nn = gradkeep::nn;
namespace probe = gradkeep::probe;

constexpr int kDepth = 20, kWidth = 256, kBatch = 128, kRounds = 15, kSteps = 300;

double seconds(const std::function<void()>& work) {
  const double start = nn::thread_seconds();
  work();
  return nn::thread_seconds() - start;
}

// The median seconds of each, taken in turns, so that whatever slows the machine slows all of them.
std::vector<double> in_turns(const std::vector<std::function<void()>>& works,
                             int rounds = kRounds) {
  std::vector<std::vector<double>> times(works.size());
  for (int round = 0; round < rounds; ++round)
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
  constexpr probe::Moment kWithin{1, 2}, kEnd{1, 1};
  const auto look = [&](std::vector<std::string> which, probe::Moment moment) {
    return [&, which, moment] { probe::measure(which, moment, observer.look(net)); };
  };
  std::vector<std::function<void()>> looks{look({}, kWithin), look({}, kEnd),
                                           [&] { observer.look(net); }};
  for (const auto& name : names) looks.push_back(look({name}, kWithin));
  const auto look_time = in_turns(looks);

  std::vector<double> glance_time;
  trainer.after_backward([&](const nn::Step<float>& step) {
    const auto glance = [&](std::vector<std::string> which) {
      return [&, which] { probe::measure(which, kWithin, observer.glance(step)); };
    };
    std::vector<std::function<void()>> glances{glance({}), [&] { observer.glance(step); }};
    for (const auto& name : names) glances.push_back(glance({name}));
    glance_time = in_turns(glances, kSteps);
  });
  trainer.step();

  const auto step = [&](std::function<void(const nn::Step<float>&)> probe) {
    return [&trainer, probe] {
      trainer.after_backward(probe);
      trainer.step();
    };
  };
  const auto step_time = in_turns({step({}), step([&](const nn::Step<float>& now) {
                                     probe::measure({}, kWithin, observer.glance(now));
                                   })},
                                  kSteps);

  std::printf("%s: a step %.2f ms; without a probe a look %.2f ms, a glance %.3f ms\n",
              activation.c_str(), 1e3 * step_time[0], 1e3 * look_time[2], 1e3 * glance_time[1]);
  for (std::size_t i = 0; i < names.size(); ++i)
    std::printf("  %-24s %8.2f ms %8.3f ms\n", names[i].c_str(),
                1e3 * (look_time[3 + i] - look_time[2]),
                1e3 * (glance_time[2 + i] - glance_time[1]));
  if (!all) return;
  std::printf("with all default probes a look %.2f ms (at the end %.2f ms), a glance %.3f ms\n",
              1e3 * look_time[0], 1e3 * look_time[1], 1e3 * glance_time[0]);
  std::printf("added to training: %.2f %% by the default sampling, %.1f %% by a glance a step\n",
              100 * (4 * look_time[0] + look_time[1]) / (1000 * step_time[0]),
              100 * (step_time[1] / step_time[0] - 1));
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
