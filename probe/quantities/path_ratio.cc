// How much of a detour the weights took: the length of the path that they have walked over their
// distance from the start. 1: straight ahead; large: zigzag, or a way there and back. Layer 0 is
// all weights together. Nothing where the weights are where they were.
// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <cstddef>

#include "probe/probe.h"
#include "probe/reduce.h"

namespace gradkeep::probe::quantity {

Probe path_ratio() {
  return {.name = "path_ratio",
          .title = "length of the weights' path over their distance from the start",
          .when = every_sample,
          .measure =
              [](const Snapshot& snapshot, Sink& sink) {
                if (snapshot.walks.empty()) return;
                std::vector<double> distances;
                for (const Layer& layer : snapshot.layers)
                  distances.push_back(distance(layer.w.values, layer.initial_w.values));
                const auto add = [&](int layer, double path, double distance) {
                  const double ratio = path / distance;
                  if (std::isfinite(ratio)) sink.add(layer, ratio);
                };
                for (std::size_t i = 0; i < distances.size(); ++i)
                  add(snapshot.layers[i].number, snapshot.walks[i].length, distances[i]);
                add(0, snapshot.walks.back().length, norm(distances));
              },
          .costly = true,
          .walks = true,
          .whole = true};
}

}  // namespace gradkeep::probe::quantity
