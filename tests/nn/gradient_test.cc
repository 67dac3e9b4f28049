// Every gradient against central differences of the loss in float64: each registered activation
// with all its parameters trained, each loss, derivatives from input and output, shifts,
// normalisation, skips, tied weights, an activation at the output. They must agree to 1e-7 of the
// largest component of their tensor. Seeds are taken one after the other until no pre-activation
// lies near a kink, where a difference quotient means nothing.
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
#include "nn/tie.h"
#include "tests/nn/scalar_chain.h"

namespace gradkeep::nn {
namespace {

constexpr int kRows = 6, kInputs = 4, kSide = 3;  // images of tied networks: kSide x kSide
constexpr double kStep = 5e-4, kTolerance = 1e-7, kFarFromKinks = 2e-2;
constexpr double kInside = 1.5;  // how far biases start inside a domain
// A tensor without effect (biases below batch normalisation, whose mean takes them off) has
// differences of rounding errors.
constexpr double kNothing = 1e-11, kFaint = 1e-4, kExploded = 1e4;

struct Case {
  std::string activation;
  Loss loss = Loss::softmax;
  Derivative derivative = Derivative::input;
  double shift = 0;
  int classes = 2;
  std::string output = "identity";
  Normalisation normalisation = Normalisation::none;
  double branch = 0;
  bool tied = false;
  double dropout = 0;
  bool regression() const { return loss == Loss::squared && classes == 0; }
};

class Problem {
 public:
  Problem(const Case& c, std::uint64_t seed)
      : loss_(c.loss), net_(network(c), kRows), x_(kRows * net_.spec().inputs) {
    initialise(net_, {Initialiser::Kind::glorot_normal}, seed, {Initialiser::Kind::normal, 0.3});
    data::Random random(seed, 99);
    for (double& v : x_.span()) v = random.normal();
    for (int r = 0; r < kRows; ++r) {
      label_.push_back(r % std::max(c.classes, 1));
      if (c.regression()) target_.push_back(random.normal());
    }
    // Into the domain, where that is not everything.
    for (int i = 0; i < net_.layers(); ++i) {
      const auto view = net_.layer(i);
      if (!std::isfinite(view.activation->domain().low)) continue;
      for (const double& v : view.b.flat())
        parameter(&v) += view.activation->domain().low + kInside;
    }
    // Away from their start 1 and 0.
    for (int i = 0; i < net_.layers(); ++i) {
      const auto view = net_.layer(i);
      for (const auto& tensor : {view.gamma, view.beta}) {
        for (const double& v : tensor.flat()) parameter(&v) += 0.3 * random.normal();
      }
    }
  }

  double loss(bool gradient) {
    const auto outputs = net_.forward(x_.matrix(kRows, net_.spec().inputs));
    Wanted<double> wanted{label_, {}};
    if (!target_.empty()) wanted = {{}, {target_.data(), kRows, 1}};
    return loss_and_gradient(loss_, outputs, wanted,
                             gradient ? net_.loss_gradient() : Matrix<double>{});
  }

  bool far_from_kinks() {
    loss(false);
    for (int i = 0; i < net_.layers(); ++i) {
      const auto view = net_.layer(i);
      const Interval domain = view.activation->domain();
      std::vector<double> edges = view.activation->kinks();
      edges.insert(edges.end(), {domain.low, domain.high});
      for (const double h : view.h.flat()) {
        if (!domain.contains(h)) return false;
        for (const double edge : edges) {
          if (std::abs(h - edge) < kFarFromKinks) return false;
        }
      }
    }
    return true;
  }

  // Not every network learns: where units are dead, or exponentials of exponentials explode, differences
  // tell nothing.
  bool gradient_lives() {
    if (!std::isfinite(loss(true))) return false;
    net_.backward();
    const auto w = net_.layer(0).dw.flat();
    double largest = 0;
    for (const double g : w) largest = std::max(largest, std::abs(g));
    return largest > kFaint && largest < kExploded;
  }

