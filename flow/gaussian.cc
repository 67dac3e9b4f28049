// Averages over a normally distributed input. A composite Gauss-Legendre rule is used instead of
// the usual Gauss-Hermite one, which is wrong in the first digits for a function with a kink and
// slow for a steep one.
// SPDX-License-Identifier: Apache-2.0
#include <gradkeep/flow.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

namespace gradkeep {
namespace {

constexpr int kNodes = 40;
constexpr int kReach = 11;  // the normal weight beyond is 2e-28

struct Rule {
  std::array<double, kNodes> node, weight;  // on [-1, 1]
};

// Roots of the Legendre polynomial by Newton's method from the usual cosine guess.
Rule make_rule() {
  Rule rule;
  for (int i = 0; i < kNodes; ++i) {
    long double x = std::cos(std::numbers::pi_v<long double> * (i + 0.75L) / (kNodes + 0.5L));
    long double derivative = 1;
    for (int step = 0; step < 8; ++step) {
      long double p = 1, previous = 0;
      for (int k = 1; k <= kNodes; ++k) {
        const long double next = ((2 * k - 1) * x * p - (k - 1) * previous) / k;
        previous = p;
        p = next;
      }
      derivative = kNodes * (x * p - previous) / (x * x - 1);
      x -= p / derivative;
    }
    rule.node[i] = static_cast<double>(x);
    rule.weight[i] = static_cast<double>(2 / ((1 - x * x) * derivative * derivative));
  }
  return rule;
}

}  // namespace

double gaussian_mean(const std::function<double(double)>& g, std::span<const double> edges) {
  static const Rule rule = make_rule();
  std::vector<double> cuts;
  for (int k = -kReach; k <= kReach; ++k) cuts.push_back(k);
  for (const double edge : edges) {
    if (std::abs(edge) < kReach) cuts.push_back(edge);
  }
  std::sort(cuts.begin(), cuts.end());
  cuts.erase(std::unique(cuts.begin(), cuts.end()), cuts.end());

  double sum = 0;
  for (std::size_t i = 0; i + 1 < cuts.size(); ++i) {
    const double middle = 0.5 * (cuts[i] + cuts[i + 1]), half = 0.5 * (cuts[i + 1] - cuts[i]);
    double panel = 0;
    for (int k = 0; k < kNodes; ++k) {
      const double z = middle + half * rule.node[k];
      panel += rule.weight[k] * g(z) * std::exp(-0.5 * z * z);
    }
    sum += half * panel;
  }
  return sum / std::sqrt(2 * std::numbers::pi);
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
  // Steep functions change within a small part of a unit panel.
  for (int k = -5; k <= 2; ++k) {
    edges.push_back(std::ldexp(1 / s, k));
    edges.push_back(-std::ldexp(1 / s, k));
  }
  return gaussian_mean([&](double z) { return f(s * z, order); }, edges);
}

}  // namespace gradkeep
