// What the spectrum's edges and its density share: the map from a point t off the slopes' distribution
// to a squared singular value,
//   lambda(t) = t^L z^(L-1) (1+z)^(1-L) (1+z)^(L, gaussian weights only),  z = M_D(t) = E d / (t - d),
// in units of chi_1^L. Voiculescu's S-transforms of the factors multiply; this is M^-1(z) = (1+z) /
// (z S(z)) with S_D = (1+z) / (z t).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gradkeep/jacobian.h>

#include "flow/slopes.h"

namespace gradkeep::flow {

struct SpectrumMap {
  double layers;
  bool gaussian;

  // The powers of z and of 1 + z.
  double z_power() const { return layers - 1; }
  double rest_power() const { return gaussian ? 1 : 1 - layers; }
  // d ln lambda / d ln t.
  template <class T>
  T slope(T z, T ratio) const {
    const T own = 1.0 - (layers - 1) * ratio;
    return gaussian ? own - layers * z * (1.0 + ratio) : own;
  }
};

// ln lambda at a real t off the distribution, and the slope there.
struct RealPoint {
  double log_lambda, slope, rest;
};
RealPoint real_point(const SlopeLaw& law, const SpectrumMap& map, double t);

struct End {
  double log_lambda;  // -inf and inf for `zero` and `unbounded`
  SpectrumEdge edge;
};
End upper_end(const SlopeLaw& law, const SpectrumMap& map);
End lower_end(const SlopeLaw& law, const SpectrumMap& map);

// Squared singular values in units of chi_1^L, as logarithms, that have a weight of their own.
std::vector<SpectrumAtom> log_atoms(const SlopeLaw& law, const SpectrumMap& map);

// What of the spectrum lies at or below a place, atoms apart: its share, and its part of E lambda and of
// E lambda^2.
struct Below {
  double share, mean, square;
};

void check(const JacobianSetting& setting);

}  // namespace gradkeep::flow
