// With s = E phi^2 / keep and d = E phi'^2 / keep, both at the q of the layer below, a layer's
// branch has variance v and multiplies the gradient's square by g:
//   no normalisation      v = w s + b    g = w d
//   layer normalisation   v = 1          g = w d / (w s + b)
//   batch normalisation   v = 1          g = d / (s - (E phi)^2)
// (w = weight_std^2, b = bias_std^2), and a skip makes of them q + branch^2 v and 1 + branch^2 g.
// Batch normalisation takes every unit's mean over the batch away, and with it what all examples
// have in common, the bias first of all.
// SPDX-License-Identifier: Apache-2.0
#include <gradkeep/moments.h>
#include <gradkeep/prediction.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

#include "flow/numbers.h"

namespace gradkeep {
namespace {

using flow::number;
using flow::square;

using Normalisation = LayerParts::Normalisation;

// What the first layer's variance is made of, before normalisation over its units.
struct Start {
  double signal, bias;
};

Start start_of(const NetworkShape& shape) {
  const bool batch = shape.parts.normalisation == Normalisation::batch;
  return {square(shape.scale.weight_std) * shape.input_variance,
          batch ? 0 : square(shape.scale.bias_std)};
}

void check(const NetworkShape& shape) {
  const LayerParts& parts = shape.parts;
  if (const double branch = parts.branch.value_or(0); !(branch >= 0) || std::isinf(branch)) {
    throw Error("the branch's scale is " + number(branch) +
                ", expected a finite number, 0 or more");
  }
  if (!(parts.keep > 0 && parts.keep <= 1)) {
    throw Error("keep is " + number(parts.keep) + ", expected a probability above 0, at most 1");
  }
  for (const auto& [v, name] : {std::pair(shape.scale.weight_std, "weight_std"),
                                std::pair(shape.scale.bias_std, "bias_std"),
                                std::pair(shape.input_variance, "the input's variance")}) {
    if (!(v >= 0) || std::isinf(v)) {
      throw Error(std::string(name) + " is " + number(v) + ", expected a finite number, 0 or more");
    }
  }
  if (const Start start = start_of(shape); start.signal + start.bias == 0) {
    throw Error(
        "the first layer's variance is 0, expected a signal where layers have normalisation (over "
        "a batch, biases are none), skips or dropout");
  }
  if (!(std::abs(shape.input_correlation) <= 1)) {
    throw Error("the inputs' correlation is " + number(shape.input_correlation) +
                ", expected a number from -1 to 1");
  }
}

struct Passage {
  double variance, likeness, growth;  // v; of two inputs; g
};

Passage passage(const MeanField& field, double q, double c, const NetworkShape& shape) {
  const double w = square(shape.scale.weight_std), b = square(shape.scale.bias_std);
  const double keep = shape.parts.keep;
  const MeanField::Averages at = field.averages(q);
  const double s = at.phi2 / keep, d = at.dphi2 / keep;
  // Dropout falls on two inputs independently, so that only the squares grow by it.
  const double both = c == 1 && keep == 1 ? s : field.pair_averages(q, c).phi_phi;
  switch (shape.parts.normalisation) {
    case Normalisation::batch: {
      const double mean = square(moments(field.phi(), q).phi);
      return {1, (both - mean) / (s - mean), d / (s - mean)};
    }
    case Normalisation::layer:
      return {1, (w * both + b) / (w * s + b), w * d / (w * s + b)};
    case Normalisation::none:
      break;
  }
  return {w * s + b, (w * both + b) / (w * s + b), w * d};
}

Normalisation normalisation_of(std::string_view word) {
  if (word == "none") return Normalisation::none;
  if (word == "batch") return Normalisation::batch;
  if (word == "layer") return Normalisation::layer;
  throw Error("normalisation is \"" + std::string(word) + "\", expected none, batch or layer");
}

std::optional<double> branch_of(std::string_view residual, int depth) {
  if (residual == "none") return {};
  if (residual == "plain") return 1;
  if (residual == "scaled") return 1 / std::sqrt(depth);
  if (residual == "zero") return 0;
  throw Error("residual is \"" + std::string(residual) +
              "\", expected none, plain, scaled or zero");
}

}  // namespace

LayerParts layer_parts(std::string_view normalisation, std::string_view residual, int depth) {
  return {normalisation_of(normalisation), branch_of(residual, depth)};
}

std::vector<LayerPrediction> propagate(const MeanField& field, const NetworkShape& shape) {
  if (shape.parts.plain()) {
    return field.propagate(shape.depth, shape.scale, shape.input_variance, shape.input_correlation);
  }
  check(shape);
  const bool skips = shape.parts.branch.has_value();
  const double a = square(shape.parts.branch.value_or(1));
  const auto [signal, bias] = start_of(shape);
  double q = signal + bias;
  double c = (signal * shape.input_correlation + bias) / q;
  if (shape.parts.normalisation != Normalisation::none) q = 1;
  std::vector<LayerPrediction> out;
  for (int layer = 0; layer < shape.depth; ++layer) {
    if (!std::isfinite(q) || q == 0) {
      out.push_back({q, c, std::numeric_limits<double>::quiet_NaN()});
      continue;
    }
    const Passage branch = passage(field, q, c, shape);
    out.push_back({q, c, skips ? 1 + a * branch.growth : branch.growth});
    const double next = skips ? q + a * branch.variance : branch.variance;
    c = skips ? (q * c + a * branch.variance * branch.likeness) / next : branch.likeness;
    c = std::clamp(c, -1.0, 1.0);
    q = next;
  }
  return out;
}

}  // namespace gradkeep
