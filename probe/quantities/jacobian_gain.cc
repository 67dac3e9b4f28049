// By how much the hidden layers stretch a small change of the first layer's pre-activations on the
// way to the last one's: the root mean square of the singular values of dh_last/dh_first, geometric
// mean over 8 examples. The gradient is stretched by the same on its way back. In wide networks its
// square is chi_1 to the power of the number of layers behind the first.
// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include "probe/probe.h"
#include "probe/reduce.h"
#include "probe/spectrum.h"

namespace gradkeep::probe::quantity {

Probe jacobian_gain() {
  return {.name = "jacobian_gain",
          .title = "RMS singular value of dh_last/dh_first over the hidden layers",
          .when = every_sample,
          .measure =
              [](const Snapshot& snapshot, Sink& sink) {
                double sum = 0;
                const auto& spectra = jacobian_spectra(snapshot);
                int examples = 0;
                for (const Spectrum& spectrum : spectra) {
                  if (spectrum.values.empty()) continue;
                  sum += std::log(root_mean_square(spectrum.values));
                  ++examples;
                }
                if (examples > 0) sink.add(0, std::exp(sum / examples));
              },
          .costly = true,
          .whole = true};
}

}  // namespace gradkeep::probe::quantity
