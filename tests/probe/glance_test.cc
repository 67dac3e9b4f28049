// A glance is what a look would say of the examples and units that it takes: compared with a look where
// it takes all of them, and number by number with the training step where it does not.
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "measured.h"
#include "nn/initialise.h"
#include "probe/observer.h"

namespace gradkeep::probe {
namespace {

constexpr Moment kWithin{3, 10};
// While weights move, a look asks what units show now, and glances what they have shown of late.
const std::set<std::string> kOfThePast{"dead", "silent"};
const std::set<std::string> kOfLooks{"collapse", "revived", "revivals", "revivals_most"};

std::map<std::pair<std::string, int>, double> all_of(const Snapshot& snapshot,
                                                     const std::vector<std::string>& wanted = {}) {
  std::map<std::pair<std::string, int>, double> result;
  for (const auto& value : measure(wanted, kWithin, snapshot))
    result[{value.probe, value.layer}] = value.value;
  return result;
}

nn::TrainSpec training(int batch) {
  nn::TrainSpec spec;
  spec.loss = nn::Loss::squared;
  spec.optimiser.rate = 0.01;
  spec.batch = batch;
  return spec;
}

// Eight examples in a batch, eight units in a layer: nothing is left out.
TEST(Glance, SaysWhatALookSays) {
  const auto set = noise(kGlancedExamples, 5);
  for (const char* activation : {"relu", "tanh", "prelu"})
    for (const auto kind :
         {nn::Normalisation::none, nn::Normalisation::batch, nn::Normalisation::layer})
      for (const double branch : {0.0, 0.5})
        for (const double clip : {0.0, 1e-3}) {
          auto network = nn::plain_network(5, 4, kGlancedUnits, 1, Activation(activation));
          network.layers[2].normalisation = kind;
          network.layers[2].branch = branch;
          nn::Network<double> net(network, kGlancedExamples);
          nn::initialise(net, nn::parse_initialiser("he_normal"), 1);
          auto spec = training(kGlancedExamples);
          spec.clip = clip;
          nn::Trainer<double> trainer(net, set, spec);
          Observer<double> observer(net, set, spec.loss);
          int compared = 0;
          trainer.after_backward([&](const nn::Step<double>& step) {
            const auto look = all_of(observer.look(step.net)),
                       glance = all_of(observer.glance(step));
            for (const auto& [name, value] : glance) {
              const auto expected = look.find(name);
              if (kOfThePast.contains(name.first)) continue;
              ASSERT_NE(expected, look.end()) << name.first;
              EXPECT_NEAR(value, expected->second, 1e-12 * (1 + std::abs(value)))
                  << name.first << " in layer " << name.second << " of " << activation;
              ++compared;
            }
            for (const auto& [name, value] : look)
              EXPECT_NE(kOfLooks.contains(name.first), glance.contains(name)) << name.first;
          });
          for (int i = 0; i < 3; ++i) trainer.step();
          EXPECT_GT(compared, 300);
        }
}

TEST(Glance, TakesTheFirstExamplesAndUnitsFarApart) {
  const auto set = noise(40, 3);
  nn::Network<float> net(nn::plain_network(3, 2, 20, 1, Activation("tanh")), 16);
  nn::initialise(net, nn::parse_initialiser("glorot_normal"), 1);
  nn::Trainer<float> trainer(net, set, training(16));
  Observer<float> observer(net, set, nn::Loss::squared);
  int steps = 0;
  trainer.after_backward([&](const nn::Step<float>& step) {
    const auto& layer = observer.glance(step).layers[1];
    const auto view = step.net.layer(1);
    ASSERT_EQ(layer.h.rows, kGlancedExamples);
    for (int row = 0; row < kGlancedExamples; ++row)
      for (int unit = 0; unit < 20; ++unit) {
        EXPECT_EQ(layer.h.row(row)[unit], view.h(row, unit));
        EXPECT_EQ(layer.x.row(row)[unit], view.x(row, unit));
        EXPECT_EQ(layer.dh.row(row)[unit], 1.0 * view.h.rows * view.dh(row, unit));
      }
    ASSERT_EQ(layer.w.rows, kGlancedUnits);
    ASSERT_EQ(layer.dw.rows, kGlancedUnits);
    const int taken[] = {0, 2, 5, 7, 10, 12, 15, 17};
    for (int k = 0; k < kGlancedUnits; ++k)
      for (int input = 0; input < 20; ++input) {
        EXPECT_EQ(layer.w.row(k)[input], view.w(taken[k], input));
        EXPECT_EQ(layer.initial_w.row(k)[input], view.initial_w(taken[k], input));
        EXPECT_EQ(layer.dw.row(k)[input], view.dw(taken[k], input));
      }
    ++steps;
  });
  for (int i = 0; i < 3; ++i) trainer.step();  // the third batch is smaller
  EXPECT_EQ(steps, 3);
}

// What needs more than a glance sees keeps silent; what speaks, named probes too, is of the size that a look finds.
TEST(Glance, OfManyUnitsIsOfTheSizeOfALook) {
  auto set = noise(kGlancedExamples, 5);
  set.target.assign(kGlancedExamples, 3.0);  // so that examples agree on more than noise
  nn::Network<double> net(nn::plain_network(5, 3, 64, 1, Activation("tanh")), kGlancedExamples);
  nn::initialise(net, nn::parse_initialiser("glorot_normal"), 1);
  nn::Trainer<double> trainer(net, set, training(kGlancedExamples));
  trainer.follow_path(true);
  Observer<double> observer(net, set, nn::Loss::squared);
  std::set<std::string> spoke;
  trainer.after_backward([&](const nn::Step<double>& step) {
    const auto look = all_of(observer.look(step.net, trainer.walks()), names());
    for (const auto& [name, value] : all_of(observer.glance(step, trainer.walks()), names())) {
      if (kOfThePast.contains(name.first)) continue;
      const double expected = look.at(name);
      EXPECT_LE(std::abs(value - expected), 0.5 * std::abs(expected) + 1e-12)
          << name.first << " in layer " << name.second;
      spoke.insert(name.first);
    }
  });
  for (int i = 0; i < 4; ++i) trainer.step();
  for (const char* said : {"zig_zag", "gradient_noise", "gradient_rms"})
    EXPECT_TRUE(spoke.contains(said)) << said;
  for (const char* silent : {"update_ratio", "path_ratio", "gradient_confusion", "effective_rank"})
    EXPECT_FALSE(spoke.contains(silent)) << silent;
}

// A unit is dead when as many examples as the training part has have shown no slope.
TEST(Glance, UnitsOverAnEpochOfExamples) {
  const auto set = noise(3 * kGlancedExamples, 1);
  nn::Network<float> net(nn::plain_network(1, 1, 2, 1, Activation("relu")), kGlancedExamples);
  net.weights(0)(0, 0) = 1;
  auto spec = training(kGlancedExamples);
  spec.optimiser.rate = 1e-30;
  nn::Trainer<float> trainer(net, set, spec);
  Observer<float> observer(net, set, spec.loss);
  std::vector<std::map<std::string, double>> said;
  trainer.after_backward([&](const nn::Step<float>& step) {
    auto& now = said.emplace_back();
    for (const auto& [name, value] : all_of(observer.glance(step))) now[name.first] = value;
  });
  const auto steps = [&](int count, float bias) {
    net.biases(0)(0, 0) = bias;
    net.biases(0)(0, 1) = 5;
    for (int i = 0; i < count; ++i) trainer.step();
    return said.back();
  };
  EXPECT_FALSE(steps(2, -100).contains("dead"));
  EXPECT_EQ(steps(1, -100).at("dead"), 0.5);
  EXPECT_EQ(said.back().at("silent"), 0.5);
  EXPECT_EQ(steps(1, 100).at("dead"), 0);
  EXPECT_EQ(steps(2, -100).at("dead"), 0);
  EXPECT_EQ(steps(1, -100).at("dead"), 0.5);
}

TEST(Glance, RefusesDropout) {
  const auto set = noise(16, 2);
  auto network = nn::plain_network(2, 2, 4, 1, Activation("tanh"));
  network.layers[0].dropout = 0.5;
  nn::Network<double> net(network, 8);
  nn::Trainer<double> trainer(net, set, training(8));
  Observer<double> observer(net, set, nn::Loss::squared);
  trainer.after_backward([&](const nn::Step<double>& step) { observer.glance(step); });
  EXPECT_THROW(trainer.step(), Error);
}

}  // namespace
}  // namespace gradkeep::probe
