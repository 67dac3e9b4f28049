// Integrals against the normal density, by 40-point Gauss-Legendre panels. A panel that does not
// resolve its integrand gives itself away: the last coefficients of the Legendre series through its
// nodes have not died out, and it is halved.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gradkeep/moments.h>

#include <array>
#include <cmath>
#include <span>
#include <vector>

namespace gradkeep::flow {

inline constexpr int kNodes = 40;
inline constexpr double kReach = 11;  // the normal weight beyond is 2e-28

struct Rule {
  std::array<double, kNodes> node, weight;        // on [-1, 1]
  std::array<double, kNodes> last, last_but_one;  // what gives the Legendre coefficients 39 and 38
};
const Rule& legendre_rule();

struct Panel {
  double low, high;
};
// Cuts [-reach, reach] at whole numbers, at `edges`, and on every scale of x = s z at which a function
// may change, 2^-8 to 2^5.
std::vector<Panel> normal_panels(double s, std::span<const double> edges, double reach);

// phi and phi' at x = s z for every node z; the weights include the normal density of z, so that a
// mean is a plain weighted sum.
struct Sampled {
  std::vector<Panel> panels;
  std::vector<double> z, weight, value, slope;  // kNodes for each panel

  template <class G>
  double mean(const G& g) const {
    double sum = 0;
    for (std::size_t i = 0; i < z.size(); ++i) sum += weight[i] * g(i);
    return sum;
  }
  // The mean of g^2, also where g^2 overflows for inputs so unlikely that they do not count.
  template <class G>
  double mean_square(const G& g) const {
    double sum = 0;
    for (std::size_t i = 0; i < z.size(); ++i) {
      const double part = std::sqrt(weight[i]) * g(i);
      sum += part * part;
    }
    return sum;
  }
};
// s > 0.
Sampled sample(const Nonlinearity& phi, double s);
// The same with every panel halved.
Sampled refined(const Nonlinearity& phi, double s, const Sampled& coarse);

// The range of `narrow`, panels that resolve phi, in as few as do, ascending; each kink within ends one.
std::vector<Panel> widest_panels(const Nonlinearity& phi, double s, std::vector<Panel> narrow);

// out[i] = e^(-x[i]^2 / 2) / sqrt(2 pi).
void normal_density(std::span<const double> x, std::span<double> out);

}  // namespace gradkeep::flow
