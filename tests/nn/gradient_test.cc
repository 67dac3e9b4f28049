// Every gradient against central differences of the loss in float64: each registered activation
// with all its parameters trained, each loss, derivatives from input and output, shifts. They must
// agree to 1e-7 of the largest component of their tensor. Seeds are taken one after the other until
// no pre-activation lies near a kink, where a difference quotient means nothing.
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "data/random.h"
#include "nn/initialise.h"
#include "nn/loss.h"
#include "nn/network.h"

namespace gradkeep::nn {
namespace {

constexpr int kRows = 6, kInputs = 4;
constexpr double kStep = 1e-3, kTolerance = 1e-7, kFarFromKinks = 2e-2;

struct Case {
  std::string activation;
  Loss loss = Loss::softmax;
  Derivative derivative = Derivative::input;
  double shift = 0;
};

class Problem {
 public:
  Problem(const Case& c, std::uint64_t seed)
      : loss_(c.loss), net_(network(c), kRows), x_(kRows * kInputs) {
    initialise(net_, {Initialiser::Kind::glorot_normal}, seed, {Initialiser::Kind::normal, 0.3});
    data::Random random(seed, 99);
    for (double& v : x_.span()) v = random.normal();
    for (int r = 0; r < kRows; ++r) {
      label_.push_back(r % 2);
      target_.push_back(random.normal());
    }
  }

  double loss(bool gradient) {
    const auto logits = net_.forward(x_.matrix(kRows, kInputs));
    const Wanted<double> wanted{label_, {target_.data(), kRows, 1}};
    return loss_and_gradient(loss_, logits, wanted,
                             gradient ? net_.loss_gradient() : Matrix<double>{});
  }

  bool far_from_kinks() {
    loss(false);
    for (int i = 0; i < net_.layers(); ++i) {
      const auto view = net_.layer(i);
      for (const double kink : view.activation->kinks()) {
        for (const double h : view.h.flat()) {
          if (std::abs(h - kink) < kFarFromKinks) return false;
        }
      }
    }
    return true;
  }

  void expect_gradients_of_differences() {
    loss(true);
    net_.backward();
    const std::vector<double> got(net_.gradients().begin(), net_.gradients().end());
    const double* origin = net_.parameters().data();
    for (int i = 0; i < net_.layers(); ++i) {
      const auto view = net_.layer(i);
      const std::string layer = "layer " + std::to_string(i + 1) + " ";
      EXPECT_GT(compare(layer + "w", view.w, got, view.w.data - origin), 0) << layer;
      compare(layer + "b", view.b, got, view.b.data - origin);
      if (view.learned.cols)
        compare(layer + "learned", view.learned, got, view.learned.data - origin);
    }
  }

 private:
  static NetworkSpec network(const Case& c) {
    const Activation f(c.activation);
    NetworkSpec spec{kInputs, {}, c.derivative};
    for (const int units : {5, 6, 5, 4}) spec.layers.push_back({units, f, c.shift, Learn::all});
    spec.layers.push_back({c.loss == Loss::softmax ? 3 : 1, Activation("identity")});
    return spec;
  }

  double loss_at(double& parameter, double value) {
    parameter = value;
    net_.parameters_changed();
    return loss(false);
  }

  // Central differences over one and two steps, combined so that an error of step^4 remains: small
  // gradients of deep layers would drown in the rounding of the loss if the step were smaller.
  double difference(std::size_t at) {
    double& p = net_.parameters()[at];
    const double here = p;
    const double near = loss_at(p, here + kStep) - loss_at(p, here - kStep);
    const double far = loss_at(p, here + 2 * kStep) - loss_at(p, here - 2 * kStep);
    loss_at(p, here);
    return (8 * near - far) / (12 * kStep);
  }

  // The tensor's largest component.
  double compare(const std::string& what, Matrix<const double> tensor,
                 const std::vector<double>& got, std::ptrdiff_t first) {
    double largest = 0, worst = 0;
    for (std::size_t i = 0; i < tensor.size(); ++i) {
      const double expected = difference(first + i);
      largest = std::max(largest, std::abs(expected));
      worst = std::max(worst, std::abs(expected - got[first + i]));
    }
    EXPECT_LE(worst, kTolerance * largest) << what;
    return largest;
  }

  Loss loss_;
  Network<double> net_;
  Buffer<double> x_;
  std::vector<int> label_;
  std::vector<double> target_;
};

void expect_right(const Case& c) {
  for (std::uint64_t seed = 1; seed < 1000; ++seed) {
    Problem problem(c, seed);
    if (!problem.far_from_kinks()) continue;
    problem.expect_gradients_of_differences();
    return;
  }
  FAIL() << "no seed keeps clear of the kinks of " << c.activation;
}

class EveryActivation : public testing::TestWithParam<std::string> {};
INSTANTIATE_TEST_SUITE_P(Registered, EveryActivation, testing::ValuesIn(names()),
                         [](const auto& instance) { return instance.param; });

TEST_P(EveryActivation, derivative_from_input) { expect_right({GetParam()}); }
TEST_P(EveryActivation, derivative_from_output) {
  expect_right({GetParam(), Loss::softmax, Derivative::output});
}
TEST_P(EveryActivation, shifted) {
  expect_right({GetParam(), Loss::squared, Derivative::input, -0.5});
}

TEST(Loss, binary) { expect_right({"tanh", Loss::binary}); }
TEST(Loss, squared) { expect_right({"tanh", Loss::squared}); }
TEST(Shift, with_derivative_from_output) {
  expect_right({"sigmoid", Loss::softmax, Derivative::output, -0.5});
}

// A net of one unit a layer: dL/dy of the first layer is the product of slopes and weights above
// it, which is what the chain rule says and the verb `chain` prints.
TEST(Chain, gradient_is_the_product_of_slopes_and_weights) {
  constexpr int kLayers = 20;
  NetworkSpec spec{1, {}, Derivative::input};
  for (int i = 0; i < kLayers; ++i) spec.layers.push_back({1, Activation("sigmoid")});
  Network<double> net(spec, 1);
  double product = 1;
  for (int i = 0; i < kLayers; ++i) {
    net.weights(i)(0, 0) = 1 + 0.1 * i;
    net.biases(i)(0, 0) = 0.05 * i;
  }
  const double x = 0.3;
  net.forward({&x, 1, 1});
  net.loss_gradient()(0, 0) = 1;
  net.backward();
  for (int i = kLayers - 1; i > 0; --i) {
    const auto view = net.layer(i);
    product *= (*view.activation)(view.h(0, 0), 1) * view.w(0, 0);
    EXPECT_NEAR(net.layer(i - 1).dy(0, 0), product, 1e-14 * product) << "layer " << i;
  }
}

}  // namespace
}  // namespace gradkeep::nn
