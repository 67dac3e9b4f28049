// Predictions of one network: the gradient's way back, its scatter, and what number formats lose.
// SPDX-License-Identifier: Apache-2.0
#include <gradkeep/prediction.h>
#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <limits>
#include <numbers>
#include <vector>

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

// Towards the input relu at weight_std 2 doubles the squared gradient a layer: what is too small for
// float16 is next to the output. 0.6745 of the root mean square is the median.
TEST(Prediction, AnExplodingGradientIsLostNextToTheOutput) {
  NetworkShape shape{.scale = {2, 0}, .depth = 20, .width = 1'000'000};
  shape.output_gradient = 2e-5;
  const double layers = std::log2(0x1p-14 / (0.6745 * 2e-5)) * 2;  // over which it stays too small
  const auto formats = predict(field("relu"), shape).formats;
  EXPECT_TRUE(formats[0].ranges.empty());
  const FormatLoss& half = formats[2];
  ASSERT_EQ(half.ranges.size(), 1U);
  EXPECT_EQ(half.ranges[0].first, 20 - static_cast<int>(layers));
  EXPECT_EQ(half.ranges[0].last, 20);
  EXPECT_FALSE(half.ranges[0].zero);
  EXPECT_FALSE(half.subnormal_up_to);
  EXPECT_FALSE(half.lost_up_to);
  EXPECT_EQ(half.format.name, kFloat16.name);
}

