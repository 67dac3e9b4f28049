// The distribution of d = phi'(sqrt(q) z)^2 over normally distributed z: how much of a squared
// gradient a unit of a wide layer lets through. The spectrum of a network's Jacobian follows from
// its transform E d / (t - d) alone.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gradkeep/moments.h>

#include <array>
#include <complex>
#include <deque>
#include <vector>

#include "flow/quadrature.h"

namespace gradkeep::flow {

using Complex = std::complex<double>;

// In units of its mean, so that E d = 1. One object serves one thread at a time.
class SlopeLaw {
 public:
  // Of |z| <= reach alone, which takes the far tails off a distribution that is to be drawn. Throws
  // Error where E phi'^2 is 0 or not finite, and unless q is finite and above 0. Keeps a reference
  // to phi.
  SlopeLaw(const Nonlinearity& phi, double q, double reach = kInfinity);

  double unit() const { return unit_; }      // E phi'^2
  double spread() const { return spread_; }  // Var d, which is mu_2 / mu_1^2 - 1
  // The least and greatest d over all inputs; the greatest is infinite where slopes grow without
  // bound.
  double low() const { return low_; }
  double high() const { return high_; }
  struct Atom {
    double at, weight;
  };
  // The values that d takes with a probability of their own, ascending.
  const std::vector<Atom>& atoms() const { return atoms_; }
  double weight_at(double d) const;  // of the atom there, or 0
  double d(double z) const;
  // On each of them, ascending, d is constant or rises or falls.
  std::vector<Panel> stretches() const;

  struct Transform {
    Complex z;      // E a, where a = d / (t - d)
    Complex rest;   // 1 + z
    Complex ratio;  // Var a / (z (1 + z))
  };
  // t off the interval [low, high].
  Transform at(Complex t) const;

 private:
  struct Piece {
    Panel panel;
    std::array<double, kNodes> weight, d;
    int halves = -1;  // where its two halves stand, once they were needed
  };
  Piece piece(const Panel& panel) const;
  void find_range(double farthest);
  void find_atoms();
  struct Scale {
    double one, two;  // E |y| and E |y|^2 of y = a, or of 1 + a
    bool of_a;
  };
  void collect(std::size_t index, Complex t, const Scale& scale, int halvings) const;

  const Nonlinearity& phi_;
  double s_, unit_ = 1, mass_ = 1, spread_ = 0, low_ = 0, high_ = 0;
  std::vector<Atom> atoms_;
  std::size_t roots_ = 0;
  mutable std::deque<Piece> pieces_;  // the first roots_ cover the range
  struct Node {
    double weight;
    Complex a, b;  // b = 1 + a = t / (t - d)
  };
  mutable std::vector<Node> nodes_;
};

}  // namespace gradkeep::flow
