// One network's prediction, all in one place: where its signal settles, what every layer does to
// signal, likeness and gradient, and in which layers a number format loses the gradient.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gradkeep/critical.h>
#include <gradkeep/flow.h>

#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace gradkeep {

// What stands in a hidden layer beside weights and activation; y is phi(h) of the layer below, each
// of its entries kept with probability `keep` and divided by it:
//   h = N(W y + b), or with a skip h = h_below + branch N(W y + b)
// N is nothing, or normalisation of the pre-activations over a large batch or over the layer's units.
// With a skip the gradient's square grows by 1 + branch^2 weight_std^2 E phi'^2, never below 1 (Yang &
// Schoenholz 2017, arXiv:1712.08969); branch = 1 / sqrt(depth) keeps the product finite, and 0 is a
// branch that starts at nothing (Fixup, ReZero).
struct LayerParts {
  enum class Normalisation { none, batch, layer };
  Normalisation normalisation = Normalisation::none;
  std::optional<double>
      branch{};  // none: no skip; 0: one beside which nothing has been learned yet
  double keep = 1;
  bool plain() const { return normalisation == Normalisation::none && !branch && keep == 1; }
};
// From the words of studies and the command line: normalisation none, batch or layer; residual none,
// plain, scaled (branches divided by the root of the depth) or zero (branches that start at 0). Throws
// Error for other words.
LayerParts layer_parts(std::string_view normalisation, std::string_view residual, int depth);

struct NetworkShape {
  WeightScale scale{};
  Weights weights = Weights::gaussian;
  LayerParts parts{};
  int depth = 20;             // hidden layers
  int width = 256;            // units in each
  double input_variance = 1;  // the mean square of the inputs
  double input_correlation = 0;
  // The gradient with respect to the last hidden layer's pre-activations: its root mean square over
  // units, and what the loss was multiplied by.
  double output_gradient = 1, loss_scale = 1;
};

// A hidden layer, 1 next to the input.
struct PredictedLayer {
  LayerPrediction signal;
  // The gradient's root mean square over units and networks, in units of the loss (unscaled): 0 also where a
  // layer without a slope stops what a jump has made infinite.
  double gradient_rms = 0;
  // Variance of the logarithm of its squared norm from one network to the next, by finite width: the
  // logarithm's mean lies half of this below that of the square of gradient_rms (Hanin & Nica 2018;
  // the layers taken as independent, exact for relu and its kin).
  double log_variance = 0;
};

// Neighbouring layers in each of which at least half of the gradient's entries round to 0 (`zero`), or
// are at least subnormal.
struct LostLayers {
  int first, last;
  bool zero;
};

// What a number format makes of the gradient, layers counted from the input. A gradient that vanishes
// on its way is lost in layers next to the input, one that explodes in those next to the output.
struct FormatLoss {
  Format format;
  std::vector<LostLayers> ranges;  // ascending
  // Of those that begin at layer 1: in every layer up to the one named at least half is subnormal or
  // 0, or rounds to 0.
  std::optional<int> subnormal_up_to, lost_up_to;
  double share_lost = 0;  // of the first layer's entries: those that round to 0
};

struct Prediction {
  // Of the length map; none in networks with skips or normalisation, which have another.
  std::vector<FixedPoint> fixed_points;
  std::size_t arrives = 0;  // the index of the one to which this input's variance goes
  Gains gains;              // at q = 1
  std::vector<PredictedLayer> layers;
  std::array<FormatLoss, 3> formats;
};
// Throws Error for a depth or width below 1 and whatever a number may not be. Of networks with other
// parts than weights and activation LayerPrediction::chi_1 is all that happens to the gradient's
// squared norm between a layer and the next (gradkeep/blocks.h has the formulas).
Prediction predict(const MeanField& field, const NetworkShape& shape);

// The signal alone, without what takes longer: fixed points and scatter.
std::vector<LayerPrediction> propagate(const MeanField& field, const NetworkShape& shape);
// Of at least one layer.
std::array<FormatLoss, 3> format_losses(std::span<const PredictedLayer> layers,
                                        double loss_scale = 1);

// The share of entries below a threshold, where an entry is normal with the root mean square `rms` of
// a layer whose squared norm is log-normal from one network to the next.
double share_below(double threshold, double rms, double log_variance);

}  // namespace gradkeep
