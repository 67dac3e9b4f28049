// SPDX-License-Identifier: Apache-2.0
#include "lab/theory.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

#include "nn/initialise.h"
#include "probe/saturation.h"

namespace gradkeep::lab {
namespace {

constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();
constexpr double kNormal95 = 1.959963984540054;

double square(double v) { return v * v; }

// A probe's number before the first step.
double at_start(const Run& run, const char* probe, int layer) {
  for (const Measure& m : run.measures)
    if (m.step == 0 && m.layer == layer && m.probe == probe) return m.value;
  return kUnknown;
}

// f(h) + shift, as a layer of such a run computes it, around the constant that its biases start at.
Nonlinearity nonlinearity_of(const RunSpec& spec) {
  Nonlinearity phi(Activation(spec.activation, Bounds::any));
  if (spec.bias != 0) phi = phi.shifted(spec.bias);
  return spec.shift == 0 ? phi : phi.raised(spec.shift);
}

LayerParts parts_of(const RunSpec& spec) {
  LayerParts parts;
  parts.normalisation = spec.normalisation == "batch"   ? LayerParts::Normalisation::batch
                        : spec.normalisation == "layer" ? LayerParts::Normalisation::layer
                                                        : LayerParts::Normalisation::none;
  parts.branch = spec.residual == "none"    ? 0
                 : spec.residual == "plain" ? 1
                                            : 1 / std::sqrt(static_cast<double>(spec.depth));
  return parts;
}

// The share of N(mean, variance) on a function's saturated half lines.
double saturated_share(const Activation& f, double mean, double variance) {
  const auto region = probe::saturation(f);
  const double scale = std::sqrt(2 * variance);
  return 0.5 * std::erfc((mean - region.left) / scale) +
         0.5 * std::erfc((region.right - mean) / scale);
}

std::string why_none(const RunSpec& spec) {
  if (spec.depth < 1) return "it has no hidden layer";
  if (spec.architecture != "dense") return "its weights are shared between places";
  if (spec.bias != 0 && spec.residual != "none")
    return "its biases start at a constant, which skips add up";
  return "";
}

}  // namespace

const MeanField& Theory::field_of(const RunSpec& spec) {
  const std::string key =
      spec.activation + "|" + std::to_string(spec.shift) + "|" + std::to_string(spec.bias);
  const auto known = fields_.find(key);
  if (known != fields_.end()) return known->second;
  return fields_.emplace(key, MeanField(nonlinearity_of(spec))).first->second;
}

Expected Theory::of(const Run& run) {
  const RunSpec& spec = run.spec;
  Expected out;
  out.none = why_none(spec);
  if (!out.none.empty()) return out;
  const auto initialiser = nn::parse_initialiser(resolve_initialiser(spec));
  const auto weights = nn::weight_std(initialiser, spec.width, spec.width);
  if (!weights || !(*weights > 0)) {
    out.none = "its initial weights, " + run.initialiser + ", are no random numbers of mean 0";
    return out;
  }
  out.scale = {*weights, 0};

  NetworkShape shape;
  shape.scale = out.scale;
  shape.parts = parts_of(spec);
  shape.depth = spec.depth;
  shape.width = spec.width;
  const double bias = spec.normalisation == "none" ? spec.bias : 0;
  const double measured =
      square(at_start(run, "h_mean", 1)) + square(at_start(run, "h_std", 1)) - square(bias);
  if (measured > 0 && std::isfinite(measured)) shape.input_variance = measured / square(*weights);
  // A constant bias is a part of h that all examples have in common.
  const auto without_bias = [&](double c, double q) {
    return (c * (q + bias * bias) - bias * bias) / q;
  };
  const double likeness = at_start(run, "similarity", 1);
  const double first = shape.input_variance * square(*weights);
  if (std::isfinite(likeness))
    shape.input_correlation = std::clamp(without_bias(likeness, first), -1.0, 1.0);
  const double gradient = at_start(run, "gradient_rms", spec.depth);
  if (gradient > 0 && std::isfinite(gradient)) shape.output_gradient = gradient;

  try {
    const MeanField& field = field_of(spec);
    const Activation f(spec.activation, Bounds::any);
    const Prediction prediction = predict(field, shape);
    double log_gain = 0;
    for (std::size_t l = 0; l < prediction.layers.size(); ++l) {
      const auto& layer = prediction.layers[l];
      const double q = layer.signal.q, b2 = bias * bias;
      const bool last = l + 1 == prediction.layers.size();
      const double spread = 0.5 * kNormal95 * std::sqrt(layer.log_variance);
      const double median = layer.gradient_rms * std::exp(-0.25 * layer.log_variance);
      out.layers.push_back({q + b2, (layer.signal.correlation * q + b2) / (q + b2),
                            last ? kUnknown : std::sqrt(layer.signal.chi_1), median,
                            median * std::exp(-spread), median * std::exp(spread),
                            saturated_share(f, bias, q)});
      if (!last) log_gain += 0.5 * std::log(layer.signal.chi_1);
    }
    out.gain = spec.depth > 1 ? std::exp(log_gain / (spec.depth - 1)) : kUnknown;
    NetworkShape trained = shape;
    trained.output_gradient /= spec.batch;
    out.formats = predict(field, trained).formats;
  } catch (const Error& problem) {
    out = {};
    out.none = problem.what();
  }
  return out;
}

}  // namespace gradkeep::lab
