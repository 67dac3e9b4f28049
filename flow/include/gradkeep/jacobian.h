// The singular values of a wide random network's input-output Jacobian J = D_L W_L .. D_1 W_1, where
// D_l holds the slopes phi'(h) of a layer's units and W_l its weights. Their mean square says whether
// gradients grow or shrink on average; their spread says whether they do so alike in all directions.
//
// A layer of n units sees inputs h ~ N(0, q); W is n x n, with entries of standard deviation
// weight_std / sqrt(n) (gaussian), or weight_std times a random orthogonal matrix. The spectrum is
// that of n -> infinity at a fixed number of layers, D and W taken as free of each other (Pennington,
// Schoenholz and Ganguli 2017, 2018). Everything is about SQUARED singular values, the eigenvalues
// of J J^T, unless it says otherwise.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gradkeep/mean_field.h>

#include <cstdint>
#include <span>
#include <vector>

namespace gradkeep {

struct JacobianSetting {
  Weights weights = Weights::gaussian;
  double weight_std = 1;
  double q = 1;  // the variance of every layer's inputs: the length map's fixed point
  std::int64_t layers = 1;
};

// 1 / sqrt(E phi'^2): the weights at which the mean squared singular value is 1 at any depth.
double critical_weight_std(const Nonlinearity& phi, double q);

// How the spectrum ends.
enum class SpectrumEdge {
  root,       // the density falls to 0 like a square root
  atom,       // a share of the singular values lies at the end itself
  slopes,     // where slopes are at their end in every layer: thinly occupied, unless layers = 1
  zero,       // there are arbitrarily small singular values
  unbounded,  // and arbitrarily large ones, since slopes grow without bound
};
const char* word(SpectrumEdge edge);

struct SpectrumAtom {
  double at, weight;
};

struct JacobianSpectrum {
  double chi_1 = 0;     // weight_std^2 E phi'^2, the mean over one layer
  double mean = 0;      // chi_1^L
  double variance = 0;  // L (mu_2 / mu_1^2 - 1 - s) chi_1^(2L); s = -1 for gaussian weights, else 0
  double lambda_min = 0, lambda_max = 0;
  SpectrumEdge low = SpectrumEdge::zero, high = SpectrumEdge::root;
  std::vector<SpectrumAtom> atoms;  // ascending: singular values that a positive share has
};
// Throws Error for a q, a weight_std or a number of layers that is not above 0, for a function whose
// value jumps, and for one whose slopes have no finite mean square. A result that double cannot hold
// is infinite or 0.
JacobianSpectrum jacobian_spectrum(const Nonlinearity& phi, const JacobianSetting& setting);

// The density of u = ln(lambda / chi_1^L), a scale on which it has no singularity at 0 and all depths
// fit a picture. Points ascend and are denser towards both ends; where one u stands twice the density steps.
struct JacobianDensity {
  std::vector<double> u, density;
  std::vector<double> share;        // of the singular values at or below each point, atoms apart
  std::vector<SpectrumAtom> atoms;  // in u: -inf for singular values that are 0
  double mass = 0;                  // the integral, which with the atoms is 1
  double mean = 0,
         square = 0;  // E lambda and E lambda^2, integrated, in units of chi_1^L and chi_1^2L
  double quantile(double wanted) const;  // the u that so large a share is at or below
};
// From the inputs within 6.5 standard deviations; where the density has peaks too narrow for points, each
// shows the average around it. Throws Error where more layers are asked for than double can tell apart.
JacobianDensity jacobian_density(const Nonlinearity& phi, const JacobianSetting& setting);

// At finite width ln ||J u||^2 of a fixed unit vector u is nearly normal over random networks.
struct LogNormal {
  double mean = 0, variance = 0;
  // E ||J u||^4 / (E ||J u||^2)^2, where slopes are independent of the signal and of each other.
  double moment_ratio = 1;
  bool homogeneous = false;  // phi(a x) = a phi(x), a > 0: then nothing is neglected
};
// One width for each of setting.layers layers, or one for all. The variance is the sum of
// (3 mu_2 / mu_1^2 - 1) / n over layers (Hanin and Nica 2018: 5 / n for relu); with orthogonal weights
// 3 (mu_2 / mu_1^2 - 1) / (n + 2).
LogNormal jacobian_log_norm(const Nonlinearity& phi, const JacobianSetting& setting,
                            std::span<const double> widths);

// (||W|| max|phi'|)^L, above which no singular value of J itself, not squared, can be: ||W|| is
// 2 weight_std for wide gaussian weights and weight_std for orthogonal ones.
double jacobian_worst_case(const Nonlinearity& phi, const JacobianSetting& setting);

}  // namespace gradkeep
