// Ten training steps in float64 against PyTorch's, for every optimiser and loss, with clipping, and
// of nets with batch and layer normalisation and skips: losses, parameters, optimiser states, running
// averages and outputs in evaluation agree to 1e-12, and so do the learning rates of schedules.
// tools/make_golden_nn.py wrote the file.
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "nn/loss.h"
#include "nn/network.h"
#include "nn/optimiser.h"
#include "nn/schedule.h"

namespace gradkeep::nn {
namespace {

using nlohmann::json;

constexpr double kTolerance = 1e-12;

const json& golden() {
  static const json document =
      json::parse(std::ifstream(GRADKEEP_SOURCE_DIR "/tests/nn/golden_nn.json"));
  return document;
}

Network<double> network(const json& run) {
  NetworkSpec spec{golden()["inputs"].get<int>(), {}, Derivative::input};
  for (const json& layer : golden()["nets"][run["net"].get<std::string>()]) {
    spec.layers.push_back({layer["units"].get<int>(),
                           Activation(layer["activation"].get<std::string>()),
                           layer["shift"].get<double>(), Learn::declared,
                           parse_normalisation(layer["normalisation"].get<std::string>()),
                           layer["branch"].get<double>()});
  }
  const int classes = run["classes"];
  const bool one = classes == 0 || (classes == 2 && run["loss"] != "softmax");
  spec.layers.push_back({one ? 1 : classes, Activation(run["output"].get<std::string>())});
  return Network<double>(spec, static_cast<int>(golden()["label"].size()));
}

OptimiserSpec optimiser(const json& run) {
  OptimiserSpec spec;
  spec.kind = parse_optimiser(run["optimiser"].get<std::string>());
  spec.rate = run["options"]["lr"];
  spec.momentum = run["options"].value("momentum", spec.momentum);
  spec.weight_decay = run["options"].value("weight_decay", spec.weight_decay);
  return spec;
}

// Calls each(piece of `layers`, the numbers at the same place in `flat`), flat being laid out as
// the network's parameters.
template <class Each>
void for_each_tensor(const Network<double>& net, std::span<const double> flat, const json& layers,
                     Each each) {
  const double* origin = net.parameters().data();
  for (int i = 0; i < net.layers(); ++i) {
    const auto view = net.layer(i);
    const std::pair<const char*, Matrix<const double>> tensors[] = {{"w", view.w},
                                                                    {"b", view.b},
                                                                    {"gamma", view.gamma},
                                                                    {"beta", view.beta},
                                                                    {"learned", view.learned}};
    for (const auto& [name, tensor] : tensors) {
      const auto expected = layers[i][name].template get<std::vector<double>>();
      ASSERT_EQ(expected.size(), tensor.size());
      if (expected.empty()) continue;
      each("layer " + std::to_string(i + 1) + " " + name, expected,
           flat.subspan(tensor.data - origin, tensor.size()));
    }
  }
}

void expect_same(const Network<double>& net, std::span<const double> flat, const json& layers,
                 const char* what) {
  for_each_tensor(net, flat, layers,
                  [&](const std::string& name, const std::vector<double>& expected,
                      std::span<const double> got) {
                    for (std::size_t j = 0; j < expected.size(); ++j) {
                      EXPECT_NEAR(got[j], expected[j], kTolerance)
                          << what << ", " << name << "[" << j << "]";
                    }
                  });
}

void expect_near(std::span<const double> got, const json& numbers, const char* what) {
  const auto expected = numbers.get<std::vector<double>>();
  ASSERT_EQ(got.size(), expected.size()) << what;
  for (std::size_t j = 0; j < expected.size(); ++j) {
    EXPECT_NEAR(got[j], expected[j], kTolerance) << what << "[" << j << "]";
  }
}

void expect_same_in_evaluation(const Network<double>& net, const json& run,
                               Matrix<const double> x) {
  for (std::size_t i = 0; i < run["running"].size(); ++i) {
    expect_near(net.running_averages(static_cast<int>(i)).flat(), run["running"][i],
                "running averages");
  }
  Pass<double> pass(net.spec(), x.rows);
  expect_near(net.forward(x, pass).flat(), run["evaluated"], "outputs in evaluation");
}

class Golden : public testing::TestWithParam<std::size_t> {};
INSTANTIATE_TEST_SUITE_P(Runs, Golden, testing::Range<std::size_t>(0, golden()["cases"].size()));

TEST_P(Golden, ten_steps_as_pytorch) {
  const json& run = golden()["cases"][GetParam()];
  const Loss loss = parse_loss(run["loss"].get<std::string>());
  Network<double> net = network(run);
  for_each_tensor(
      net, net.parameters(), run["start"],
      [&](const std::string&, const std::vector<double>& from, std::span<const double> to) {
        double* at = net.parameters().data() + (to.data() - net.parameters().data());
        std::copy(from.begin(), from.end(), at);
      });
  net.parameters_changed();

  const auto x = golden()["x"].get<std::vector<double>>();
  auto label = golden()["label"].get<std::vector<int>>();
  const auto target = golden()["target"].get<std::vector<double>>();
  const int rows = static_cast<int>(label.size());
  if (run["classes"] == 2) {
    for (int& l : label) l = l > 0;
  }
  Optimiser<double> opt(optimiser(run), net.parameters().size());
  const double clip = run["clip"];
  for (std::size_t step = 0; step < run["losses"].size(); ++step) {
    const auto outputs = net.forward({x.data(), rows, net.spec().inputs});
    Wanted<double> wanted{label, {}};
    if (run["classes"] == 0) wanted = {{}, {target.data(), rows, 1}};
    const double value = loss_and_gradient(loss, outputs, wanted, net.loss_gradient());
    EXPECT_NEAR(value, run["losses"][step].get<double>(), kTolerance) << "step " << step;
    net.backward();
    if (clip > 0) {
      const double norm = clip_by_norm(net.gradients(), clip);
      EXPECT_NEAR(norm, run["norms"][step].get<double>(), kTolerance) << "step " << step;
    }
    opt.update(net.parameters(), net.gradients());
    net.parameters_changed();
    net.update_running_averages();
  }
  expect_same(net, net.parameters(), run["end"], "parameters");
  const json& moments = run["moments"];
  if (moments.size() > 0) expect_same(net, opt.first_moment(), moments[0], "first moment");
  if (moments.size() > 1) expect_same(net, opt.second_moment(), moments[1], "second moment");
  if (run.contains("running"))
    expect_same_in_evaluation(net, run, {x.data(), rows, net.spec().inputs});
}

TEST(Golden, schedules_as_pytorch) {
  for (const auto& [name, shares] : golden()["schedules"].items()) {
    const std::int64_t budget = static_cast<std::int64_t>(shares.size()) - 1;
    for (std::int64_t step = 0; step <= budget; ++step) {
      EXPECT_NEAR(rate_share(parse_schedule(name), step, 0, budget), shares[step].get<double>(),
                  kTolerance)
          << name << ", step " << step;
    }
  }
  EXPECT_EQ(golden()["schedules"].size(), 3u);
}

}  // namespace
}  // namespace gradkeep::nn
