// SPDX-License-Identifier: Apache-2.0
#include "lab/theory.h"

#include <gradkeep/recommendation.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

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

// The mean square of the first hidden layer's pre-activations, of eight parts of the examples as
// their sizes differ; empty where nobody measured it.
std::vector<double> first_layer(const Run& run) {
  std::vector<double> parts;
  for (int part = 1; part <= 8; ++part) {
    const double square = at_start(run, ("h_square_" + std::to_string(part)).c_str(), 1);
    if (square > 0 && std::isfinite(square)) parts.push_back(square);
  }
  if (!parts.empty()) return parts;
  const double whole = at_start(run, "h_square", 1);
  if (whole > 0 && std::isfinite(whole)) parts.push_back(whole);
  return parts;
}

// The part of h that all examples have in common; normalisation takes it off.
double bias_of(const RunSpec& spec) { return spec.normalisation == "none" ? spec.bias : 0; }

// f(h) + shift, as a layer of such a run computes it, around the constant that its biases start at.
Nonlinearity nonlinearity_of(const RunSpec& spec) {
  Nonlinearity phi(Activation(spec.activation, Bounds::any));
  if (bias_of(spec) != 0) phi = phi.shifted(bias_of(spec));
  return spec.shift == 0 ? phi : phi.raised(spec.shift);
}

bool orthogonal(const RunSpec& spec) {
  using Kind = nn::Initialiser::Kind;
  const Kind kind = nn::parse_initialiser(resolve_initialiser(spec)).kind;
  return kind == Kind::orthogonal || kind == Kind::critical_orthogonal || kind == Kind::lsuv;
}

// The share of N(mean, variance) on a function's saturated half lines.
double saturated_share(const Activation& f, double mean, double variance) {
  const auto region = probe::saturation(f);
  const double scale = std::sqrt(2 * variance);
  return 0.5 * std::erfc((mean - region.left) / scale) +
         0.5 * std::erfc((region.right - mean) / scale);
}

// Of the mini-batches that training takes from what is not held back.
double batch_of(const Run& run) {
  const auto& spec = run.spec;
  const double train = run.examples * (1 - spec.test_share - spec.validation_share) * spec.repeat;
  return train >= 1 ? std::min<double>(spec.batch, train) : spec.batch;
}

std::string key_of(const RunSpec& spec) {
  return spec.activation + "|" + std::to_string(spec.shift) + "|" + std::to_string(bias_of(spec));
}

std::string why_none(const RunSpec& spec) {
  if (spec.depth < 1) return "it has no hidden layer";
  if (spec.architecture != "dense") return "its weights are shared between places";
  if (spec.initialiser.starts_with("lsuv") &&
      (spec.residual == "plain" || spec.residual == "scaled"))
    return "its weights are scaled on data, layer by layer beside skips";
  if (bias_of(spec) != 0 && spec.residual != "none")
    return "its biases start at a constant, which skips add up";
  return "";
}

