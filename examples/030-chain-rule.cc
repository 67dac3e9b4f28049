// The chain rule, step by step: an input goes through three layers of one unit each, and the
// product of weights and slopes is the gradient that arrives at the front.
// SPDX-License-Identifier: Apache-2.0
#include <gradkeep/flow.h>

#include <array>
#include <cstdio>

int main() {
  const gradkeep::Activation tanh("tanh");
  const std::array<double, 3> weights = {1.5, 1.5, 1.5}, biases = {};
  for (const auto& step : gradkeep::chain_walk(tanh, 0.5, weights, biases)) {
    std::printf("a = %.4f, f = %.4f, slope %.4f, gradient so far %.4f\n", step.a, step.f,
                step.slope, step.product);
  }
}

// Output:
// a = 0.7500, f = 0.6351, slope 0.5966, gradient so far 0.8949
// a = 0.9527, f = 0.7410, slope 0.4509, gradient so far 0.6052
// a = 1.1115, f = 0.8046, slope 0.3526, gradient so far 0.3201
