// The absolute values of the eigenvalues of a square layer's weights as a distribution: those under
// which 0, 10, 50, 90 and 100 percent of them lie, in rows weight_eigenvalues_0 to
// weight_eigenvalues_100. A Gaussian start fills a disc evenly, so that half of them lie within 0.71 of
// its radius, an orthogonal one has all on its rim.
// SPDX-License-Identifier: Apache-2.0
#include <cstddef>

#include "probe/probe.h"
#include "probe/spectrum.h"

namespace gradkeep::probe::quantity {

Probe weight_eigenvalues() {
  return {.name = "weight_eigenvalues",
          .title = "quantiles of the absolute eigenvalues of the weights, square layers",
          .when = every_sample,
          .measure =
              [](const Snapshot& snapshot, Sink& sink) {
                const auto& moduli = probe::weight_eigenvalues(snapshot);
                for (std::size_t i = 0; i < moduli.size(); ++i) {
                  if (moduli[i].empty()) continue;
                  const Spectrum spectrum(moduli[i]);
                  add_quantiles(sink, snapshot.layers[i].number, {&spectrum, 1});
                }
              },
          .costly = true,
          .whole = true};
}

}  // namespace gradkeep::probe::quantity
