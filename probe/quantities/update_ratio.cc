// Update to weights: the norm of the last step of a layer's weights over the norm of the weights.
// A rule of thumb wants about 1e-3: much less, and the layer hardly learns; much more, and every step
// throws it about. Layer 0 is all weights together. Nothing before the first step.
// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <cstddef>

#include "probe/probe.h"
#include "probe/reduce.h"

namespace gradkeep::probe::quantity {

Probe update_ratio() {
  return {.name = "update_ratio",
          .title = "norm of the last update over the norm of the weights",
          .when = every_sample,
          .measure =
              [](const Snapshot& snapshot, Sink& sink) {
                const auto& walks = snapshot.walks;
                if (walks.empty() || walks.back().length == 0) return;
                const auto add = [&](int layer, double step, double size) {
                  if (size > 0 && std::isfinite(step / size)) sink.add(layer, step / size);
                };
                std::vector<double> sizes;
                for (const Layer& layer : snapshot.layers) sizes.push_back(norm(layer.w));
                for (std::size_t i = 0; i < sizes.size(); ++i)
                  add(snapshot.layers[i].number, walks[i].last, sizes[i]);
                add(0, walks.back().last, norm(sizes));
              },
          .costly = true,
          .walks = true,
          .whole = true};
}

}  // namespace gradkeep::probe::quantity
