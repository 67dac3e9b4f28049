// Finds every root of a function of log q: between points of opposite sign, and where it turns so
// near to 0 that a grid would step over a pair of roots. What is within rounding of 0 has no sign.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gradkeep/moments.h>

#include <functional>
#include <vector>

namespace gradkeep::flow {

// A relative difference of two averages that may be rounding.
inline constexpr double kRounding = 4e-13;

// log q, from 1e-13 to 1e13, where a survey begins and ends.
inline constexpr double kLow = -30, kHigh = 30;
inline constexpr double kPerUnit = 8;  // points
// kHigh, or less for a function that oscillates without end (a sine), which is too fast to average there.
double highest(const Nonlinearity& phi);

struct SurveyPoint {
  double u, value, slope;  // log q, the function and its derivative
  int sign() const { return value > kRounding ? 1 : value < -kRounding ? -1 : 0; }
};
using Surveyed = std::function<SurveyPoint(double u)>;

// The points, ascending, and the turning points between them.
std::vector<SurveyPoint> with_turns(const Surveyed& f, const std::vector<SurveyPoint>& points);
// The same from kPerUnit points per unit between `from` and `to`.
std::vector<SurveyPoint> survey(const Surveyed& f, double from, double to);

struct Crossing {
  double u;
  int before, after;  // the signs on either side: equal where f only touches 0
};
// Ascending. A stretch without a sign at either end of the points is none.
std::vector<Crossing> crossings(const Surveyed& f, const std::vector<SurveyPoint>& points);

// Layers over which something that every layer multiplies by `factor` changes by a factor e; infinite
// where the factor is 1 to within rounding.
double depth_scale(double factor);

// The first and the last sign, 0 if no point has one.
int first_sign(const std::vector<SurveyPoint>& points);
int last_sign(const std::vector<SurveyPoint>& points);

}  // namespace gradkeep::flow
