// The largest over the smallest singular value of a layer's weights, of which there are as many as
// the smaller of units and inputs: 1 for orthogonal weights, infinite where a direction is lost.
// SPDX-License-Identifier: Apache-2.0
#include <cstddef>

#include "probe/probe.h"
#include "probe/spectrum.h"

namespace gradkeep::probe::quantity {

Probe weight_condition() {
  return {.name = "weight_condition",
          .title = "condition number of the weights",
          .when = every_sample,
          .measure =
              [](const Snapshot& snapshot, Sink& sink) {
                const auto& spectra = weight_spectra(snapshot);
                for (std::size_t i = 0; i < spectra.size(); ++i)
                  sink.add(snapshot.layers[i].number, condition(spectra[i]));
              },
          .costly = true,
          .whole = true};
}

}  // namespace gradkeep::probe::quantity
