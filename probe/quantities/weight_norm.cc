// The largest singular value of a layer's weights: the most by which they can stretch a vector,
// forward or backward.
// SPDX-License-Identifier: Apache-2.0
#include <cstddef>

#include "probe/probe.h"
#include "probe/spectrum.h"

namespace gradkeep::probe::quantity {

Probe weight_norm() {
  return {.name = "weight_norm",
          .title = "largest singular value of the weights",
          .when = every_sample,
          .measure =
              [](const Snapshot& snapshot, Sink& sink) {
                const auto& spectra = weight_spectra(snapshot);
                for (std::size_t i = 0; i < spectra.size(); ++i)
                  sink.add(snapshot.layers[i].number, spectra[i].largest);
              },
          .costly = true,
          .whole = true};
}

}  // namespace gradkeep::probe::quantity
