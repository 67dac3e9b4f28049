// The phase diagram: for every pair of weight and bias scales, where a signal ends up and what then
// becomes of its gradient. Left of the critical line chi_1 < 1, all inputs come to look alike and
// gradients vanish; right of it inputs drift apart and gradients explode.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gradkeep/mean_field.h>

#include <span>
#include <vector>

namespace gradkeep {

struct PhasePoint {
  // The fixed point to which an input of the given variance goes: stable, zero, marginal, diverging or
  // the whole line.
  FixedPointStatus status = FixedPointStatus::stable;
  double q = 0;      // infinite where diverging; of the first layer on the whole line
  double chi_1 = 0;  // of the squared gradient norm, per layer
  double xi_c = 0;   // layers over which two inputs' correlation approaches its limit by a factor e
};

struct PhaseDiagram {
  std::vector<double> weight_std, bias_std;
  std::vector<PhasePoint> points;  // [bias][weight]
  const PhasePoint& at(std::size_t weight, std::size_t bias) const {
    return points[bias * weight_std.size() + weight];
  }
};

// 1e-6 of chi_1 and xi_c. Uses `threads` threads. Throws Error where a scale is no finite number of 0
// or more, or the input's variance is not above 0.
PhaseDiagram phase_diagram(const MeanField& field, std::span<const double> weight_std,
                           std::span<const double> bias_std, double input_variance = 1,
                           int threads = 2);

}  // namespace gradkeep
