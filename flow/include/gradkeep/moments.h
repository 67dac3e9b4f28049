// Averages over a normally distributed input, which is what a unit of a wide random network sees:
// its input is a sum of many independent terms. All of mean-field theory (gradkeep/mean_field.h)
// consists of the averages below; phi is the activation function, z ~ N(0, 1) and q the variance of
// the input, so that E phi stands for E phi(sqrt(q) z).
//
// How: composite Gauss-Legendre quadrature whose panels end at kinks and are halved until each
// resolves phi and phi'. Gauss-Hermite, the usual choice, is wrong in the first digits for a
// function with a kink and slow for a steep one.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gradkeep/core.h>

#include <functional>
#include <span>
#include <string>
#include <vector>

namespace gradkeep {

// A function as the theory sees it: value and slope at any real input, and where either jumps.
class Nonlinearity {
 public:
  // Every activation is one. Throws Error unless it is defined for all real inputs.
  Nonlinearity(const Activation& f);  // NOLINT(google-explicit-constructor)
  // A function of the user's own. `kinks` are all the inputs at which the value or the slope jumps;
  // one that is missing costs accuracy, of which Moments::error tells. Throws Error unless the value at 0
  // is finite. What the functions throw passes through whatever asks for them.
  Nonlinearity(std::string name, std::function<double(double)> value,
               std::function<double(double)> slope, std::vector<double> kinks = {});

  // phi(x + by).
  Nonlinearity shifted(double by) const;
  // phi(x) + by.
  Nonlinearity raised(double by) const;

  const std::string& name() const { return name_; }
  // Ascending; for an activation also 0 where a straight half meets a bent one without a kink.
  const std::vector<double>& kinks() const { return kinks_; }
  // Whether it is a user's: what is known of it is taken on trust.
  bool callable() const { return callable_; }
  // value[i] = phi(x[i]), slope[i] = phi'(x[i]). Throws Error where a user's function gives no number.
  void evaluate(std::span<const double> x, std::span<double> value, std::span<double> slope) const {
    evaluate_(x, value, slope);
    if (callable_) check(x, value, slope);
  }
  // The mean square of the two one-sided slopes as |x| -> 0 and as |x| -> infinity: E phi'^2 for very
  // small and very large q. NaN at infinity where the slope has no limit.
  double mean_square_slope_at_zero() const { return at_zero_; }
  double mean_square_slope_at_infinity() const { return at_infinity_; }
  double at_zero() const { return value_at_zero_; }  // phi(0)
  // An input so near to 0 that phi is straight on either side.
  double near_zero() const { return near_; }
  // Where the value itself jumps, the slope has a point mass and an infinite mean square.
  struct Jump {
    double at, below, above;  // the input, and the value on either side
  };
  const std::vector<Jump>& jumps() const { return jumps_; }

 private:
  void add_seam();
  void look();
  void check(std::span<const double> x, std::span<const double> value,
             std::span<const double> slope) const;

  std::string name_;
  std::function<void(std::span<const double>, std::span<double>, std::span<double>)> evaluate_;
  std::vector<double> kinks_;
  std::vector<Jump> jumps_;
  double at_zero_ = 0, at_infinity_ = 0, value_at_zero_ = 0, near_ = 0;
  bool callable_ = false;
};

// At one variance q. An average too large for double is infinite.
struct Moments {
  double phi = 0;         // E phi
  double phi2 = 0;        // E phi^2
  double dphi = 0;        // E phi'
  double dphi2 = 0;       // E phi'^2
  double dphi4 = 0;       // E phi'^4
  double z_phi_dphi = 0;  // E z phi phi', which is sqrt(q) d/dq E phi^2
  // Of a user's function: the largest difference, relative to E of the integrand's magnitude, that
  // halving all panels made. 0 for an activation, of which the kinks are known and tested.
  double error = 0;
};
// 1e-14 relative to E of the integrand's magnitude. Throws Error unless q is finite and >= 0.
Moments moments(const Nonlinearity& phi, double q);

// Of two inputs of variance q and correlation c.
struct PairMoments {
  double phi_phi = 0;    // E phi(u) phi(v)
  double dphi_dphi = 0;  // E phi'(u) phi'(v)
};
// Throws Error unless -1 <= c <= 1.
PairMoments pair_moments(const Nonlinearity& phi, double q, double c);

}  // namespace gradkeep
