// The singular values of the weights as a distribution: those under which 0, 10, 50, 90 and 100 percent
// of them lie, in rows weight_spectrum_0 to weight_spectrum_100. A Gaussian start of a square layer
// spreads them from 0 to twice its gain, an orthogonal one has all alike. Of layers wider than 1,024 the
// ends alone, as far as they were found (probe/lanczos.h).
// SPDX-License-Identifier: Apache-2.0
#include <cstddef>

#include "probe/probe.h"
#include "probe/spectrum.h"

namespace gradkeep::probe::quantity {

Probe weight_spectrum() {
  return {.name = "weight_spectrum",
          .title = "quantiles of the singular values of the weights",
          .when = every_sample,
          .measure =
              [](const Snapshot& snapshot, Sink& sink) {
                const auto& spectra = weight_spectra(snapshot);
                for (std::size_t i = 0; i < spectra.size(); ++i)
                  add_quantiles(sink, snapshot.layers[i].number, {&spectra[i], 1});
              },
          .costly = true,
          .whole = true};
}

}  // namespace gradkeep::probe::quantity