  void expect_gradients_of_differences() {
    loss(true);
    net_.backward();
    const std::vector<double> got(net_.gradients().begin(), net_.gradients().end());
    for (int i = 0; i < net_.layers(); ++i) {
      const auto view = net_.layer(i);
      const std::string layer = "layer " + std::to_string(i + 1) + " ";
      const auto& tie = net_.spec().layers[i].tie;
      EXPECT_GT(compare(layer + "w", view.w, got, tie), kNothing) << layer;
      if (net_.spec().layers[i].normalisation == Normalisation::batch) {
        for (const double db : view.db.flat()) EXPECT_EQ(db, 0) << layer << "b";
      }
      compare(layer + "b", view.b, got);
      compare(layer + "gamma", view.gamma, got);
      compare(layer + "beta", view.beta, got);
      compare(layer + "learned", view.learned, got);
    }
  }

 private:
  static NetworkSpec network(const Case& c) {
    const Activation f(c.activation);
    const int inputs = c.tied ? kSide * kSide : kInputs;
    NetworkSpec spec{inputs, {}, c.derivative};
    int below = inputs;
    for (int units : {5, 6, 5, 4}) {
      if (c.branch != 0) units = 5;
      if (c.tied) units = inputs;
      LayerSpec layer{units, f, c.shift, Learn::all, c.normalisation};
      if (below == units && !spec.layers.empty()) layer.branch = c.branch;
      if (c.tied) layer.tie = tie_convolution(kSide);
      layer.dropout = c.dropout;
      spec.layers.push_back(layer);
      below = units;
    }
    const bool one = c.loss != Loss::softmax && c.classes <= 2;
    spec.layers.push_back({one ? 1 : std::max(c.classes, 2), Activation(c.output), 0, Learn::all});
    return spec;
  }

  double& parameter(const double* where) {
    return net_.parameters()[static_cast<std::size_t>(where - net_.parameters().data())];
  }

  double loss_at(const std::vector<const double*>& places, double step) {
    std::vector<double> before;
    for (const double* place : places) {
      before.push_back(*place);
      parameter(place) += step;
    }
    net_.parameters_changed();
    const double result = loss(false);
    for (std::size_t i = 0; i < places.size(); ++i) parameter(places[i]) = before[i];
    net_.parameters_changed();
    return result;
  }

  // Central differences over one and two steps, combined so that an error of step^4 remains: small
  // gradients of deep layers would drown in the rounding of the loss if the step were smaller. All
  // places of a tied weight move together.
  double difference(const std::vector<const double*>& places) {
    if (places.empty()) return 0;
    const double near = loss_at(places, kStep) - loss_at(places, -kStep);
    const double far = loss_at(places, 2 * kStep) - loss_at(places, -2 * kStep);
    return (8 * near - far) / (12 * kStep);
  }

  static std::vector<const double*> places_of(Matrix<const double> tensor, std::size_t i,
                                              const std::vector<int>& tie) {
    if (tie.empty()) return {tensor.data + i};
    std::vector<const double*> places;
    for (std::size_t j = 0; j < tie.size(); ++j) {
      if (tie[j] >= 0 && tie[j] == tie[i]) places.push_back(tensor.data + j);
    }
    return places;
  }

  // The tensor's largest component.
  double compare(const std::string& what, Matrix<const double> tensor,
                 const std::vector<double>& got, const std::vector<int>& tie = {}) {
    double largest = 0, worst = 0;
    for (std::size_t i = 0; i < tensor.size(); ++i) {
      const double expected = difference(places_of(tensor, i, tie));
      const std::ptrdiff_t at = tensor.data + i - net_.parameters().data();
      largest = std::max(largest, std::abs(expected));
      worst = std::max(worst, std::abs(expected - got[at]));
    }
    EXPECT_LE(worst, largest < kNothing ? kNothing : kTolerance * largest) << what;
    return largest;
  }

