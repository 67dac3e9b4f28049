// Mean-field theory: what a very wide, randomly initialised network does to the size of a signal, to
// the likeness of two signals, and to the gradient on its way back. Each layer is
//   h = W x + b,  x' = phi(h),  W_ij ~ N(0, weight_std^2 / fan_in),  b_i ~ N(0, bias_std^2),
// so that every h is N(0, q) and one number q stands for a whole layer of units:
//   length map       V(q) = weight_std^2 E phi^2 + bias_std^2           the next layer's q
//   correlation map  c' = (weight_std^2 E phi(u) phi(v) + bias_std^2) / q
//   chi_1            weight_std^2 E phi'^2    what one layer multiplies the squared gradient norm by
// Stacked layers run to a fixed point of V, where chi_1 decides: below 1 gradients vanish, above 1
// they explode. weight_std and bias_std are standard deviations everywhere; norms are squared norms.
// Sources: Poole et al. 2016 (arXiv:1606.05340), Schoenholz et al. 2017 (arXiv:1611.01232).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gradkeep/moments.h>

#include <memory>
#include <string_view>
#include <vector>

namespace gradkeep {

// How weights and biases are drawn. weight_std = 1 is Glorot's and LeCun's choice for square layers,
// sqrt(2) He's.
struct WeightScale {
  double weight_std = 1;
  double bias_std = 0;
};

// How the entries are drawn: independently, or as a random orthogonal matrix times weight_std. Signals
// are the same to both; gradients scatter less behind orthogonal ones (gradkeep/jacobian.h).
enum class Weights { gaussian, orthogonal };

// What becomes of a variance near a fixed point of the length map.
enum class FixedPointStatus {
  stable,      // nearby variances come nearer, by the factor V'(q) a layer
  unstable,    // they leave
  zero,        // q = 0, and small signals die out
  marginal,    // V'(q) = 1: they come or go more slowly than any power of depth
  diverging,   // q = infinity: large signals grow without end
  whole_line,  // every variance is a fixed point
};
std::string_view text(FixedPointStatus status);  // "stable", .., "whole line"

struct FixedPoint {
  double q = 0;  // infinite where diverging, NaN for the whole line
  FixedPointStatus status = FixedPointStatus::stable;
  // Whether some range of variances next to it comes to it: any stable one, and a marginal one from
  // the side on which it attracts.
  bool attracting = true;
  double chi_1 = 0;         // of the squared gradient norm, per layer
  double length_slope = 0;  // V'(q)
  // Where the correlation of two inputs settles, and its distance from 1 without cancellation; NaN
  // where there is none.
  double c_star = 1, one_minus_c_star = 0;
  double correlation_slope = 0;  // of the correlation map at c_star
  // Layers over which a deviation of q, of c and the gradient's squared norm change by a factor e;
  // infinite where that is slower than exponential.
  double xi_q = 0, xi_c = 0, xi_grad = 0;
};

// One layer of a prediction at finite depth.
struct LayerPrediction {
  double q = 0;            // of its pre-activations
  double correlation = 1;  // between two inputs of equal length
  double chi_1 = 0;        // at this q: what it does to the squared gradient norm
};

// One nonlinearity under mean-field theory. Averages over q are found once, as Chebyshev series in
// log q, and shared by all questions; copies are cheap, and several threads may ask at once.
class MeanField {
 public:
  explicit MeanField(Nonlinearity phi);

  const Nonlinearity& phi() const;

  // V(q) and V'(q). Throws Error unless q is finite and >= 0.
  double length(double q, const WeightScale& scale) const;
  double length_slope(double q, const WeightScale& scale) const;
  // (c, q) -> the correlation after one layer, of two inputs of variance q each.
  double correlation(double q, double c, const WeightScale& scale) const;

  // All of them, ascending; a diverging end of the line and the whole line count as one. Never empty.
  // q to 1e-13 / |1 - V'(q)| of itself. Throws Error unless the scales are finite and >= 0.
  std::vector<FixedPoint> fixed_points(const WeightScale& scale) const;

  // The layers one by one, from an input whose squares average to `input_variance` and a second one
  // like it, correlated with it by `input_correlation`; also where no fixed point is near.
  std::vector<LayerPrediction> propagate(int layers, const WeightScale& scale,
                                         double input_variance = 1,
                                         double input_correlation = 0) const;

  // E phi^2, E phi'^2, E z phi phi' and E phi at any q > 0, from the series: 1e-14, and a hundred
  // times faster than moments().
  struct Averages {
    double phi2, dphi2, z_phi_dphi, phi;
  };
  Averages averages(double q) const;
  // E phi(u) phi(v) and E phi'(u) phi'(v) of two inputs; from series too for a smooth phi.
  PairMoments pair_averages(double q, double c) const;

 private:
  struct Shared;
  std::shared_ptr<Shared> shared_;
};

}  // namespace gradkeep
