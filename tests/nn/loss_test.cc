// Losses beyond their gradients: values over several outputs, which rows count as right, and the
// outputs that a loss refuses.
// SPDX-License-Identifier: Apache-2.0
#include "nn/loss.h"

#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "nn/network.h"

namespace gradkeep::nn {
namespace {

// Two rows of three outputs, of classes 2 and 0.
constexpr double kOutputs[] = {0.5, -1, 2, 0.25, 0.75, -0.5};
const std::vector<int> kLabel{2, 0};

double value(Loss loss, const std::vector<double>& outputs, int columns,
             const std::vector<int>& label) {
  const Matrix<const double> z{outputs.data(), static_cast<int>(label.size()), columns};
  return loss_and_gradient<double>(loss, z, {label, {}}, {});
}

TEST(Loss, squared_compares_classes_with_one_hot_rows) {
  const std::vector<double> z(kOutputs, kOutputs + 6);
  const double by_hand = (0.25 + 1 + 1 + (0.25 - 1) * (0.25 - 1) + 0.75 * 0.75 + 0.25) / 6;
  EXPECT_NEAR(value(Loss::squared, z, 3, kLabel), by_hand, 1e-15);
  EXPECT_NEAR(value(Loss::squared, {0.75, 0.5}, 1, {1, 0}), (0.0625 + 0.25) / 2, 1e-15);
}

TEST(Loss, binary_is_a_mean_over_the_outputs) {
  const std::vector<double> z(kOutputs, kOutputs + 6);
  const double t[] = {0, 0, 1, 1, 0, 0};
  double by_hand = 0;
  for (int i = 0; i < 6; ++i) {
    const double p = 1 / (1 + std::exp(-z[i]));
    by_hand -= (t[i] == 1 ? std::log(p) : std::log(1 - p)) / 6;
  }
  EXPECT_NEAR(value(Loss::binary, z, 3, kLabel), by_hand, 1e-15);
}

TEST(Loss, counts_rows_that_are_right) {
  const Matrix<const double> three{kOutputs, 2, 3};
  for (const Loss loss : {Loss::softmax, Loss::binary, Loss::squared}) {
    EXPECT_EQ(count_correct(loss, three, kLabel), 1);
    EXPECT_EQ(count_correct<double>(loss, three, std::vector<int>{2, 1}), 2);
  }
  const double one[] = {0.4, 0.6, -0.1};
  const std::vector<int> label{1, 1, 0};
  EXPECT_EQ(count_correct<double>(Loss::binary, {one, 3, 1}, label), 3);
  EXPECT_EQ(count_correct<double>(Loss::squared, {one, 3, 1}, label), 2);
}

// A sigmoid that is confidently wrong: p - y reaches the logit with cross-entropy, but
// (p - y) p (1 - p) with the squared error.
TEST(Loss, cross_entropy_keeps_the_error_that_the_squared_loss_loses) {
  const double z = -8;
  const std::vector<int> label{1};
  double dz = 0;
  loss_and_gradient<double>(Loss::binary, {&z, 1, 1}, {label, {}}, {&dz, 1, 1});
  EXPECT_NEAR(dz, -0.99966, 1e-5);

  Network<double> net({1, {{1, Activation("sigmoid")}}, Derivative::input}, 1);
  net.weights(0)(0, 0) = 1;
  const auto y = net.forward({&z, 1, 1});
  loss_and_gradient<double>(Loss::squared, y, {label, {}}, net.loss_gradient());
  net.backward();
  EXPECT_NEAR(net.layer(0).dh(0, 0) / 2, -3.35e-4, 1e-6);  // of (p - y)^2, so twice
}

TEST(Loss, refuses_an_output_activation_before_cross_entropy) {
  const auto refusal = [](Loss loss, const char* activation) -> std::string {
    try {
      check_output(loss, Activation(activation));
    } catch (const Error& error) {
      return error.what();
    }
    return "";
  };
  EXPECT_EQ(refusal(Loss::softmax, "identity"), "");
  EXPECT_EQ(refusal(Loss::squared, "improved_sigmoid"), "");
  EXPECT_EQ(
      refusal(Loss::binary, "sigmoid"),
      "loss: binary takes logits, to which it applies the sigmoid itself, expected the output "
      "activation identity, got sigmoid");
  EXPECT_NE(refusal(Loss::binary, "improved_sigmoid").find("its range is (-inf, inf), so"),
            std::string::npos);
  EXPECT_NE(refusal(Loss::softmax, "relu").find("no probabilities"), std::string::npos);
}

}  // namespace
}  // namespace gradkeep::nn
