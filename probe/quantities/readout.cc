// Linear read-out: the accuracy on examples held out of the affine map that, fitted to the training part,
// tells the classes best from the layer's outputs (probe/readout.h). In a network that learns it grows
// from layer to layer; where it falls, a layer has lost what those below it knew. Fitted to at most 4,096
// examples. Nothing in a regression.
// SPDX-License-Identifier: Apache-2.0
#include "probe/readout.h"

#include <cstddef>

#include "probe/probe.h"

namespace gradkeep::probe::quantity {

Probe readout() {
  return {.name = "readout",
          .title = "accuracy of a linear read-out of the layer's outputs, on examples held out",
          .when = start_and_end,
          .measure =
              [](const Snapshot& snapshot, Sink& sink) {
                if (!snapshot.represent) return;
                for (std::size_t i = 0; i < snapshot.layers.size(); ++i)
                  sink.add(snapshot.layers[i].number,
                           readout_accuracy(snapshot.represent(static_cast<int>(i))));
              },
          .costly = true,
          .whole = true};
}

}  // namespace gradkeep::probe::quantity
