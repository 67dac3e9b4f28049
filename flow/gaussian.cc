// Means over a normally distributed input of any one function, or of an activation's value, slope or
// curvature.
// SPDX-License-Identifier: Apache-2.0
#include <gradkeep/flow.h>

#include <cmath>
#include <numbers>
#include <string>

#include "flow/quadrature.h"

namespace gradkeep {
namespace {

double mean(const std::function<double(double)>& g, double s, std::span<const double> edges) {
  const flow::Rule& rule = flow::legendre_rule();
  double sum = 0;
  for (const flow::Panel& p : flow::normal_panels(s, edges, flow::kReach)) {
    const double middle = 0.5 * (p.low + p.high), half = 0.5 * (p.high - p.low);
    double panel = 0;
    for (int k = 0; k < flow::kNodes; ++k) {
      const double z = middle + half * rule.node[k];
      panel += rule.weight[k] * g(z) * std::exp(-0.5 * z * z);
    }
    sum += half * panel;
  }
  return sum / std::sqrt(2 * std::numbers::pi);
}

}  // namespace

double gaussian_mean(const std::function<double(double)>& g, std::span<const double> edges) {
  return mean(g, 1, edges);
}

double gaussian_mean(const Activation& f, int order, double q) {
  if (order < 0 || order > 2) {
    throw Error("order is " + std::to_string(order) + ", expected 0, 1 or 2");
  }
  if (!(q >= 0) || std::isinf(q)) {
    throw Error("the variance is " + std::to_string(q) + ", expected a finite number, 0 or more");
  }
  const double s = std::sqrt(q);
  if (s == 0) return f(0, order);
  std::vector<double> edges;
  for (const double kink : f.kinks()) edges.push_back(kink / s);
  return mean([&](double z) { return f(s * z, order); }, s, edges);
}

}  // namespace gradkeep
