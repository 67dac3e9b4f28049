// With s = E phi^2 / keep and d = E phi'^2 / keep, both at the q of the layer below, a layer's
// branch has variance v and multiplies the gradient's square by g:
//   no normalisation      v = w s + b    g = w d
//   layer normalisation   v = 1          g = w d / (w s + b)
//   batch normalisation   v = 1          g = d / (s - (E phi)^2)
// (w = weight_std^2, b = bias_std^2), and a skip makes of them q + branch^2 v and 1 + branch^2 g.
// Batch normalisation takes every unit's mean over the batch away, and with it what all examples
// have in common.
// SPDX-License-Identifier: Apache-2.0
#include "flow/stack.h"

#include <gradkeep/moments.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <string>

#include "flow/numbers.h"
#include "flow/pairs.h"

namespace gradkeep::flow {
namespace {

using Normalisation = LayerParts::Normalisation;

constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();

void check(const NetworkShape& shape) {
  const LayerParts& parts = shape.parts;
  if (!(parts.branch >= 0) || std::isinf(parts.branch)) {
    throw Error("the branch's scale is " + number(parts.branch) +
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
  if (parts.normalisation == Normalisation::none && shape.scale.bias_std == 0 &&
      shape.scale.weight_std * shape.input_variance == 0) {
    throw Error(
        "the first layer's variance is 0, expected a signal where layers have skips or dropout");
  }
  if (!(std::abs(shape.input_correlation) <= 1)) {
    throw Error("the inputs' correlation is " + number(shape.input_correlation) +
                ", expected a number from -1 to 1");
  }
}

// What is asked of one variance.
struct At {
  double q;
  Moments moments;
  Pairs pairs;
  At(const Nonlinearity& phi, double variance)
      : q(variance), moments(gradkeep::moments(phi, variance)), pairs(phi, variance) {}
};

struct Branch {
  double variance, likeness, growth;  // v; of two inputs; g
};

Branch branch_of(const At& at, double c, const NetworkShape& shape) {
  const double w = square(shape.scale.weight_std), b = square(shape.scale.bias_std);
  const double keep = shape.parts.keep;
  const double s = at.moments.phi2 / keep, d = at.moments.dphi2 / keep;
  // Dropout falls on two inputs independently, so that only the squares grow by it.
  const double both = c == 1 && keep == 1 ? s : at.pairs.at(c).phi_phi;
  switch (shape.parts.normalisation) {
    case Normalisation::batch: {
      const double mean = square(at.moments.phi);
      return {1, (both - mean) / (s - mean), d / (s - mean)};
    }
    case Normalisation::layer:
      return {1, (w * both + b) / (w * s + b), w * d / (w * s + b)};
    case Normalisation::none:
      break;
  }
  return {w * s + b, (w * both + b) / (w * s + b), w * d};
}

// |u + a W D u|^2 over its mean: the branch's own norm scatters as a plain layer's does, and its
// product with u like 2 / sqrt(width).
double log_variance_of(const At& at, double growth, const NetworkShape& shape) {
  const Moments& m = at.moments;
  const double own = 3 * m.dphi4 / square(m.dphi2) / shape.parts.keep - 1;
  if (shape.parts.branch == 0) return own / shape.width;
  const double added = square(shape.parts.branch) * growth;
  return (square(added) * own + 4 * added) / (square(1 + added) * shape.width);
}

}  // namespace

std::vector<StackedLayer> stack(const MeanField& field, const NetworkShape& shape) {
  check(shape);
  const bool skips = shape.parts.branch > 0;
  const double w = square(shape.scale.weight_std), b = square(shape.scale.bias_std);
  const double a = square(shape.parts.branch);
  double q = w * shape.input_variance + b;
  double c = q > 0 ? (w * shape.input_variance * shape.input_correlation + b) / q : 1;
  if (shape.parts.normalisation != Normalisation::none) q = 1;
  std::optional<At> at;
  std::vector<StackedLayer> out;
  for (int layer = 0; layer < shape.depth; ++layer) {
    if (!std::isfinite(q) || q == 0) {
      out.push_back({{q, c, kUnknown}, kUnknown});
      continue;
    }
    if (!at || std::abs(q - at->q) > 1e-12 * q) at.emplace(field.phi(), q);
    const Branch branch = branch_of(*at, c, shape);
    out.push_back({{q, c, skips ? 1 + a * branch.growth : branch.growth},
                   log_variance_of(*at, branch.growth, shape)});
    const double next = skips ? q + a * branch.variance : branch.variance;
    c = skips ? (q * c + a * branch.variance * branch.likeness) / next : branch.likeness;
    c = std::clamp(c, -1.0, 1.0);
    q = next;
  }
  return out;
}

}  // namespace gradkeep::flow
