// The singular values of dh_last/dh_first as a distribution, over 8 examples together: those under which
// 0, 10, 50, 90 and 100 percent of them lie, in rows jacobian_spectrum_0 to jacobian_spectrum_100. Near
// 1 throughout, every direction gets through; with depth a few directions outgrow all others unless
// weights and slopes keep lengths (Pennington et al. 2017). Of layers wider than 1,024 the ends alone,
// as far as they were found (probe/lanczos.h).
// SPDX-License-Identifier: Apache-2.0
#include "probe/probe.h"
#include "probe/spectrum.h"

namespace gradkeep::probe::quantity {

Probe jacobian_spectrum() {
  return {.name = "jacobian_spectrum",
          .title = "quantiles of the singular values of dh_last/dh_first",
          .when = every_sample,
          .measure = [](const Snapshot& snapshot,
                        Sink& sink) { add_quantiles(sink, 0, jacobian_spectra(snapshot)); },
          .costly = true,
          .whole = true};
}

}  // namespace gradkeep::probe::quantity
