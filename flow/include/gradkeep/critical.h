// The edge of chaos: the weight and bias scales for which chi_1 = 1 at a fixed point of the length
// map, so that gradients neither vanish nor explode; and the gains by which weights are scaled in
// practice, each of which keeps something else and only some of which keep the gradient.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gradkeep/mean_field.h>

#include <string>
#include <string_view>
#include <vector>

namespace gradkeep {

// A point of the critical line.
struct CriticalPoint {
  double weight_std = 0;
  double q = 0;             // the fixed point; NaN where every q is one
  bool stable = false;      // whether signals come to it: V'(q) < 1, or = 1 and attracting at q = 0
  double length_slope = 0;  // V'(q)
};

// How many points the critical line has at one bias_std.
enum class CriticalLine {
  unique,      // one
  none,        // chi_1 = 1 at no fixed point: there is no such initialisation
  degenerate,  // one weight_std at which every q is a fixed point (relu at sqrt(2) without biases)
  several,
};
std::string_view text(CriticalLine line);

struct Criticality {
  CriticalLine line = CriticalLine::none;
  std::vector<CriticalPoint> points;  // by q
};
// Every point with this bias_std and q up to 1e13. Throws Error unless bias_std is finite and >= 0.
Criticality critical(const MeanField& field, double bias_std);

// Where the critical line turns from stable to unstable, chi_1 = V'(q) = 1: for gelu, silu and mish,
// which have no stable critical point without a bias, the nearest there is to one (Roberts, Yaida &
// Hanin 2022).
struct HalfStablePoint {
  double weight_std = 0, bias_std = 0, q = 0;
};
std::vector<HalfStablePoint> half_stable(const MeanField& field);

// The weight_std that keeps, in one layer at pre-activations of variance q (infinite where there is nothing
// to keep, 0 where it overflows),
struct Gains {
  double forward = 0;   // the mean square of the signal: sqrt(q / E phi^2)
  double backward = 0;  // that of the gradient: 1 / sqrt(E phi'^2)
  double centred = 0;   // the variance of the signal, if its mean is removed: sqrt(q / Var phi)
};
// Throws Error unless q is finite and > 0.
Gains gains(const Nonlinearity& phi, double q = 1);
Gains gains(const MeanField& field, double q = 1);  // from its series

}  // namespace gradkeep
