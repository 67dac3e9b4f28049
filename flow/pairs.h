// Averages over two correlated inputs of one variance q: how alike two signals still are one layer on.
//
// With a_k and b_k the coefficients of phi and phi' in normalised Hermite polynomials, correlation c
// gives E phi(u) phi(v) = sum a_k^2 c^k and E phi'(u) phi'(v) = sum b_k^2 c^k (Mehler's formula). For a
// function with a kink the b_k fall like k^(-3/4) and near c = 1 no number of them suffices. There the
// inputs are split into a common part w and private ones, u = sqrt(c) w + sqrt(1 - c) e, so that the
// average is that of G(sqrt(c) w)^2, where G is phi' smoothed by the private part.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gradkeep/mean_field.h>

#include <array>
#include <optional>
#include <span>
#include <vector>

#include "flow/quadrature.h"

namespace gradkeep::flow {

class Pairs {
 public:
  // Throws what moments() throws; q > 0. Keeps a reference to phi.
  Pairs(const Nonlinearity& phi, double q);
  // The same where averages and all the b_k^2 are known already.
  Pairs(const Nonlinearity& phi, double q, const MeanField::Averages& known,
        std::vector<double> slope_squares);

  // The b_k^2 if their series suffices at every c, else nothing.
  std::span<const double> slope_squares() const;

  // -1 <= c <= 1.
  PairMoments at(double c) const;
  // The mean of E phi'(u) phi'(v) over correlations from c = cos(theta) to 1, 0 <= theta <= pi/2: what
  // the likeness loses in a layer, (E phi^2 - E phi(u) phi(v)) / (q (1 - c)), without cancellation.
  double mean_slope_product(double theta) const;

  double phi2() const { return phi2_; }
  double dphi2() const { return dphi2_; }

 private:
  // E phi'(u) phi'(v) over theta = acos(c), in which it is smooth up to c = 1 even for a kinked phi.
  static constexpr int kArcNodes = 20;
  struct Arc {
    double low, high;
    std::array<double, kArcNodes> coefficients;  // Chebyshev
    double operator()(double theta) const;
  };

  const std::vector<double>& cuts() const;
  PairMoments series(double c) const;
  PairMoments smoothed(double c) const;
  bool series_suffices(double c) const;
  double arcs_end() const;
  void build_arc(double low, double high) const;
  double arc_integral(double theta) const;

  const Nonlinearity& phi_;
  double q_, phi2_, dphi2_;
  std::vector<double> value_, slope_;  // a_k^2, b_k^2
  double value_left_, slope_left_;     // the sums of those beyond
  mutable std::vector<Panel> narrow_;  // until they have become cuts
  mutable std::vector<double> cuts_;   // the panels, in x, that resolve phi
  mutable std::vector<Arc> arcs_;
};

// Two inputs settle next to each other where phi jumps so far out that hardly an input meets the jump: then
// E phi'(u) phi'(v) is what it is at c = 1 between the jumps, and their masses' share, which grows like
// 1 / sqrt(1 - c).
struct NearlyAlike {
  double one_minus_c, slope;  // of the fixed point, and the correlation map's there
};
// Unless phi has no jumps or sqrt(1 - c) is above 1e-5: there differences of averages cancel.
std::optional<NearlyAlike> nearly_alike(const Nonlinearity& phi, double q, double weight_square);

}  // namespace gradkeep::flow
