// The largest over the smallest singular value of dh_last/dh_first over the hidden layers,
// geometric mean over 8 examples: how much more the network hears of one direction than of another.
// Infinite where a direction is lost, as every unit of relu that is off loses one.
// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include "probe/probe.h"
#include "probe/spectrum.h"

namespace gradkeep::probe::quantity {

Probe jacobian_condition() {
  return {.name = "jacobian_condition",
          .title = "condition number of dh_last/dh_first over the hidden layers",
          .when = every_sample,
          .measure =
              [](const Snapshot& snapshot, Sink& sink) {
                double sum = 0;
                int examples = 0;
                for (const Spectrum& spectrum : jacobian_spectra(snapshot))
                  if (const auto ratio = condition(spectrum)) {
                    sum += std::log(*ratio);
                    ++examples;
                  }
                if (examples > 0) sink.add(0, std::exp(sum / examples));
              },
          .costly = true,
          .whole = true};
}

}  // namespace gradkeep::probe::quantity
