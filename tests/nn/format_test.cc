// Training in 16 bits: a pass agrees with PyTorch's bit for bit, all that it stores belongs to the
// format, small derivatives are lost without loss scaling and kept with it, and dynamic scaling skips
// steps that overflow and goes on. tools/make_golden_nn.py wrote the numbers.
// SPDX-License-Identifier: Apache-2.0
#include "nn/format.h"

#include <gradkeep/float16.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <limits>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "nn/initialise.h"
#include "nn/tie.h"
#include "nn/train.h"

namespace gradkeep::nn {
namespace {

constexpr NumberFormat kFormats[] = {NumberFormat::bf16, NumberFormat::f16};

float rounded(NumberFormat format, float v) {
  return format == NumberFormat::bf16 ? static_cast<float>(BFloat16(v))
                                      : static_cast<float>(Float16(v));
}

bool belongs(NumberFormat format, float v) { return std::isnan(v) || rounded(format, v) == v; }

TEST(Format, rounds_to_nearest_even_with_subnormals_infinities_and_nan) {
  const float inf = std::numeric_limits<float>::infinity();
  std::vector<float> values{1 + 0x1p-11f, 1 + 0x3p-11f, 65519, 65520,  -1e9f, 0x1p-24f,
                            0x1p-25f,     0x1.8p-24f,   -0.0f, 1e-30f, inf,   std::nanf("")};
  round_to(NumberFormat::f16, values);
  const std::vector<float> expected{1,        1 + 0x1p-9f, 65504,    inf,   -inf,
                                    0x1p-24f, 0,           0x1p-23f, -0.0f, 0};
  for (std::size_t i = 0; i < expected.size(); ++i) EXPECT_EQ(values[i], expected[i]) << i;
  EXPECT_TRUE(std::signbit(values[8]));
  EXPECT_EQ(values[10], inf);
  EXPECT_TRUE(std::isnan(values[11]));

  // Longer than a block, and the same as number by number.
  std::vector<float> many(5000), own = many;
  data::Random random(1);
  for (float& v : many) v = static_cast<float>(std::exp(20 * random.normal()));
  for (const auto format : kFormats) {
    auto through = many;
    round_to(format, through);
    for (std::size_t i = 0; i < many.size(); ++i)
      ASSERT_EQ(through[i], rounded(format, many[i])) << many[i];
  }
  own = many;
  round_to(NumberFormat::own, own);
  EXPECT_EQ(own, many);
}

std::vector<float> floats(const nlohmann::json& numbers) {
  return numbers.get<std::vector<float>>();
}

void expect_same(Matrix<const float> got, const nlohmann::json& numbers, const std::string& what) {
  const auto expected = floats(numbers);
  ASSERT_EQ(got.size(), expected.size()) << what;
  for (std::size_t j = 0; j < expected.size(); ++j) {
    EXPECT_EQ(got.data[j], expected[j]) << what << "[" << j << "]";
  }
}

TEST(Format, a_pass_has_the_bits_of_pytorch) {
  const auto golden = nlohmann::json::parse(
      std::ifstream(GRADKEEP_SOURCE_DIR "/tests/nn/golden_nn.json"))["halves"];
  for (const auto& [name, format] :
       {std::pair{"bf16", NumberFormat::bf16}, {"f16", NumberFormat::f16}}) {
    const auto& expected = golden[name];
    const auto sizes = expected["sizes"].get<std::vector<int>>();
    const int rows = expected["rows"], depth = static_cast<int>(sizes.size()) - 1;
    NetworkSpec spec{sizes[0], {}, Derivative::input, format};
    for (int i = 1; i <= depth; ++i)
      spec.layers.push_back({sizes[i], Activation(i < depth ? "relu" : "identity")});
    Network<float> net(spec, rows);
    for (int i = 0; i < depth; ++i) {
      const auto w = floats(expected["layers"][i]["w"]), b = floats(expected["layers"][i]["b"]);
      std::copy(w.begin(), w.end(), net.weights(i).data);
      std::copy(b.begin(), b.end(), net.biases(i).data);
    }
    net.parameters_changed();
    const auto x = floats(expected["x"]), dz = floats(expected["dz"]);
    net.forward({x.data(), rows, sizes[0]});
    std::copy(dz.begin(), dz.end(), net.loss_gradient().data);
    net.backward();
    for (int i = 0; i < depth; ++i) {
      const auto& layer = expected["layers"][i];
      const auto view = net.layer(i);
      const std::string where = std::string(name) + " layer " + std::to_string(i + 1) + " ";
      expect_same(view.h, layer["h"], where + "h");
      expect_same(view.dh, layer["dh"], where + "dh");
      expect_same(view.dw, layer["dw"], where + "dw");
      expect_same(view.db, layer["db"], where + "db");
      EXPECT_EQ(view.w(0, 0), floats(layer["w"])[0]) << "the optimiser's own is not rounded";
    }
  }
}

struct Kind {
  const char* activation = "tanh";
  Normalisation normalisation = Normalisation::none;
  double branch = 0, dropout = 0;
  bool tied = false;
  Derivative derivative = Derivative::input;
};

class Stored : public testing::TestWithParam<Kind> {};
INSTANTIATE_TEST_SUITE_P(
    Kinds, Stored,
    testing::Values(Kind{}, Kind{"improved_sigmoid"}, Kind{"tanh", Normalisation::batch},
                    Kind{"tanh", Normalisation::layer, 0.7},
                    Kind{"identity", Normalisation::none, 0.7},
                    Kind{"gelu", Normalisation::batch, 0.7, 0.3},
                    Kind{"sigmoid", Normalisation::none, 0, 0.3, true},
                    Kind{"sigmoid", Normalisation::none, 0, 0, false, Derivative::output}));

// Derivatives are stored times the loss scale.
TEST_P(Stored, numbers_belong_to_the_format) {
  constexpr int kSide = 4, kRows = 20;
  const Kind& kind = GetParam();
  for (const auto format : kFormats) {
    NetworkSpec spec =
        plain_network(kSide * kSide, 4, kSide * kSide, 3, Activation(kind.activation));
    spec.format = format;
    spec.derivative = kind.derivative;
    for (int i = 0; i < 4; ++i) {
      auto& layer = spec.layers[i];
      layer.shift = kind.branch == 0 ? -0.3 : 0;
      layer.learn = Learn::all;
      layer.normalisation = kind.normalisation;
      if (i > 0) layer.branch = kind.branch;
      layer.dropout = kind.dropout;
      if (kind.tied) layer.tie = tie_convolution(kSide);
    }
    Network<float> net(spec, kRows);
    initialise(net, {}, 1, {Initialiser::Kind::normal, 0.3});
    data::Random random(2);
    Buffer<float> x(kRows * kSide * kSide);
    for (float& v : x.span()) v = static_cast<float>(random.normal());
    constexpr float kScale = 1024;
    net.forward(x.matrix(kRows, kSide * kSide));
    for (float& v : net.loss_gradient().flat()) v = static_cast<float>(0.1 * random.normal());
    net.backward(kScale);
    Pass<float> pass(spec, kRows);
    net.forward(x.matrix(kRows, kSide * kSide), pass, true);

    const auto expect = [&](const char* what, int layer, Matrix<const float> m, float scale = 1) {
      int others = 0, zeros = 0;
      for (const float v : m.flat()) {
        others += !belongs(format, v * scale);
        zeros += v == 0;
      }
      EXPECT_EQ(others, 0) << what << " of layer " << layer << ", of " << m.size();
      EXPECT_LT(zeros, std::max<std::size_t>(m.size(), 1)) << what << " of layer " << layer;
    };
    for (int i = 0; i < net.layers(); ++i) {
      const auto view = net.layer(i), seen = net.layer(i, pass);
      expect("x", i, view.x);
      expect("h", i, view.h);
      expect("y", i, view.y);
      expect("slope", i, view.slope);
      expect("normal", i, view.normal);
      expect("dy", i, view.dy, kScale);
      expect("dh", i, view.dh, kScale);
      expect("da", i, view.da, kScale);
      expect("dw", i, view.dw, kScale);
      if (kind.normalisation != Normalisation::batch) expect("db", i, view.db, kScale);
      expect("dgamma", i, view.dgamma, kScale);
      expect("dbeta", i, view.dbeta, kScale);
      expect("dlearned", i, view.dlearned, kScale);
      expect("evaluated y", i, seen.y);
      expect("evaluated h", i, seen.h);
      expect("evaluated slope", i, seen.slope);
    }
  }
}

// Sixteen sigmoid layers quarter the gradient sixteen times, which weights of 1.3 times Glorot's size
// hardly mend: some 2^-26 of what the loss gives arrives, where float16 ends at 2^-24.
TEST(LossScaling, keeps_derivatives_that_float16_would_lose) {
  constexpr int kDepth = 16, kRows = 8;
  NetworkSpec spec = plain_network(8, kDepth, 32, 2, Activation("sigmoid"));
  const auto zeros = [&](NumberFormat format, double scale) {
    spec.format = format;
    Network<float> net(spec, kRows);
    initialise(net, parse_initialiser("glorot_normal(1.3)"), 1);
    data::Random random(3);
    Buffer<float> x(kRows * 8);
    for (float& v : x.span()) v = static_cast<float>(random.normal());
    const auto z = net.forward(x.matrix(kRows, 8));
    const int labels[kRows] = {0, 1, 0, 1, 0, 1, 0, 1};
    loss_and_gradient<float>(Loss::softmax, z, {labels, {}}, net.loss_gradient());
    net.backward(scale);
    const auto dh = net.layer(0).dh.flat();
    return std::count(dh.begin(), dh.end(), 0.0f);
  };
  EXPECT_EQ(zeros(NumberFormat::own, 1), 0);
  EXPECT_EQ(zeros(NumberFormat::bf16, 1), 0);
  EXPECT_EQ(zeros(NumberFormat::f16, 1), kRows * 32);
  EXPECT_EQ(zeros(NumberFormat::f16, 65536 * 8), 0);
}

// A power of two changes no bit while nothing over- or underflows.
TEST(LossScaling, is_taken_off_again) {
  for (const auto format : {NumberFormat::own, NumberFormat::bf16}) {
    NetworkSpec spec = plain_network(2, 3, 16, 2, Activation("tanh"));
    spec.format = format;
    const auto set = data::two_spirals(64, 0.1, 1);
    const auto trained = [&](double scale) {
      Network<float> net(spec, 64);
      initialise(net, {}, 1);
      Trainer<float> trainer(net, set, {.batch = 64, .loss_scale = {scale}});
      for (int i = 0; i < 5; ++i) trainer.step();
      return std::vector<float>(net.parameters().begin(), net.parameters().end());
    };
    EXPECT_EQ(trained(1), trained(4096));
  }
}

TEST(LossScaling, dynamic_halves_at_once_and_doubles_after_patience) {
  LossScale scale(kDynamicLossScale);
  EXPECT_EQ(scale.now(), 65536);
  scale.saw(false);
  scale.saw(false);
  EXPECT_EQ(scale.now(), 16384);
  EXPECT_EQ(scale.skipped(), 2);
  for (int i = 1; i < LossScale::kPatience; ++i) scale.saw(true);
  EXPECT_EQ(scale.now(), 16384);
  scale.saw(true);
  EXPECT_EQ(scale.now(), 32768);
  for (int i = 1; i < LossScale::kPatience; ++i) scale.saw(true);
  scale.saw(false);  // the row begins anew
  scale.saw(true);
  EXPECT_EQ(scale.now(), 16384);
}

// Gradients are divided by the scale: were it 0, they would never be finite again.
TEST(LossScaling, dynamic_has_a_lower_end) {
  LossScale scale(kDynamicLossScale);
  for (int i = 0; i < 1200; ++i) scale.saw(false);
  EXPECT_EQ(scale.now(), 0x1p-24);
  EXPECT_EQ(scale.skipped(), 1200);
  for (int i = 0; i < LossScale::kPatience; ++i) scale.saw(true);
  EXPECT_EQ(scale.now(), 0x1p-23);
}

// Weights as large as these give gradients that overflow at 65536 and not at less.
TEST(LossScaling, dynamic_skips_steps_that_overflow_and_learns_on) {
  auto parts = data::split(data::digits(), 0.1, 0.2, 1);
  data::scale_inputs(data::Scale::minmax, parts);
  NetworkSpec spec = plain_network(64, 2, 32, 10, Activation("relu"));
  spec.format = NumberFormat::f16;
  Network<float> net(spec, 32);
  initialise(net, parse_initialiser("he_normal(3)"), 1);
  Trainer<float> trainer(net, parts.train,
                         {.optimiser = {OptimiserSpec::Kind::adam, 0.003},
                          .clip = 100,
                          .loss_scale = kDynamicLossScale});
  trainer.follow_path(true);
  std::vector<float> before;
  bool finite = false;
  trainer.after_backward([&](const Step<float>& step) {
    before.assign(step.net.parameters().begin(), step.net.parameters().end());
    const auto g = step.net.gradients();
    finite = std::all_of(g.begin(), g.end(), [](float v) { return std::isfinite(v); });
    EXPECT_EQ(std::isnan(step.gradient_norm), !finite);
  });
  std::int64_t skipped = 0;
  for (int i = 0; i < 1000; ++i) {
    const double scale = trainer.loss_scale().now();
    trainer.step();
    const bool same = std::equal(before.begin(), before.end(), net.parameters().begin());
    EXPECT_EQ(same, !finite) << "step " << i;
    EXPECT_EQ(trainer.loss_scale().now(), finite ? scale : scale / 2);
    skipped += !finite;
  }
  EXPECT_GT(skipped, 0);
  EXPECT_LT(skipped, 20);
  EXPECT_EQ(trainer.loss_scale().skipped(), skipped);
  EXPECT_GT(Evaluator<float>(spec, parts.test, Loss::softmax)(net).accuracy, 0.9);
}

TEST(Format, digits_are_learned_in_either) {
  auto parts = data::split(data::digits(), 0.1, 0.2, 1);
  data::scale_inputs(data::Scale::minmax, parts);
  for (const auto format : kFormats) {
    NetworkSpec spec = plain_network(64, 3, 32, 10, Activation("gelu"));
    spec.format = format;
    for (int i = 0; i < 3; ++i) spec.layers[i].normalisation = Normalisation::batch;
    Network<float> net(spec, 32);
    initialise(net, {}, 1);
    Trainer<float> trainer(net, parts.train, {.optimiser = {OptimiserSpec::Kind::adam, 0.003}});
    for (int i = 0; i < 500; ++i) trainer.step();
    EXPECT_GT(Evaluator<float>(spec, parts.test, Loss::softmax)(net).accuracy, 0.93);
  }
}

TEST(Errors, formats_and_scales_that_make_no_sense_are_said) {
  NetworkSpec spec = plain_network(2, 1, 4, 2, Activation("tanh"));
  spec.format = NumberFormat::bf16;
  EXPECT_THROW(Network<double>(spec, 1), Error);
  Network<float> net(spec, 32);
  const auto set = data::two_spirals(64, 0.1, 1);
  for (const double scale : {0.0, -1.0, 1e-60, 1e60, std::nan("")}) {
    EXPECT_THROW(Trainer<float>(net, set, {.loss_scale = {scale}}), Error) << scale;
  }
}

}  // namespace
}  // namespace gradkeep::nn
