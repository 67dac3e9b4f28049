// The constant part of a layer's input x: m^2 / (m^2 + v) with the mean m and the variance v over
// all entries and examples. It is the share of the input's power that says nothing about the
// example; one direction of the weights' loss then is much steeper than all others, and gradient
// descent zigzags. For f of a standard normal pre-activation it is (E f)^2 / E f^2, the correlation
// map at 0.
// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include "probe/probe.h"
#include "probe/reduce.h"

namespace gradkeep::probe::quantity {

Probe dc_share() {
  return {.name = "dc_share",
          .title = "share of the layer's input that is constant, m^2 / (m^2 + v)",
          .when = every_sample,
          .measure = [](const Snapshot& snapshot, Sink& sink) {
            each_layer(snapshot, sink, [](const Layer& layer) -> std::optional<double> {
              const double m = mean(layer.x), power = root_mean_square(layer.x);
              if (!std::isfinite(power) || power == 0) return {};
              return m / power * (m / power);
            });
          }};
}

}  // namespace gradkeep::probe::quantity
