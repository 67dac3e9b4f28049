// The activation's learned parameters, layer by layer: learned_a is prelu's slope for h < 0.
// SPDX-License-Identifier: Apache-2.0
#include "probe/probe.h"

namespace gradkeep::probe::quantity {

Probe learned() {
  return {.name = "learned",
          .title = "learned parameters of the activation",
          .when = every_sample,
          .measure = [](const Snapshot& snapshot, Sink& sink) {
            for (const auto& layer : snapshot.layers)
              for (std::size_t k = 0; k < layer.learned.size(); ++k)
                sink.add(layer.number, layer.learned[k], layer.learned_names[k]);
          }};
}

}  // namespace gradkeep::probe::quantity
