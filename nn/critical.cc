// Flow's recommendations, layer by layer; see critical.h.
// SPDX-License-Identifier: Apache-2.0
#include "nn/critical.h"

#include <gradkeep/recommendation.h>

#include <algorithm>
#include <cmath>

namespace gradkeep::nn {
namespace {

bool alike(const LayerSpec& a, const LayerSpec& b) {
  return a.units == b.units && a.shift == b.shift && a.activation.text() == b.activation.text();
}

Recommendation recommendation(const LayerSpec& layer, int depth) {
  const Nonlinearity phi(layer.activation);
  return recommend(MeanField(layer.shift == 0 ? phi : phi.raised(layer.shift)), layer.units, depth);
}

}  // namespace

std::vector<WeightScale> critical_scales(const NetworkSpec& spec) {
  const int hidden = std::max(1, static_cast<int>(spec.layers.size()) - 1);
  std::vector<WeightScale> scales;
  for (std::size_t i = 0; i < spec.layers.size(); ++i) {
    const LayerSpec& layer = spec.layers[i];
    if (i > 1 && alike(layer, spec.layers[i - 1])) {
      scales.push_back(scales.back());
      continue;
    }
    const Recommendation found = recommendation(layer, hidden);
    scales.push_back(found.scale);
    if (i == 0) scales[0].weight_std *= std::sqrt(found.input_variance);
  }
  return scales;
}

}  // namespace gradkeep::nn
