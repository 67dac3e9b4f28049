// What a layer's units put out, over time: the share of outputs in each of 32 bins of equal width,
// histogram_00 to histogram_31, and the outer edges histogram_left and histogram_right. Drawn look by
// look it is a heat map. The bins fit the range of the activation's values. On a side where that range
// has no end, the edge is taken from the first look: its quantile 1 % or 99 %, moved outwards by half
// of the distance between the two. Edges stay as they are for the run; what lies beyond them is
// counted in the outermost bin.
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <string>

#include "probe/probe.h"
#include "probe/reduce.h"

namespace gradkeep::probe::quantity {
namespace {

constexpr int kBins = 32;

std::array<double, 2> edges_of(const Layer& layer) {
  // Far below the largest double, so that no difference of edges overflows.
  constexpr double kFarthest = std::numeric_limits<double>::max() / 8;
  std::vector<double> y;
  for (const double v : layer.y.values)
    if (std::isfinite(v)) y.push_back(std::clamp(v, -kFarthest, kFarthest));
  std::array<double, 2> edges{0, 1};
  if (!y.empty()) {
    std::sort(y.begin(), y.end());
    const double low = quantile(y, 0.01), high = quantile(y, 0.99);
    // Beside a large number 1 would be rounded away.
    const double margin = high > low ? (high - low) / 2 : std::max(1.0, 0x1p-20 * std::abs(low));
    edges = {low - margin, high + margin};
  }
  const Interval range = layer.activation->range();
  if (std::isfinite(range.low)) edges[0] = range.low + layer.shift;
  if (std::isfinite(range.high)) edges[1] = range.high + layer.shift;
  return edges;
}

}  // namespace

Probe histogram() {
  return {.name = "histogram",
          .title = "share of the outputs in each of 32 bins over the activation's range",
          .when = every_sample,
          .measure =
              [](const Snapshot& snapshot, Sink& sink) {
                auto& edges = snapshot.histogram_edges;
                if (edges.empty())
                  for (const Layer& layer : snapshot.layers) edges.push_back(edges_of(layer));
                for (std::size_t i = 0; i < edges.size(); ++i) {
                  const Layer& layer = snapshot.layers[i];
                  const auto [left, right] = edges[i];
                  std::array<int, kBins> counts{};
                  for (const double v : layer.y.values) {
                    const double bin = std::floor((v - left) / (right - left) * kBins);
                    if (std::isnan(bin)) continue;
                    ++counts[static_cast<int>(std::clamp(bin, 0.0, kBins - 1.0))];
                  }
                  for (int bin = 0; bin < kBins; ++bin)
                    sink.add(layer.number, counts[bin] / static_cast<double>(layer.y.values.size()),
                             (bin < 10 ? "0" : "") + std::to_string(bin));
                  sink.add(layer.number, left, "left");
                  sink.add(layer.number, right, "right");
                }
              },
          .costly = true,
          .whole = true};
}

}  // namespace gradkeep::probe::quantity
