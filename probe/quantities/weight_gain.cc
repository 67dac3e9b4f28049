// The part of the backward gain (see backward_gain) that the weights have: ||dL/dy|| here over
// ||dL/dh|| of the next layer, whose weights carry it back, and with them its normalisation and the
// factor of its branch where it has such.
// SPDX-License-Identifier: Apache-2.0
#include "probe/probe.h"
#include "probe/reduce.h"

namespace gradkeep::probe::quantity {

Probe weight_gain() {
  return {.name = "weight_gain",
          .title = "the weights' part of the backward gain",
          .when = every_sample,
          .measure = [](const Snapshot& snapshot, Sink& sink) {
            each_passage(snapshot, sink, [](const Layer& layer, const Layer& next) {
              return norm(layer.dy) / norm(next.dh);
            });
          }};
}

}  // namespace gradkeep::probe::quantity
