// An initialisation for an activation, a width and a depth, with the reason for it: the point of the
// critical line that serves this depth best, or in so many words that there is none.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gradkeep/prediction.h>

#include <string>
#include <string_view>

namespace gradkeep {

// What holds a recommendation up, from best to worst.
enum class Footing {
  whole_line,   // chi_1 = 1 at every variance: nothing has to settle (relu)
  stable,       // chi_1 = 1 at a fixed point to which signals come
  decaying,     // chi_1 = 1 at q = 0, to which signals shrink more slowly than exponentially
  half_stable,  // chi_1 = V' = 1: signals come from one side, and leave slowly on the other
  unstable,     // chi_1 = 1 where signals do not stay
  none,         // chi_1 = 1 at no fixed point: only what comes nearest
};
std::string_view text(Footing footing);  // "whole line", "stable", ..

struct Recommendation {
  WeightScale scale;
  Footing footing = Footing::none;
  double q = 0;  // the fixed point; NaN for the whole line and where there is none
  // The mean square of the inputs for which all this is meant: 1, or another where inputs of 1 would
  // not come to q.
  double input_variance = 1;
  // The squared gradient norm of the first hidden layer over that of the last, on average over
  // networks, and the variance of its logarithm from one network to the next (PredictedLayer). NaN
  // for a function that jumps.
  double gradient_gain = 1, log_variance = 0;
  std::string reason;  // a few sentences with the numbers
};

// Of the points of the critical line at which signals stay (or of all, where they stay at none), that of
// least charge: squares of ln(gradient_gain), of the logarithms of the last layer's and the input's
// variance and of what V' makes of a deviation, and depth (E phi'^4 / (E phi'^2)^2 - 1), the spread that
// slopes give the singular values, which a small q keeps small (Pennington et al. 2017,
// arXiv:1711.04735). Of charges that differ by less than 1 the smallest biases are taken, and always
// none where a point without them is stable. Throws Error for a width or depth below 1.
Recommendation recommend(const MeanField& field, int width, int depth);

}  // namespace gradkeep
