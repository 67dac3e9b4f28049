// The largest absolute value of an eigenvalue of a layer's weights, square ones only. It says
// little about a single pass: a triangular matrix may have small eigenvalues and stretch a vector a
// lot (see weight_norm).
// SPDX-License-Identifier: Apache-2.0
#include <cstddef>

#include "probe/probe.h"
#include "probe/spectrum.h"

namespace gradkeep::probe::quantity {

Probe weight_radius() {
  return {.name = "weight_radius",
          .title = "largest absolute eigenvalue of the weights, square layers",
          .when = every_sample,
          .measure =
              [](const Snapshot& snapshot, Sink& sink) {
                const auto& moduli = weight_eigenvalues(snapshot);
                for (std::size_t i = 0; i < moduli.size(); ++i)
                  if (!moduli[i].empty()) sink.add(snapshot.layers[i].number, moduli[i].front());
              },
          .costly = true,
          .whole = true};
}

}  // namespace gradkeep::probe::quantity
