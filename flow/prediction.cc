// SPDX-License-Identifier: Apache-2.0
#include <gradkeep/prediction.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <string>

#include "flow/numbers.h"
#include "flow/stack.h"

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

// How the spread of the squared gradient norm grows in one layer: 3 E phi'^4 / (E phi'^2)^2 - 1 over
// the width, which is 5 / width for relu.
double log_variance_of_layer(const Nonlinearity& phi, double q, int width) {
  const Moments m = moments(phi, std::min(q, 1e13));
  const double ratio = m.dphi4 / square(m.dphi2);
  return std::isfinite(ratio) ? (3 * ratio - 1) / width : kInfinity;
}

FormatLoss loss(const Format& format, const std::vector<PredictedLayer>& layers,
                double loss_scale) {
  const double normal = std::ldexp(1.0, format.min_exponent);
  const double half_smallest = std::ldexp(normal, -format.precision);  // rounds to 0
  FormatLoss out{format, {}, {}, 0};
  const auto up_to = [&](double threshold) {
    std::optional<int> last;
    for (std::size_t l = 0; l < layers.size(); ++l) {
      const PredictedLayer& layer = layers[l];
      const double share =
          share_below(threshold, loss_scale * layer.gradient_rms, layer.log_variance);
      if (share < 0.5) break;
      last = static_cast<int>(l) + 1;
    }
    return last;
  };
  out.subnormal_up_to = up_to(normal);
  out.lost_up_to = up_to(half_smallest);
  out.share_lost = share_below(half_smallest, loss_scale * layers.front().gradient_rms,
                               layers.front().log_variance);
  return out;
}

// Where the gradient is known, its logarithm and scatter are sums over the layers behind it.
std::vector<PredictedLayer> with_gradients(const std::vector<flow::StackedLayer>& layers,
                                           double output_gradient) {
  std::vector<PredictedLayer> out(layers.size());
  double log_square = 2 * std::log(output_gradient), log_variance = 0;
  for (std::size_t l = layers.size(); l-- > 0;) {
    if (l + 1 < layers.size()) {
      log_square += std::log(layers[l].signal.chi_1);
      log_variance += layers[l].log_variance;
    }
    out[l] = {layers[l].signal, std::exp(0.5 * log_square), log_variance};
  }
  return out;
}

// Of layers that are weights and activation alone.
std::vector<flow::StackedLayer> plain_stack(const MeanField& field, const NetworkShape& shape) {
  std::vector<flow::StackedLayer> out;
  double known_q = -1, known_variance = 0;
  for (const LayerPrediction& signal :
       field.propagate(shape.depth, shape.scale, shape.input_variance, shape.input_correlation)) {
    if (std::isfinite(signal.q) && std::abs(signal.q - known_q) > 1e-6 * known_q) {
      known_q = signal.q;
      known_variance = log_variance_of_layer(field.phi(), signal.q, shape.width);
    }
    out.push_back({signal, known_variance});
  }
  return out;
}

}  // namespace

double share_below(double threshold, double rms, double log_variance) {
  if (std::isnan(rms) || std::isnan(log_variance)) return rms;
  if (rms == 0) return 1;
  if (std::isinf(rms)) return 0;
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
  const auto layers = parts.plain() ? plain_stack(field, shape) : flow::stack(field, shape);
  if (parts.normalisation == LayerParts::Normalisation::none && parts.branch == 0) {
    // Dropout only makes the signal larger.
    const WeightScale scale{shape.scale.weight_std / std::sqrt(parts.keep), shape.scale.bias_std};
    out.fixed_points = field.fixed_points(scale);
    const double q = layers.front().signal.q;
    out.arrives =
        std::isfinite(q) ? arrival(field, out.fixed_points, q, scale) : out.fixed_points.size() - 1;
  }
  out.gains = gains(field.phi());
  out.layers = with_gradients(layers, shape.output_gradient);
  out.formats = {loss(kFloat32, out.layers, shape.loss_scale),
                 loss(kBfloat16, out.layers, shape.loss_scale),
                 loss(kFloat16, out.layers, shape.loss_scale)};
  return out;
}

}  // namespace gradkeep
