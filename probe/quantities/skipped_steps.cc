// How many steps dynamic loss scaling has cost so far: those whose gradient overflowed, so that the
// weights stayed as they were and the scale was halved. Nothing where the loss scale is a number.
// SPDX-License-Identifier: Apache-2.0
#include "probe/probe.h"

namespace gradkeep::probe::quantity {

Probe skipped_steps() {
  return {.name = "skipped_steps",
          .title = "steps left out because a gradient overflowed, so far",
          .when = every_sample,
          .measure = [](const Snapshot& snapshot, Sink& sink) {
            if (snapshot.skipped_steps) sink.add(0, static_cast<double>(*snapshot.skipped_steps));
          }};
}

}  // namespace gradkeep::probe::quantity
