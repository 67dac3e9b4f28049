// The chain rule as nn/ computes it: a net of one unit a layer in float64, seen as the steps that
// flow's chain_walk and the verb `chain` give for the same weights and biases.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gradkeep/flow.h>
#include <gtest/gtest.h>

#include <cmath>
#include <span>
#include <string>
#include <vector>

#include "data/random.h"
#include "nn/network.h"

namespace gradkeep::nn {

// Step i from a net of i layers whose loss is its output: dL/dh of the last layer is f'(a_i) then,
// and dL/dx, which a net does not keep, is dL/dh of the first layer times its weight.
inline std::vector<ChainStep> chain_of_net(const Activation& f, double x,
                                           std::span<const double> weights,
                                           std::span<const double> biases) {
  std::vector<ChainStep> steps;
  NetworkSpec spec{1, {}, Derivative::input};
  for (std::size_t layers = 1; layers <= weights.size(); ++layers) {
    spec.layers.push_back({1, f});
    Network<double> net(spec, 1);
    for (std::size_t i = 0; i < layers; ++i) {
      net.weights(static_cast<int>(i))(0, 0) = weights[i];
      net.biases(static_cast<int>(i))(0, 0) = biases[i];
    }
    net.forward({&x, 1, 1});
    net.loss_gradient()(0, 0) = 1;
    net.backward();
    const auto last = net.layer(net.layers() - 1);
    const auto first = net.layer(0);
    steps.push_back(
        {last.h(0, 0), last.y(0, 0), last.dh(0, 0), last.w(0, 0), first.dh(0, 0) * first.w(0, 0)});
  }
  return steps;
}

// A chain to try: an input and the weights and biases of its layers.
struct Chain {
  double x;
  std::vector<double> weights, biases;
};

inline Chain random_chain(int layers, std::uint64_t seed) {
  data::Random random(seed, 3);
  Chain chain{random.normal(), {}, {}};
  for (int i = 0; i < layers; ++i) {
    chain.weights.push_back(1 + 0.3 * random.normal());
    chain.biases.push_back(0.5 * random.normal());
  }
  return chain;
}

// Both compute each step with errors of a few units in the last place, which the slopes pass on. An
// a may be small because its addends cancel, so its error is measured by them.
inline void expect_same_steps(const std::vector<ChainStep>& got,
                              const std::vector<ChainStep>& expected) {
  ASSERT_EQ(got.size(), expected.size());
  for (std::size_t i = 0; i < got.size(); ++i) {
    const std::string layer = "layer " + std::to_string(i + 1);
    const auto same = [&](double a, double b, const char* what, double addend = 0) {
      if (a == b || (std::isnan(a) && std::isnan(b))) return;  // a chain of exponentials overflows
      EXPECT_NEAR(a, b, 1e-14 * (std::abs(b) + std::abs(addend))) << what << " of " << layer;
    };
    const ChainStep &g = got[i], &e = expected[i];
    const double addend = i == 0 ? 0 : e.weight * expected[i - 1].f;
    EXPECT_EQ(g.weight, e.weight) << layer;
    same(g.a, e.a, "a", addend);
    same(g.f, e.f, "f", e.slope * addend);
    same(g.slope, e.slope, "slope");
    same(g.product, e.product, "product");
  }
}

}  // namespace gradkeep::nn
