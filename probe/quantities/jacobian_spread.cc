// How unequal the squared singular values of dh_last/dh_first over the hidden layers are: their
// variance over their squared mean, averaged over 8 examples. 0: every direction is stretched
// alike. Unlike the condition it is finite where directions are lost; in wide networks it grows in
// proportion to the number of layers behind the first (Pennington et al. 2017).
// SPDX-License-Identifier: Apache-2.0
#include "probe/probe.h"
#include "probe/reduce.h"
#include "probe/spectrum.h"

namespace gradkeep::probe::quantity {

Probe jacobian_spread() {
  return {.name = "jacobian_spread",
          .title = "relative variance of the squared singular values of dh_last/dh_first",
          .when = every_sample,
          .measure =
              [](const Snapshot& snapshot, Sink& sink) {
                double sum = 0;
                int examples = 0;
                for (const Spectrum& spectrum : jacobian_spectra(snapshot)) {
                  const auto& values = spectrum.values;
                  if (values.empty() || values.front() == 0) continue;
                  std::vector<double> squares;
                  for (const double v : values) {
                    const double relative = v / values.front();
                    squares.push_back(relative * relative);
                  }
                  const double spread = deviation(squares) / mean(squares);
                  sum += spread * spread;
                  ++examples;
                }
                if (examples > 0) sink.add(0, sum / examples);
              },
          .costly = true,
          .whole = true};
}

}  // namespace gradkeep::probe::quantity
