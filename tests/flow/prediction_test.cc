// Predictions of one network: the gradient's way back, its scatter, and what number formats lose.
// SPDX-License-Identifier: Apache-2.0
#include <gradkeep/blocks.h>
#include <gradkeep/prediction.h>
#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

namespace gradkeep {
namespace {

MeanField field(const char* name) { return MeanField(Activation(name)); }

TEST(Prediction, ShareBelowIsANormalDistributionsWithoutScatter) {
  for (const double t : {1e-3, 0.1, 0.6744897501960817, 2.0}) {
    EXPECT_NEAR(share_below(3 * t, 3, 0), std::erf(t / std::numbers::sqrt2), 1e-14);
  }
  EXPECT_EQ(share_below(1, 0, 1), 1);
  EXPECT_EQ(share_below(1, kInfinity, 1), 0);
  // Scatter moves the typical network down (its mean square is held by few): more is lost.
  EXPECT_GT(share_below(1, 3, 4), share_below(1, 3, 0));
  // With much of it half of all networks lie e^(-log_variance / 4) below in root mean square.
  EXPECT_NEAR(share_below(std::exp(-100.0), 1, 400), 0.5, 0.05);
}

TEST(Prediction, GradientsAndScatterAddUpOverTheLayers) {
  NetworkShape shape;
  shape.scale = {std::numbers::sqrt2, 0};
  shape.depth = 11;
  shape.width = 50;
  const Prediction relu = predict(field("relu"), shape);
  ASSERT_EQ(relu.layers.size(), 11U);
  EXPECT_NEAR(relu.layers[0].gradient_rms, 1, 1e-14);
  EXPECT_NEAR(relu.layers[0].log_variance, 10 * 5.0 / 50, 1e-12);
  EXPECT_EQ(relu.layers[10].log_variance, 0);

  shape.scale = {1, 0};
  const Prediction sigmoid = predict(field("sigmoid"), shape);
  double square = 1;
  for (int l = 9; l >= 0; --l) square *= sigmoid.layers[l].signal.chi_1;
  EXPECT_NEAR(sigmoid.layers[0].gradient_rms / std::sqrt(square), 1, 1e-13);
}

TEST(Prediction, FormatsLoseWhatFallsUnderThem) {
  NetworkShape shape;
  shape.depth = 100;
  shape.width = 1'000'000;
  const Prediction p = predict(field("sigmoid"), shape);
  const double chi = p.fixed_points[0].chi_1;
  for (const FormatLoss& loss : p.formats) {
    const double smallest = std::ldexp(1.0, loss.format.min_exponent - loss.format.precision);
    const double layers = std::log(0.6745 / smallest) / std::log(1 / std::sqrt(chi));
    EXPECT_EQ(loss.lost_up_to.value_or(0), 100 - static_cast<int>(std::ceil(layers)))
        << loss.format.name;
    EXPECT_GT(loss.subnormal_up_to, loss.lost_up_to);
    EXPECT_NEAR(loss.share_lost, 1, 1e-12);
  }
  shape.loss_scale = 0x1p10;
  const Prediction scaled = predict(field("sigmoid"), shape);
  const double saved = 10 * std::log(2.0) / std::log(1 / std::sqrt(chi));
  const auto lost = [](const Prediction& of) { return of.formats[2].lost_up_to.value_or(0); };
  EXPECT_NEAR(lost(p) - lost(scaled), saved, 1);
  EXPECT_FALSE(predict(field("tanh"), {}).formats[0].lost_up_to);
}

TEST(Prediction, InputsGoToTheFixedPointOnTheirSide) {
  const MeanField gelu = field("gelu");
  NetworkShape shape;
  shape.scale = {1.5, 0.1};
  EXPECT_EQ(predict(gelu, shape).arrives, 2U);
  shape.input_variance = 0.5;
  EXPECT_EQ(predict(gelu, shape).arrives, 0U);
  shape.scale = {std::numbers::sqrt2, 0};
  EXPECT_EQ(predict(field("relu"), shape).arrives, 0U);
  shape.scale = {1.2, 0};
  EXPECT_EQ(predict(field("tanh"), shape).arrives, 1U);
  shape.input_variance = 0;
  EXPECT_EQ(predict(field("tanh"), shape).arrives, 0U);
}

TEST(Prediction, RefusesWhatIsNoNetwork) {
  NetworkShape shape;
  shape.depth = 0;
  EXPECT_THROW(predict(field("tanh"), shape), Error);
  shape.depth = 3;
  shape.loss_scale = 0;
  EXPECT_THROW(predict(field("tanh"), shape), Error);
}

// Networks of more than weights and activations, against blocks.h and against growth by hand.
TEST(Prediction, PartsOfLayersTakeTheirPlace) {
  using Normalisation = LayerParts::Normalisation;
  const MeanField relu = field("relu"), tanh = field("tanh");
  NetworkShape shape;
  shape.scale = {1.3, 0};
  shape.depth = 5;
  shape.input_variance = 2;
  shape.input_correlation = 0.25;

  shape.parts.normalisation = Normalisation::batch;
  for (const PredictedLayer& layer : predict(relu, shape).layers) {
    EXPECT_EQ(layer.signal.q, 1);
    EXPECT_NEAR(layer.signal.chi_1, std::numbers::pi / (std::numbers::pi - 1), 1e-13);
  }
  EXPECT_TRUE(predict(relu, shape).fixed_points.empty());
  shape.parts.normalisation = Normalisation::layer;
  EXPECT_NEAR(predict(relu, shape).layers[0].gradient_rms, 1, 1e-13);

  shape.parts = {.branch = 0.5};
  const auto blocks = residual_blocks(tanh, 5, shape.scale, 0.5, 1.69 * 2, 0.25);
  const Prediction residual = predict(tanh, shape);
  double square = 1;
  for (int l = 4; l >= 0; --l) {
    if (l < 4) square *= blocks[l].chi_1;
    EXPECT_NEAR(residual.layers[l].signal.q / blocks[l].q, 1, 1e-12);
    EXPECT_NEAR(residual.layers[l].signal.correlation, blocks[l].correlation, 1e-12);
    EXPECT_NEAR(residual.layers[l].gradient_rms / std::sqrt(square), 1, 1e-12);
  }
  // A normalised branch adds a variance of 1 each time, and relu's growth dies out as q rises.
  shape.parts = {.normalisation = Normalisation::layer, .branch = 1};
  const auto normalised = predict(relu, shape).layers;
  for (int l = 0; l < 5; ++l) {
    EXPECT_NEAR(normalised[l].signal.q, 1 + l, 1e-12);
    EXPECT_NEAR(normalised[l].signal.chi_1, 1 + 1.0 / (1 + l), 1e-12);
  }

  shape.parts = {.keep = 0.8};
  const auto dropped = predict(relu, shape).layers;
  EXPECT_NEAR(dropped[1].signal.q, dropped[0].signal.q * 1.69 / 2 / 0.8, 1e-12);
  EXPECT_NEAR(dropped[0].signal.chi_1, 1.69 / 2 / 0.8, 1e-13);
  // Masks fall on two inputs independently: their likeness suffers.
  EXPECT_NEAR(
      dropped[1].signal.correlation,
      0.8 * predict(
                relu,
                {.scale = shape.scale, .depth = 2, .input_variance = 2, .input_correlation = 0.25})
                .layers[1]
                .signal.correlation,
      1e-12);
}

TEST(Prediction, DroppedInputsComeToBeLessAlike) {
  const MeanField tanh = field("tanh");
  const NetworkShape shape{.scale = {1.3, 0.3}, .parts = {.keep = 0.8}, .depth = 400};
  const Prediction p = predict(tanh, shape);
  ASSERT_EQ(p.fixed_points.size(), 1U);
  const FixedPoint& point = p.fixed_points[0];
  EXPECT_NEAR(p.layers.back().signal.q, point.q, 1e-10);
  EXPECT_NEAR(p.layers.back().signal.correlation, point.c_star, 1e-10);
  EXPECT_NEAR(p.layers.back().signal.chi_1, point.chi_1, 1e-10);
  EXPECT_LT(point.c_star, 0.9);
  // What is left of a deviation after xi_c layers, once q has settled.
  const auto away = [&](int l) { return point.c_star - p.layers[l].signal.correlation; };
  EXPECT_NEAR(away(21) / away(20), std::exp(-1 / point.xi_c), 1e-4);
}

TEST(Prediction, PartsThatAreNoneAreRefused) {
  const MeanField relu = field("relu");
  EXPECT_THROW(predict(relu, {.parts = {.branch = -1}}), Error);
  EXPECT_THROW(predict(relu, {.parts = {.keep = 0}}), Error);
  EXPECT_THROW(predict(relu, {.parts = {.branch = 1}, .input_variance = 0}), Error);
}

}  // namespace
}  // namespace gradkeep
