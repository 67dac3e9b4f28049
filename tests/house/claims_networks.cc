// Numbers of docs/claims.md that are measured on networks: small ones, on the embedded digits, in
// double where a number is quoted with many digits.
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>

#include "claims.h"
#include "nn/initialise.h"
#include "nn/thread_clock.h"
#include "nn/tie.h"
#include "nn/train.h"
#include "probe/observer.h"
#include "probe/probe.h"

namespace gradkeep::claims {
namespace {

data::Dataset digits() {
  data::Split parts = data::split(data::digits(), 0, 0.25, 1);
  data::scale_inputs(data::Scale::zscore, parts);
  return parts.train;
}

data::Dataset every_row(const data::Dataset& set, int times) {
  std::vector<std::size_t> rows;
  for (std::size_t row = 0; row < set.rows * times; ++row) rows.push_back(row / times);
  return data::select(set, rows);
}

// The gradient of the first step over all examples at once.
std::vector<double> whole_gradient(const data::Dataset& set) {
  const int rows = static_cast<int>(set.rows);
  nn::Network<double> net(nn::plain_network(64, 2, 16, 10, Activation("sigmoid")), rows);
  nn::initialise(net, nn::parse_initialiser("plain"), 1);
  nn::Trainer<double> trainer(net, set, {.batch = rows});
  trainer.step();
  return {net.gradients().begin(), net.gradients().end()};
}

// How much repeating every image three times changes that gradient, of its largest component.
double repeated_gradient() {
  const auto once = whole_gradient(digits()), thrice = whole_gradient(every_row(digits(), 3));
  double change = 0, largest = 0;
  for (std::size_t i = 0; i < once.size(); ++i) {
    change = std::max(change, std::abs(once[i] - thrice[i]));
    largest = std::max(largest, std::abs(once[i]));
  }
  return change / largest;
}

// Two 3 x 3 convolutions of 8 x 8 images with f between them: the largest |net(a + b) - net(a) -
// net(b) + net(0)| of its largest output. A linear map has 0.
double convolution_bend(const char* name) {
  nn::NetworkSpec spec;
  spec.inputs = 64;
  for (const char* f : {name, "identity"}) {
    spec.layers.push_back(
        {.units = 64, .activation = Activation(f), .tie = nn::tie_convolution(8)});
  }
  nn::Network<double> net(spec, 4);
  nn::initialise(net, nn::parse_initialiser("plain"), 1);
  const data::Dataset images = digits();
  std::vector<double> x(4 * 64);
  for (int k = 0; k < 64; ++k) {
    x[64 + k] = images.x[k];
    x[128 + k] = images.x[64 + k];
    x[192 + k] = x[64 + k] + x[128 + k];
  }
  const nn::Matrix<const double> y = net.forward({x.data(), 4, 64});
  double bend = 0, largest = 0;
  for (int k = 0; k < 64; ++k) {
    const double zero = y.data[k], a = y.data[64 + k], b = y.data[128 + k], sum = y.data[192 + k];
    bend = std::max(bend, std::abs(sum - a - b + zero));
    largest = std::max(largest, std::abs(sum));
  }
  return bend / largest;
}

// The share of the entries of a unit's gradient that have the sign of most: of one example's own
// gradient, or of that of a batch of 128 (batch_sign_agreement).
double sign_agreement(const char* name, const char* probe = "sign_agreement") {
  const data::Dataset set = digits();
  nn::Network<double> net(nn::plain_network(64, 2, 64, 10, Activation(name)), 128);
  nn::initialise(net, nn::parse_initialiser("plain"), 1);
  probe::Observer<double> observer(net, set, nn::Loss::softmax);
  const std::vector<std::string> wanted{probe};
  for (const auto& row : probe::measure(wanted, {0, 1}, observer.look(net))) {
    if (row.layer == 2) return row.value;
  }
  return NAN;
}

// The share of a training step's time that the sigmoid takes in three layers of 512 units. On a
// target narrower than AVX2, which the products of matrices use wherever the processor has it, the
// share says nothing: 0.
double sigmoid_time() {
  if (!target_name().starts_with("AVX")) return 0;
  const data::Dataset set = digits();
  nn::Network<float> net(nn::plain_network(64, 3, 512, 10, Activation("sigmoid")), 64);
  nn::initialise(net, nn::parse_initialiser("glorot_normal"), 1);
  nn::Trainer<float> trainer(net, set, {.batch = 64});
  net.time_activations(true);
  for (int i = 0; i < 10; ++i) trainer.step();
  double least = 1;
  for (int repeat = 0; repeat < 5; ++repeat) {
    net.reset_activation_seconds();
    const double start = nn::thread_seconds();
    for (int i = 0; i < 15; ++i) trainer.step();
    least = std::min(least, net.activation_seconds() / (nn::thread_seconds() - start));
  }
  return least;
}

}  // namespace

Numbers by_networks() {
  return {
      {"repeated_gradient", repeated_gradient},
      {"convolution_bend_identity", [] { return convolution_bend("identity"); }},
      {"convolution_bend_relu", [] { return convolution_bend("relu"); }},
      {"sign_agreement_sigmoid", [] { return sign_agreement("sigmoid"); }},
      {"sign_agreement_relu", [] { return sign_agreement("relu"); }},
      {"sign_agreement_tanh", [] { return sign_agreement("tanh"); }},
      {"batch_sign_agreement_sigmoid",
       [] { return sign_agreement("sigmoid", "batch_sign_agreement"); }},
      {"sigmoid_time", sigmoid_time},
  };
}

}  // namespace gradkeep::claims
