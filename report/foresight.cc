// SPDX-License-Identifier: Apache-2.0
#include "report/foresight.h"

#include <cmath>

namespace gradkeep::report {
namespace {

using Expected = lab::Expected;

// One member of every layer over the seeds; the last `short_by` layers have none.
template <class Gatherer>
std::vector<Spread> row(const std::vector<Expected>& seeds, double Expected::Layer::* member,
                        Gatherer gatherer, std::size_t short_by = 0) {
  std::vector<Spread> out;
  for (std::size_t l = 0; l + short_by < seeds.front().layers.size(); ++l) {
    std::vector<double> values;
    for (const auto& seed : seeds) values.push_back(seed.layers[l].*member);
    out.push_back(gatherer(values));
  }
  return out;
}

std::string span(int first, int last) {
  return first == last ? std::to_string(first) : std::to_string(first) + "–" + std::to_string(last);
}

}  // namespace

Foresight foresee(const std::vector<lab::Run>& runs, lab::Theory& theory) {
  std::vector<Expected> seeds;
  for (const auto& run : runs) seeds.push_back(theory.of(run));
  Foresight out;
  for (const auto& seed : seeds)
    if (!seed.none.empty()) {
      out.none = seed.none;
      return out;
    }
  using Layer = Expected::Layer;
  out.square = row(seeds, &Layer::square, geometric_spread);
  out.similarity = row(seeds, &Layer::similarity, arithmetic_spread);
  out.saturated = row(seeds, &Layer::saturated, arithmetic_spread);
  out.gain = row(seeds, &Layer::gain, geometric_spread, 1);
  out.gradient = row(seeds, &Layer::gradient_rms, geometric_spread);
  const auto low = row(seeds, &Layer::low, geometric_spread);
  const auto high = row(seeds, &Layer::high, geometric_spread);
  for (std::size_t l = 0; l < out.gradient.size(); ++l) {
    out.gradient[l].low = low[l].mid;
    out.gradient[l].high = high[l].mid;
  }
  std::vector<double> gains;
  for (const auto& seed : seeds) gains.push_back(seed.gain);
  out.layer_gain = geometric_mean(gains);
  out.scale = seeds.front().scale;
  out.formats = seeds.front().formats;
  const auto& spec = runs.front().spec;
  out.plain =
      spec.normalisation == "none" && spec.residual == "none" && spec.shift == 0 && spec.bias == 0;
  return out;
}

std::string loss_text(const FormatLoss& loss) {
  if (loss.ranges.empty()) return std::isnan(loss.share_lost) ? "no prediction" : "all kept";
  std::string text;
  for (const LostLayers& range : loss.ranges) {
    if (!text.empty()) text += ", ";
    text += span(range.first, range.last) + (range.zero ? " zero" : " subnormal");
  }
  return text;
}

}  // namespace gradkeep::report
