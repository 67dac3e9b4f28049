// Flow's recommendations, layer by layer; see critical.h.
// SPDX-License-Identifier: Apache-2.0
#include "nn/critical.h"

#include <gradkeep/recommendation.h>

#include <cmath>
#include <cstddef>
#include <deque>
#include <utility>

namespace gradkeep::nn {
namespace {

bool alike(const LayerSpec& a, const LayerSpec& b) {
  return a.units == b.units && a.shift == b.shift && a.activation.text() == b.activation.text();
}

// A layer's outputs, as the weights above meet them, and what is recommended for these weights.
struct Known {
  const LayerSpec* layer;
  MeanField outputs;
  Recommendation found;
};

class Recommendations {
 public:
  explicit Recommendations(int depth) : depth_(depth) {}

  const Known& of(const LayerSpec& layer) {
    for (const Known& known : known_)
      if (alike(*known.layer, layer)) return known;
    const Nonlinearity phi(layer.activation);
    MeanField outputs(layer.shift == 0 ? phi : phi.raised(layer.shift));
    Recommendation found = recommend(outputs, layer.units, depth_);
    known_.push_back({&layer, std::move(outputs), std::move(found)});
    return known_.back();
  }

 private:
  int depth_;
  std::deque<Known> known_;  // whose elements stay where they are
};

}  // namespace

std::vector<WeightScale> critical_scales(const NetworkSpec& spec) {
  const std::size_t hidden = spec.layers.size() - 1;
  if (hidden == 0) return {{1, 0}};
  Recommendations recommendations(static_cast<int>(hidden));
  const Recommendation& first = recommendations.of(spec.layers[0]).found;
  std::vector<WeightScale> scales{first.scale};
  scales[0].weight_std *= std::sqrt(first.input_variance);
  double q = scales[0].weight_std * scales[0].weight_std + scales[0].bias_std * scales[0].bias_std;
  for (std::size_t i = 0; i < hidden; ++i) {
    const Known& below = recommendations.of(spec.layers[i]);
    scales.push_back(below.found.scale);
    if (std::isfinite(q)) q = below.outputs.length(q, scales.back());
  }
  if (q > 1 && std::isfinite(q)) {
    scales.back().weight_std /= std::sqrt(q);
    scales.back().bias_std /= std::sqrt(q);
  }
  return scales;
}

}  // namespace gradkeep::nn
