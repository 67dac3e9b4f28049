// SPDX-License-Identifier: Apache-2.0
#include <gradkeep/blocks.h>
#include <gradkeep/flow.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <string>

#include "flow/numbers.h"
#include "flow/pairs.h"
#include "flow/root.h"
#include "flow/survey.h"

namespace gradkeep {
namespace {

using flow::number;
using flow::square;

void expect_positive(double v, const char* name) {
  if (!(v > 0) || std::isinf(v)) {
    throw Error(std::string(name) + " is " + number(v) + ", expected a finite number above 0");
  }
}

double variance(const Nonlinearity& phi, const Moments& m) {
  const double v = m.phi2 - square(m.phi);
  if (!(v > flow::kNoVariance * m.phi2) || std::isinf(v)) {
    throw Error("the variance of " + phi.name() + " is 0 or not finite, expected one to divide by");
  }
  return v;
}

}  // namespace

double batch_norm_growth(const Nonlinearity& phi, double gamma, double beta) {
  expect_positive(gamma, "gamma");
  const Moments m = moments(beta == 0 ? phi : phi.shifted(beta), square(gamma));
  return square(gamma) * m.dphi2 / variance(phi, m);
}

double layer_norm_growth(const Nonlinearity& phi, const WeightScale& scale, double gamma) {
  expect_positive(gamma, "gamma");
  expect_positive(scale.weight_std, "weight_std");
  const Moments m = moments(phi, square(gamma));
  return square(gamma) * m.dphi2 / (m.phi2 + square(scale.bias_std / scale.weight_std));
}

double layer_norm_after_growth(const Nonlinearity& phi, const WeightScale& scale) {
  expect_positive(scale.weight_std, "weight_std");
  const double w = square(scale.weight_std);
  const Moments m = moments(phi, w + square(scale.bias_std));
  return w * m.dphi2 / variance(phi, m);
}

std::vector<DropoutFixedPoint> dropout_fixed_points(const MeanField& field,
                                                    const WeightScale& scale, double keep) {
  if (!(keep > 0 && keep <= 1)) {
    throw Error("keep is " + number(keep) + ", expected a probability above 0, at most 1");
  }
  const double w = square(scale.weight_std);
  std::vector<DropoutFixedPoint> out;
  for (const FixedPoint& p :
       field.fixed_points({scale.weight_std / std::sqrt(keep), scale.bias_std})) {
    DropoutFixedPoint point{p.q, p.status, p.chi_1, std::numeric_limits<double>::quiet_NaN()};
    if (p.q > 0 && std::isfinite(p.q)) {
      const flow::Pairs pairs(field.phi(), p.q);
      // What a layer adds to the difference of the two passes, over what there is of it.
      const auto excess = [&](double theta) {
        const double dropped = w * pairs.phi2() * (1 / keep - 1);
        if (theta == 0) return dropped;
        const double distance = 2 * square(std::sin(theta / 2));  // 1 - c
        return dropped + p.q * distance * (w * pairs.mean_slope_product(theta) - 1);
      };
      const double right = std::numbers::pi / 2;
      const double at_right = excess(right);
      if (keep == 1) {
        point.c_star = p.c_star;
      } else if (at_right >= -flow::kRounding * p.q) {
        point.c_star = 0;
      } else {
        point.c_star = std::cos(flow::root(excess, 0, right, excess(0), at_right));
      }
    }
    out.push_back(point);
  }
  return out;
}

std::vector<ShiftedLayer> shifted_layers(const Nonlinearity& phi, int layers,
                                         const WeightScale& scale, double weight_mean, double mean,
                                         double q) {
  if (layers < 0) throw Error("layers is " + std::to_string(layers) + ", expected 0 or more");
  const double w = square(scale.weight_std), b = square(scale.bias_std);
  std::vector<ShiftedLayer> out;
  for (int layer = 0; layer < layers; ++layer) {
    const Moments m = moments(phi.shifted(mean), q);
    out.push_back({mean, q, w * m.dphi2});
    mean = weight_mean * m.phi;
    q = w * m.phi2 + b;
    if (!std::isfinite(mean) || !std::isfinite(q)) break;
  }
  return out;
}

OutputStart softmax_start(int classes, double logit_std) {
  if (classes < 2) throw Error("classes is " + std::to_string(classes) + ", expected 2 or more");
  const double rest = 1 - 1.0 / classes, s2 = square(logit_std);
  return {std::log(classes) + 0.5 * s2 * rest, rest + s2 * rest / classes};
}

OutputStart sigmoid_start(double logit_std) {
  const double q = square(logit_std);
  // (p - y)^2 averages over y = 0 and 1 to sigma^2 by symmetry.
  return {gaussian_mean(Activation("softplus"), 0, q), moments(Activation("sigmoid"), q).phi2};
}

}  // namespace gradkeep
