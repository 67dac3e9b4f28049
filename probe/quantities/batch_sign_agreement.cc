// The same as sign_agreement, of the gradient of the mean loss over the batch that the probes look
// at: what is left of the common sign when many examples are averaged. Mean over the units that
// have a nonzero entry.
// SPDX-License-Identifier: Apache-2.0
#include "probe/probe.h"
#include "probe/reduce.h"

namespace gradkeep::probe::quantity {

Probe batch_sign_agreement() {
  return {.name = "batch_sign_agreement",
          .title = "share of a unit's gradient entries with the majority sign, for a batch",
          .when = every_sample,
          .measure = [](const Snapshot& snapshot, Sink& sink) {
            each_layer(snapshot, sink, [](const Layer& layer) -> std::optional<double> {
              if (layer.tied || !all_finite(layer.dw)) return {};
              double sum = 0;
              int units = 0;
              for (int unit = 0; unit < layer.dw.rows; ++unit)
                if (const auto agreement = majority_sign(layer.dw.row(unit))) {
                  sum += *agreement;
                  ++units;
                }
              if (units == 0) return {};
              return sum / units;
            });
          }};
}

}  // namespace gradkeep::probe::quantity
