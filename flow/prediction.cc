// SPDX-License-Identifier: Apache-2.0
#include <gradkeep/blocks.h>
#include <gradkeep/prediction.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <string>

#include "flow/numbers.h"
#include "flow/survey.h"

namespace gradkeep {
namespace {

using flow::number;
using flow::square;

void check(const NetworkShape& shape) {
  for (const auto& [v, name] : {std::pair(shape.depth, "depth"), std::pair(shape.width, "width")}) {
    if (v < 1) throw Error(std::string(name) + " is " + std::to_string(v) + ", expected 1 or more");
  }
  for (const auto& [v, name] : {std::pair(shape.output_gradient, "the output's gradient"),
                                std::pair(shape.loss_scale, "the loss scale")}) {
    if (!(v > 0) || std::isinf(v)) {
      throw Error(std::string(name) + " is " + number(v) + ", expected a finite positive number");
    }
  }
}

// A variance goes up or down to the next fixed point, as the length map lies above or below the
// diagonal.
std::size_t arrival(const MeanField& field, const std::vector<FixedPoint>& points, double q,
                    const WeightScale& scale) {
  const double next = field.length(q, scale);
  std::size_t below = 0;
  for (std::size_t i = 0; i < points.size(); ++i) {
    if (std::isnan(points[i].q) || std::abs(points[i].q - q) <= 1e-12 * q) return i;
    if (points[i].q > q) return next > q ? i : below;
    below = i;
  }
  return below;
}

// The variance of the logarithm of what a layer multiplies the squared gradient norm by, from one
// network to the next: (3 E phi'^4 / (E phi'^2)^2 - 1) / width, which is 5 / width for relu; 2 / width
// less with orthogonal weights, whose rows are of one length and no more than uncorrelated. Beside a
// skip only the branch's share scatters like that, and its product with the skip like 2 / sqrt(width).
double log_variance_of(const Nonlinearity& phi, const LayerPrediction& layer,
                       const NetworkShape& shape) {
  const Moments m = moments(phi, std::min(layer.q, 1e13));
  const double weights = shape.weights == Weights::orthogonal ? 3 : 1;
  const double own = 3 * m.dphi4 / square(m.dphi2) / shape.parts.keep - weights;
  if (!std::isfinite(own)) return kInfinity;
  if (!shape.parts.branch) return own / shape.width;
  const double added = layer.chi_1 - 1;
  return (square(added) * own + 4 * added) / (square(1 + added) * shape.width);
}

FormatLoss loss(const Format& format, std::span<const PredictedLayer> layers, double loss_scale) {
  const double normal = std::ldexp(1.0, format.min_exponent);
  const double half_smallest = std::ldexp(normal, -format.precision);  // rounds to 0
  const auto share = [&](double threshold, const PredictedLayer& layer) {
    return share_below(threshold, loss_scale * layer.gradient_rms, layer.log_variance);
  };
  FormatLoss out{format, {}, {}, {}, share(half_smallest, layers.front())};
  for (std::size_t l = 0; l < layers.size(); ++l) {
    if (!(share(normal, layers[l]) >= 0.5)) continue;  // kept, or not known
    const int number = static_cast<int>(l) + 1;
    const bool zero = share(half_smallest, layers[l]) >= 0.5;
    if (out.ranges.empty() || out.ranges.back().last + 1 < number ||
        out.ranges.back().zero != zero) {
      out.ranges.push_back({number, number, zero});
    }
    out.ranges.back().last = number;
    if (out.subnormal_up_to.value_or(0) + 1 == number) out.subnormal_up_to = number;
    if (zero && out.lost_up_to.value_or(0) + 1 == number) out.lost_up_to = number;
  }
  return out;
}

// From the last layer back: logarithm and scatter are sums over the layers in between.
std::vector<PredictedLayer> with_gradients(const MeanField& field, const NetworkShape& shape) {
  const auto signals = propagate(field, shape);
  std::vector<PredictedLayer> out(signals.size());
  double log_square = 2 * std::log(shape.output_gradient), log_variance = 0;
  double known_q = -1, known_variance = 0;
  for (std::size_t l = signals.size(); l-- > 0;) {
    const LayerPrediction& signal = signals[l];
    if (l + 1 < signals.size()) {
      // What a layer without a slope has stopped no infinite gain brings back.
      const double gain = std::log(signal.chi_1);
      log_square = std::min(log_square, gain) == -kInfinity ? -kInfinity : log_square + gain;
      if (std::isfinite(signal.q) && std::abs(signal.q - known_q) > 1e-6 * known_q) {
        known_q = signal.q;
        known_variance = log_variance_of(field.phi(), signal, shape);
      }
      log_variance += known_variance;
    }
    out[l] = {signal, std::exp(0.5 * log_square), log_variance};
  }
  return out;
}

// Dropout makes the signal larger, as larger weights would, and two inputs less alike.
std::vector<FixedPoint> fixed_points_of(const MeanField& field, const NetworkShape& shape) {
  const double keep = shape.parts.keep;
  auto out = field.fixed_points({shape.scale.weight_std / std::sqrt(keep), shape.scale.bias_std});
  if (keep == 1) return out;
  const auto dropped = dropout_fixed_points(field, shape.scale, keep);
  for (std::size_t i = 0; i < out.size(); ++i) {
    FixedPoint& p = out[i];
    p.c_star = dropped[i].c_star;
    p.one_minus_c_star = 1 - p.c_star;
    p.correlation_slope = p.xi_c = std::numeric_limits<double>::quiet_NaN();
    if (std::isnan(p.c_star)) continue;
    p.correlation_slope =
        square(shape.scale.weight_std) * field.pair_averages(p.q, p.c_star).dphi_dphi;
    p.xi_c = flow::depth_scale(p.correlation_slope);
  }
  return out;
}

}  // namespace

double share_below(double threshold, double rms, double log_variance) {
  if (std::isnan(rms)) return rms;
  if (rms == 0) return 1;
  if (std::isinf(rms)) return 0;
  if (std::isnan(log_variance)) return log_variance;
  const double spread = std::sqrt(std::min(log_variance, 1e6));
  const auto below = [&](double y) {
    const double log_rms = std::log(rms) + 0.5 * (spread * y - 0.5 * square(spread));
    return std::erf(std::exp(std::log(threshold) - log_rms) / std::numbers::sqrt2);
  };
  return gaussian_mean(below);
}

Prediction predict(const MeanField& field, const NetworkShape& shape) {
  check(shape);
  Prediction out;
  const LayerParts& parts = shape.parts;
  out.layers = with_gradients(field, shape);
  if (parts.normalisation == LayerParts::Normalisation::none && !parts.branch) {
    const WeightScale scale{shape.scale.weight_std / std::sqrt(parts.keep), shape.scale.bias_std};
    out.fixed_points = fixed_points_of(field, shape);
    const double q = out.layers.front().signal.q;
    out.arrives =
        std::isfinite(q) ? arrival(field, out.fixed_points, q, scale) : out.fixed_points.size() - 1;
  }
  out.gains = gains(field);
  out.formats = format_losses(out.layers, shape.loss_scale);
  return out;
}

std::array<FormatLoss, 3> format_losses(std::span<const PredictedLayer> layers, double loss_scale) {
  return {loss(kFloat32, layers, loss_scale), loss(kBfloat16, layers, loss_scale),
          loss(kFloat16, layers, loss_scale)};
}

}  // namespace gradkeep
