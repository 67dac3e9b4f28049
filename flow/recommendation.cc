// Candidates are points of the critical line, by their parameter q as in critical.cc, with the firmest
// footing that the function offers. Each is charged for what takes the squared singular values of the
// whole network away from 1 and the signal away from q, as squares of logarithms.
// SPDX-License-Identifier: Apache-2.0
#include <gradkeep/recommendation.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <limits>
#include <vector>

#include "flow/numbers.h"
#include "flow/survey.h"

namespace gradkeep {
namespace {

using flow::square;

// Candidates for every factor e in q, and their range.
constexpr int kPerUnit = 8;
constexpr double kLeast = -10, kMost = 7;
// |V' - 1| up to here is a half-stable point's.
constexpr double kMarginal = 1e-9;
// Where averages stand for their limits at q = 0.
constexpr double kNearZero = 1e-12;
// From here on slopes differ so much that it is worth a sentence: 2 for relu.
constexpr double kWideSpread = 2.5;

// Of candidates whose costs differ by less the one with the smallest biases is taken.
constexpr double kAlike = 1;

struct Candidate {
  Footing footing = Footing::none;
  WeightScale scale;
  double q = 0, length_slope = 0;
  double input_variance = 1;
  double cost = kInfinity;
};

bool holds(Footing footing) { return footing < Footing::unstable; }

// Those at which signals stay, or else all; `bare` are the critical points without biases.
std::vector<Candidate> candidates(const MeanField& field, const Criticality& bare) {
  std::vector<Candidate> out;
  const auto add = [&](Footing footing, const WeightScale& scale, double q, double slope) {
    out.push_back({footing, scale, q, slope});
  };
  for (const CriticalPoint& point : bare.points) {
    if (!point.stable) continue;
    add(point.q == 0 ? Footing::decaying : Footing::stable, {point.weight_std, 0}, point.q,
        point.length_slope);
  }
  // A stable point without biases needs no comparison.
  if (!out.empty() && out.front().footing == Footing::stable) return out;
  for (const HalfStablePoint& h : half_stable(field)) {
    add(Footing::half_stable, {h.weight_std, h.bias_std}, h.q, 1);
  }
  const double most = std::min(kMost, flow::highest(field.phi()));
  for (double u = kLeast; u <= most; u += 1.0 / kPerUnit) {
    const double q = std::exp(u);
    const MeanField::Averages a = field.averages(q);
    const double w = 1 / a.dphi2, b = q - w * a.phi2;
    if (!(b > flow::kRounding * q) || w == 0) continue;
    const double slope = w * a.z_phi_dphi / std::sqrt(q);
    const Footing footing = slope > 1 + kMarginal   ? Footing::unstable
                            : slope > 1 - kMarginal ? Footing::half_stable
                                                    : Footing::stable;
    add(footing, {std::sqrt(w), std::sqrt(b)}, q, slope);
  }
  const bool firm =
      std::any_of(out.begin(), out.end(), [](const Candidate& c) { return holds(c.footing); });
  std::erase_if(out, [&](const Candidate& c) { return holds(c.footing) != firm; });
  return out;
}

// How alike slopes are, 1 at best: E phi'^4 / (E phi'^2)^2.
double slope_ratio(const MeanField& field, double q) {
  const Moments m = moments(field.phi(), std::max(q, kNearZero));
  return m.dphi4 / square(m.dphi2);
}

// For inputs of mean square 1 if signals then come nearer to q, otherwise for such as are at q at once.
void charge_for_passage(const MeanField& field, int depth, Candidate& c) {
  const double w = square(c.scale.weight_std), b = square(c.scale.bias_std);
  const double first = w + b;
  double q = first, log_gain = 0;
  for (int layer = 1; layer < depth && q > 0 && std::isfinite(q); ++layer) {
    const MeanField::Averages a = field.averages(q);
    log_gain += std::log(w * a.dphi2);
    q = w * a.phi2 + b;
  }
  const auto distance = [&](double of) { return std::abs(std::log(of / c.q)); };
  if (holds(c.footing) && (c.q == 0 || distance(q) <= distance(first))) {
    c.cost += square(log_gain) + square(std::log(q));
    return;
  }
  c.input_variance = (c.q - b) / w;
  c.cost += square(std::log(c.q)) + square(std::log(c.input_variance));
}

Candidate best(const MeanField& field, const Criticality& bare, int depth) {
  std::vector<Candidate> all = candidates(field, bare);
  for (Candidate& c : all) {
    c.cost = depth * (slope_ratio(field, c.q) - 1);
    if (c.footing == Footing::unstable) c.cost += square(depth * std::log(c.length_slope));
  }
  std::sort(all.begin(), all.end(),
            [](const Candidate& a, const Candidate& b) { return a.cost < b.cost; });
  double least = kInfinity;
  for (Candidate& c : all) {
    if (c.cost >= least + kAlike) break;
    charge_for_passage(field, depth, c);
    least = std::min(least, c.cost);
  }
  Candidate out;
  for (const Candidate& c : all) {
    if (c.cost <= least + kAlike &&
        (out.cost == kInfinity || c.scale.bias_std < out.scale.bias_std))
      out = c;
  }
  return out;
}

// What comes nearest where nothing is critical.
Candidate nearest(const Nonlinearity& phi) {
  Candidate out;
  const double far = phi.mean_square_slope_at_infinity();
  out.scale.weight_std = far > 0 && std::isfinite(far) ? 1 / std::sqrt(far) : gains(phi).forward;
  out.q = std::numeric_limits<double>::quiet_NaN();
  return out;
}

std::string n(double v) {
  char text[32];
  std::snprintf(text, sizeof text, "%.4g", v);
  return text;
}

// Of the squared gradient, without the scatter of a finite width.
double left(const MeanField& field, const WeightScale& scale, int depth) {
  double gain = 1;
  for (const LayerPrediction& layer : field.propagate(depth - 1, scale, 1, 1)) gain *= layer.chi_1;
  return gain;
}

// What a stable point is good for, and what it costs.
std::string why_stable(const MeanField& field, const Criticality& bare, const Candidate& c,
                       int depth) {
  const Nonlinearity& phi = field.phi();
  const std::string ratio = "E phi'^4 / (E phi'^2)^2 = " + n(slope_ratio(field, c.q));
  std::string text =
      "chi_1 is 1 at q = " + n(c.q) + ", to which signals come (V' = " + n(c.length_slope) + ").";
  if (c.scale.bias_std > 0) {
    const auto shrinking = std::find_if(bare.points.begin(), bare.points.end(),
                                        [](const CriticalPoint& p) { return p.stable; });
    if (shrinking == bare.points.end()) {
      return text + " Without biases no point with chi_1 = 1 is stable.";
    }
    return text + " Without biases it is at q = 0, weight_std " + n(shrinking->weight_std) +
           ": signals shrink, and " + n(left(field, {shrinking->weight_std, 0}, depth)) +
           " of the squared gradient is left. Larger biases make slopes differ more (now " + ratio +
           ").";
  }
  if (slope_ratio(field, c.q) > kWideSpread) {
    text += " Slopes differ widely from unit to unit there (" + ratio + ").";
  }
  const double slope = phi.mean_square_slope_at_zero();
  if (phi.at_zero() != 0 && slope > 0) {
    text += " phi(0) = " + n(phi.at_zero()) +
            " acts like a bias: phi - phi(0) has chi_1 = 1 at q = 0, weight_std " +
            n(1 / std::sqrt(slope)) + ".";
  }
  return text;
}

std::string why(const MeanField& field, const Criticality& bare, const Candidate& c, int depth) {
  const std::string cure = " Normalisation or residual branches are the cure.";
  switch (c.footing) {
    case Footing::whole_line:
      return "chi_1 is 1 at every variance: without biases each layer keeps the signal's size and "
             "the gradient's.";
    case Footing::stable:
      return why_stable(field, bare, c, depth);
    case Footing::decaying:
      return "chi_1 is 1 at q = 0, to which signals shrink more slowly than exponentially; at this "
             "depth biases that hold them would gain little.";
    case Footing::half_stable:
      return "Without biases no point with chi_1 = 1 is stable. At q = " + n(c.q) +
             " chi_1 and V' are both 1 (half-stable): signals come to it slowly, from one side.";
    case Footing::unstable:
      return "There is no stable critical initialisation: chi_1 is 1 at q = " + n(c.q) +
             ", but a deviation from it grows by V' = " + n(c.length_slope) + " a layer, " +
             n(std::pow(c.length_slope, depth)) + "-fold over " + std::to_string(depth) + "." +
             cure;
    case Footing::none:
      break;
  }
  if (!field.phi().jumps().empty()) {
    return "There is no critical initialisation: the function jumps, so that its slope has no mean "
           "square, and backpropagation does not see the jump. These weights suit the signal." +
           cure;
  }
  return "There is no critical initialisation: chi_1 is below 1 at every fixed point, nearest to 1 "
         "for large signals, which these weights let grow slowly." +
         cure;
}

}  // namespace

std::string_view text(Footing footing) {
  switch (footing) {
    case Footing::whole_line:
      return "whole line";
    case Footing::stable:
      return "stable";
    case Footing::decaying:
      return "decaying";
    case Footing::half_stable:
      return "half-stable";
    case Footing::unstable:
      return "unstable";
    case Footing::none:
      return "none";
  }
  return "";
}

Recommendation recommend(const MeanField& field, int width, int depth) {
  NetworkShape shape;
  shape.width = width;
  shape.depth = depth;
  shape.input_correlation = 1;  // of no interest here, and then no work
  if (const double square = field.averages(1).phi2; !(square > 0) || std::isinf(square)) {
    throw Error("the mean square of " + field.phi().name() + " is " + flow::number(square) +
                " at the variance 1: there are no weights to recommend");
  }
  const Criticality bare = critical(field, 0);
  Candidate c;
  if (bare.line == CriticalLine::degenerate) {
    const CriticalPoint& point = bare.points.front();
    c = {Footing::whole_line, {point.weight_std, 0}, point.q, 1};
  } else {
    c = best(field, bare, depth);
    if (c.footing == Footing::none) c = nearest(field.phi());
  }
  shape.scale = c.scale;
  shape.input_variance = c.input_variance;
  Recommendation out{c.scale, c.footing, c.q, c.input_variance, 1, 0, why(field, bare, c, depth)};
  if (c.input_variance != 1) {
    out.reason += " The inputs should have a mean square of " + n(c.input_variance) +
                  ": those of 1 do not come to q.";
  }
  const PredictedLayer first = predict(field, shape).layers.front();
  if (!field.phi().jumps().empty()) {
    out.gradient_gain = out.log_variance = std::numeric_limits<double>::quiet_NaN();
    return out;
  }
  out.gradient_gain = square(first.gradient_rms);
  out.log_variance = first.log_variance;
  out.reason += " On average the first of " + std::to_string(depth) + " layers of " +
                std::to_string(width) + " units receives " + n(out.gradient_gain) +
                " of the last one's squared gradient; its logarithm scatters by " +
                n(std::sqrt(out.log_variance)) + " from one network to the next.";
  return out;
}

}  // namespace gradkeep