// From what was measured at the two ends, layer by layer.
void follow(const Run& run, const MeanField& field, Expected& out) {
  const RunSpec& spec = run.spec;
  NetworkShape shape;
  shape.scale = out.scale;
  if (orthogonal(spec)) shape.weights = Weights::orthogonal;
  shape.parts = layer_parts(spec.normalisation, spec.residual, spec.depth);
  shape.depth = spec.depth;
  shape.width = spec.width;
  const double common = square(bias_of(spec));
  const double biases = common + square(out.scale.bias_std);
  const auto variance_in = [&](double h_square) {
    return std::max(0.0, h_square - biases) / square(out.scale.weight_std);
  };
  const auto starts = first_layer(run);
  if (starts.empty()) {
    out.none = "the probe h_square did not look at its first layer";
    return;
  }
  double mean = 0;
  for (const double h_square : starts) mean += h_square / static_cast<double>(starts.size());
  shape.input_variance = variance_in(mean);
  if (const double c = at_start(run, "similarity", 1); std::isfinite(c) && mean > biases)
    shape.input_correlation = std::clamp((c * mean - biases) / (mean - biases), -1.0, 1.0);
  const double gradient = at_start(run, "gradient_rms", spec.depth);
  const double known = gradient > 0 && std::isfinite(gradient) ? gradient : kUnknown;

  const Activation f(spec.activation, Bounds::any);
  const auto typical = predict(field, shape).layers;
  std::vector<double> q(typical.size()), saturated(typical.size()), gradients(typical.size());
  for (const double h_square : starts) {
    NetworkShape part = shape;
    part.input_variance = variance_in(h_square);
    part.input_correlation = 1;
    const auto signals = propagate(field, part);
    // What a loss sends to the last layer is alike for all examples until it passes f'.
    double g = std::isfinite(signals.back().q) ? field.averages(signals.back().q).dphi2
                                               : field.phi().mean_square_slope_at_infinity();
    for (std::size_t l = signals.size(); l-- > 0;) {
      if (l + 1 < signals.size()) g *= signals[l].chi_1;
      q[l] += signals[l].q / static_cast<double>(starts.size());
      gradients[l] += g;
      saturated[l] +=
          saturated_share(f, bias_of(spec), signals[l].q) / static_cast<double>(starts.size());
    }
  }
  std::vector<PredictedLayer> trained;
  for (std::size_t l = 0; l < typical.size(); ++l) {
    const auto& layer = typical[l];
    const double rms = known * std::sqrt(gradients[l] / gradients.back());
    const double spread = 0.5 * kNormal95 * std::sqrt(layer.log_variance);
    const double median = rms * std::exp(-0.25 * layer.log_variance);
    const double whole = layer.signal.q + common;
    out.layers.push_back(
        {q[l] + common, (layer.signal.correlation * layer.signal.q + common) / whole,
         l + 1 < typical.size() ? std::sqrt(gradients[l] / gradients[l + 1]) : kUnknown, median,
         median * std::exp(-spread), median * std::exp(spread), saturated[l]});
    trained.push_back({layer.signal, rms / batch_of(run), layer.log_variance});
  }
  out.gain = spec.depth > 1 ? std::pow(gradients.front() / gradients.back(), 0.5 / (spec.depth - 1))
                            : kUnknown;
  if (!std::isnan(known)) {
    const auto losses = format_losses(trained);
    out.formats.assign(losses.begin(), losses.end());
  }
}

}  // namespace

const MeanField& Theory::field_of(const RunSpec& spec) {
  const std::string key = key_of(spec);
  const auto known = fields_.find(key);
  if (known != fields_.end()) return known->second;
  return fields_.emplace(key, MeanField(nonlinearity_of(spec))).first->second;
}

WeightScale Theory::recommended(const RunSpec& spec) {
  const std::string key =
      key_of(spec) + "|" + std::to_string(spec.width) + "|" + std::to_string(spec.depth);
  const auto known = recommended_.find(key);
  if (known != recommended_.end()) return known->second;
  return recommended_[key] = recommend(field_of(spec), spec.width, spec.depth).scale;
}

// Of the hidden layers; nothing where no numbers describe them.
std::optional<WeightScale> Theory::scale_of(const RunSpec& spec) {
  using Kind = nn::Initialiser::Kind;
  const auto how = nn::parse_initialiser(resolve_initialiser(spec));
  // Scaled on data until the pre-activations have this deviation, layer after layer.
  if (how.kind == Kind::lsuv) {
    // Dropout is at work while they are scaled, and not where probes look.
    const Moments at = moments(field_of(spec).phi(), square(how.scale));
    return WeightScale{how.scale * std::sqrt((1 - spec.dropout) / at.phi2), 0};
  }
  if (how.kind == Kind::critical || how.kind == Kind::critical_orthogonal) {
    WeightScale scale = recommended(spec);
    scale.weight_std *= how.scale;
    return scale;
  }
  const auto weights = nn::weight_std(how, spec.width, spec.width);
  return weights && *weights > 0 ? std::optional(WeightScale{*weights, 0}) : std::nullopt;
}

Expected Theory::of(const Run& run) {
  const RunSpec& spec = run.spec;
  Expected out;
  out.none = why_none(spec);
  if (!out.none.empty()) return out;
  try {
    const auto scale = scale_of(spec);
    if (!scale) {
      out.none = "its initial weights, " + run.initialiser + ", are no random numbers of mean 0";
      return out;
    }
    out.scale = *scale;
    follow(run, field_of(spec), out);
  } catch (const Error& problem) {
    out = {};
    out.none = problem.what();
  }
  return out;
}

}  // namespace gradkeep::lab