TEST(Prediction, LostLayersAreNamedInRanges) {
  std::vector<PredictedLayer> layers;
  const double unknown = std::numeric_limits<double>::quiet_NaN();
  for (const double rms : {1e-9, 1e-9, 1e-5, 1.0, 1e-5, 1e-9, unknown, 1e-5})
    layers.push_back({{}, rms, 0});
  const FormatLoss half = format_losses(layers)[2];
  std::vector<std::array<int, 3>> found;
  for (const LostLayers& r : half.ranges) found.push_back({r.first, r.last, r.zero});
  EXPECT_EQ(found, (std::vector<std::array<int, 3>>{
                       {1, 2, 1}, {3, 3, 0}, {5, 5, 0}, {6, 6, 1}, {8, 8, 0}}));
  EXPECT_EQ(half.subnormal_up_to, 3);
  EXPECT_EQ(half.lost_up_to, 2);
  // What cannot be predicted is not said to be lost.
  layers[0].gradient_rms = unknown;
  EXPECT_FALSE(format_losses(layers)[2].subnormal_up_to);
  EXPECT_EQ(share_below(1, kInfinity, unknown), 0);
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

  // A branch of 0.5, layer by layer from the last.
  shape.parts = {.branch = 0.5};
  const Prediction residual = predict(tanh, shape);
  double square = 1;
  for (int l = 3; l >= 0; --l) {
    const LayerPrediction &at = residual.layers[l].signal, &next = residual.layers[l + 1].signal;
    const double a = 0.25 * 1.69;
    const Moments m = moments(tanh.phi(), at.q);
    EXPECT_NEAR(next.q / (at.q + a * m.phi2), 1, 1e-12);
    const double both = pair_moments(tanh.phi(), at.q, at.correlation).phi_phi;
    EXPECT_NEAR(next.correlation, (at.q * at.correlation + a * both) / next.q, 1e-12);
    square *= 1 + a * m.dphi2;
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

// Batch normalisation takes a unit's bias away, normalisation over a layer's units makes all of it.
TEST(Prediction, NormalisationSeesBiasesOrNone) {
  using Normalisation = LayerParts::Normalisation;
  NetworkShape shape{.scale = {1, 1}, .depth = 3, .input_correlation = 0.25};
  shape.parts.normalisation = Normalisation::batch;
  const auto without =
      predict(field("relu"),
              {.scale = {1, 0}, .parts = shape.parts, .depth = 3, .input_correlation = 0.25});
  const auto batch = predict(field("relu"), shape);
  EXPECT_EQ(batch.layers[0].signal.correlation, 0.25);
  for (int l = 0; l < 3; ++l) {
    EXPECT_EQ(batch.layers[l].signal.correlation, without.layers[l].signal.correlation);
  }
  shape.parts.normalisation = Normalisation::layer;
  EXPECT_EQ(predict(field("relu"), shape).layers[0].signal.correlation, 0.625);
  shape.scale.weight_std = 0;
  for (const PredictedLayer& layer : predict(field("tanh"), shape).layers) {
    EXPECT_EQ(layer.signal.q, 1);
    EXPECT_EQ(layer.signal.correlation, 1);
    EXPECT_EQ(layer.signal.chi_1, 0);
  }
}

// From a stream of variance q, correlated with another's by c.
std::vector<LayerPrediction> stream(const MeanField& field, int blocks, double weight_std,
                                    double branch, double q = 1, double c = 1) {
  return propagate(field, {.scale = {weight_std, 0},
                           .parts = {.branch = branch},
                           .depth = blocks,
                           .input_variance = q / (weight_std * weight_std),
                           .input_correlation = c});
}

TEST(Prediction, ResidualStreamsGrowWithReluAndCreepWithTanh) {
  const MeanField relu = field("relu"), tanh = field("tanh");
  const auto plain = stream(relu, 12, 1.2, 1, 1, 0.3);
  for (std::size_t l = 0; l < plain.size(); ++l) {
    EXPECT_NEAR(plain[l].q / std::pow(1 + 1.44 / 2, static_cast<double>(l)), 1, 1e-12);
    EXPECT_NEAR(plain[l].chi_1, 1 + 1.44 / 2, 1e-12);
  }
  EXPECT_GT(plain[11].correlation, plain[1].correlation);
  // (1 + c / L)^L -> e^c.
  double log_growth = 0;
  for (const LayerPrediction& p : stream(relu, 400, 1.2, 1 / std::sqrt(400.0)))
    log_growth += std::log(p.chi_1);
  EXPECT_NEAR(log_growth, 1.44 / 2, 2e-3);
  // tanh: q grows like weight_std^2 l, the gradient like e^(O(sqrt(L))).
  const auto creeping = stream(tanh, 3000, 1, 1);
  EXPECT_NEAR(creeping[2999].q / creeping[1499].q, 2, 0.1);
  double first = 0, second = 0;
  for (std::size_t l = 0; l < 3000; ++l) (l < 750 ? first : second) += std::log(creeping[l].chi_1);
  EXPECT_NEAR((first + second) / first, 2, 0.15);  // four times the depth
  // A branch of 0 changes nothing.
  const auto still = stream(tanh, 5, 1, 0, 2, 0.25);
  EXPECT_EQ(still[4].q, 2);
  EXPECT_EQ(still[4].chi_1, 1);
  EXPECT_EQ(still[4].correlation, 0.25);
}

TEST(Prediction, PartsHaveWords) {
  const LayerParts parts = layer_parts("batch", "scaled", 16);
  EXPECT_EQ(parts.normalisation, LayerParts::Normalisation::batch);
  EXPECT_EQ(parts.branch, 0.25);
  EXPECT_TRUE(layer_parts("none", "none", 16).plain());
  EXPECT_EQ(layer_parts("none", "zero", 16).branch, 0);
  EXPECT_THROW(layer_parts("none", "scale", 16), Error);
  EXPECT_THROW(layer_parts("group", "none", 16), Error);
}

TEST(Prediction, OrthogonalWeightsScatterLess) {
  NetworkShape shape{.scale = {std::numbers::sqrt2, 0}, .depth = 11, .width = 50};
  shape.weights = Weights::orthogonal;
  EXPECT_NEAR(predict(field("relu"), shape).layers[0].log_variance, 10 * 3.0 / 50, 1e-12);
  EXPECT_NEAR(predict(field("identity"), shape).layers[0].log_variance, 0, 1e-12);
}

TEST(Prediction, PartsThatAreNoneAreRefused) {
  const MeanField relu = field("relu");
  EXPECT_THROW(predict(relu, {.parts = {.branch = -1}}), Error);
  EXPECT_THROW(predict(relu, {.parts = {.keep = 0}}), Error);
  EXPECT_THROW(predict(relu, {.parts = {.branch = 1}, .input_variance = 0}), Error);
  // There is nothing whose variance could be made 1.
  using Normalisation = LayerParts::Normalisation;
  const LayerParts batch{.normalisation = Normalisation::batch};
  const LayerParts layer{.normalisation = Normalisation::layer};
  for (const WeightScale scale : {WeightScale{0, 0}, {0, 1}}) {
    EXPECT_THROW(predict(relu, {.scale = scale, .parts = batch}), Error);
  }
  EXPECT_THROW(predict(relu, {.scale = {1, 1}, .parts = batch, .input_variance = 0}), Error);
  EXPECT_THROW(predict(relu, {.scale = {0, 0}, .parts = layer}), Error);
  EXPECT_THROW(predict(relu, {.scale = {1, 0}, .parts = layer, .input_variance = 0}), Error);
}

}  // namespace
}  // namespace gradkeep