  Loss loss_;
  Network<double> net_;
  Buffer<double> x_;
  std::vector<int> label_;
  std::vector<double> target_;
};

void expect_right(const Case& c) {
  for (const std::string& name : {c.activation, c.output}) {
    if (!name.empty() && Activation(name).info().slope == "0") GTEST_SKIP() << "no gradient passes";
  }
  for (std::uint64_t seed = 1; seed < 1000; ++seed) {
    Problem problem(c, seed);
    if (!problem.far_from_kinks() || !problem.gradient_lives()) continue;
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
  expect_right({GetParam(), Loss::squared, Derivative::input, -0.5, 0});
}

TEST_P(EveryActivation, at_the_output) {
  expect_right({.activation = "tanh", .loss = Loss::squared, .classes = 3, .output = GetParam()});
}

TEST(Loss, softmax) { expect_right({.activation = "tanh", .classes = 5}); }
TEST(Loss, binary) { expect_right({"tanh", Loss::binary}); }
TEST(Loss, binary_of_many) {
  expect_right({.activation = "tanh", .loss = Loss::binary, .classes = 4});
}
TEST(Loss, squared) {
  for (const int classes : {0, 2, 3}) {
    expect_right({.activation = "tanh", .loss = Loss::squared, .classes = classes});
  }
}

// Every combination of normalisation, skip and tie, below functions with and without a kink and
// with the slope from the output, and below layers that keep no y (identity).
struct Extras {
  Normalisation normalisation;
  double branch;
  bool tied;
};
class Layer : public testing::TestWithParam<Extras> {};
std::vector<Extras> all_extras() {
  std::vector<Extras> all;
  for (const auto n : {Normalisation::none, Normalisation::batch, Normalisation::layer}) {
    for (const double branch : {0.0, 0.7}) {
      for (const bool tied : {false, true}) all.push_back({n, branch, tied});
    }
  }
  return all;
}
std::string name_of(const testing::TestParamInfo<Extras>& instance) {
  const Extras& extras = instance.param;
  const char* normalisations[] = {"plain", "batch", "layer"};
  return std::string(normalisations[static_cast<int>(extras.normalisation)]) +
         (extras.branch != 0 ? "_skip" : "") + (extras.tied ? "_tied" : "");
}
INSTANTIATE_TEST_SUITE_P(Extras, Layer, testing::ValuesIn(all_extras()), name_of);

TEST_P(Layer, has_right_gradients) {
  const auto [normalisation, branch, tied] = GetParam();
  for (const char* f : {"tanh", "leaky_relu", "sigmoid", "identity"}) {
    for (const auto derivative : {Derivative::input, Derivative::output}) {
      SCOPED_TRACE(f);
      expect_right({.activation = f,
                    .loss = Loss::softmax,
                    .derivative = derivative,
                    .classes = 3,
                    .normalisation = normalisation,
                    .branch = branch,
                    .tied = tied});
    }
  }
}

// The pass drops the same outputs as long as nobody chooses others.
TEST_P(Layer, has_right_gradients_under_dropout) {
  const auto [normalisation, branch, tied] = GetParam();
  for (const char* f : {"leaky_relu", "sigmoid", "identity"}) {
    for (const auto derivative : {Derivative::input, Derivative::output}) {
      SCOPED_TRACE(f);
      expect_right({.activation = f,
                    .derivative = derivative,
                    .shift = branch == 0 ? -0.5 : 0,
                    .normalisation = normalisation,
                    .branch = branch,
                    .tied = tied,
                    .dropout = 0.3});
    }
  }
}

TEST(Shift, with_derivative_from_output) {
  expect_right({"sigmoid", Loss::softmax, Derivative::output, -0.5});
}

TEST_P(EveryActivation, of_one_unit_a_layer_gives_the_steps_of_a_chain) {
  constexpr int kLayers = 8;
  const Activation f(GetParam());
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    const Chain c = random_chain(kLayers, seed);
    SCOPED_TRACE("seed " + std::to_string(seed));
    expect_same_steps(chain_of_net(f, c.x, c.weights, c.biases),
                      chain_walk(f, c.x, c.weights, c.biases));
  }
}

}  // namespace
}  // namespace gradkeep::nn
