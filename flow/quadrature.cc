// SPDX-License-Identifier: Apache-2.0
#include "flow/quadrature.h"
#include "flow/numbers.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace gradkeep::flow {
namespace {

constexpr double kFarthest = 37;  // nothing beyond that double holds
constexpr double kNegligible = 1e-17;
// The share of the whole that the last coefficients of one panel may have. Those of degree 80, where
// 40 nodes begin to err, are about its square.
constexpr double kResolved = 1e-12;
constexpr int kMostHalvings = 44;
constexpr std::size_t kMostPanels = 20000;  // which an oscillation may need

// Roots of the Legendre polynomial by Newton's method from the usual cosine guess.
Rule make_rule() {
  Rule rule;
  for (int i = 0; i < kNodes; ++i) {
    long double x = std::cos(std::numbers::pi_v<long double> * (i + 0.75L) / (kNodes + 0.5L));
    long double derivative = 1, p = 1, previous = 0, older = 0;
    for (int step = 0; step < 8; ++step) {
      p = 1;
      previous = 0;
      for (int k = 1; k <= kNodes; ++k) {
        older = previous;
        previous = p;
        p = ((2 * k - 1) * x * previous - (k - 1) * older) / k;
      }
      derivative = kNodes * (x * p - previous) / (x * x - 1);
      x -= p / derivative;
    }
    const long double weight = 2 / ((1 - x * x) * derivative * derivative);
    rule.node[i] = static_cast<double>(x);
    rule.weight[i] = static_cast<double>(weight);
    rule.last[i] = static_cast<double>((kNodes - 0.5L) * weight * previous);
    rule.last_but_one[i] = static_cast<double>((kNodes - 1.5L) * weight * older);
  }
  return rule;
}

void halve(const Panel& p, std::vector<Panel>& into) {
  const double middle = p.low + (p.high - p.low) / 2;
  into.push_back({p.low, middle});
  into.push_back({middle, p.high});
}

void normal_nodes(std::span<const Panel> panels, std::span<double> z) {
  const Rule& rule = legendre_rule();
  std::size_t at = 0;
  for (const Panel& p : panels) {
    const double middle = 0.5 * (p.low + p.high), half = 0.5 * (p.high - p.low);
    for (const double node : rule.node) z[at++] = middle + half * node;
  }
}

std::vector<Panel> between(std::vector<double> cuts) {
  std::sort(cuts.begin(), cuts.end());
  cuts.erase(std::unique(cuts.begin(), cuts.end()), cuts.end());
  std::vector<Panel> panels;
  for (std::size_t i = 0; i + 1 < cuts.size(); ++i) panels.push_back({cuts[i], cuts[i + 1]});
  return panels;
}

void add_edge(std::vector<double>& cuts, double edge, double reach) {
  if (std::abs(edge) < reach) cuts.push_back(edge);
}

}  // namespace

const Rule& legendre_rule() {
  static const Rule rule = make_rule();
  return rule;
}

void normal_density(std::span<const double> x, std::span<double> out) {
  static const Activation exponential("exponential");
  for (std::size_t i = 0; i < x.size(); ++i) out[i] = -0.5 * x[i] * x[i];
  exponential.value<double>(out, out);
  const double scale = 1 / std::sqrt(2 * std::numbers::pi);
  for (double& v : out) v *= scale;
}

std::vector<Panel> normal_panels(double s, std::span<const double> edges, double reach) {
  std::vector<double> cuts{-reach, reach};
  for (double z = 0; z < reach; ++z) {
    cuts.push_back(z);
    cuts.push_back(-z);
  }
  for (const double edge : edges) add_edge(cuts, edge, reach);
  for (int k = -8; k <= 5; ++k) {
    add_edge(cuts, std::ldexp(1 / s, k), reach);
    add_edge(cuts, -std::ldexp(1 / s, k), reach);
  }
  return between(std::move(cuts));
}

namespace {

Sampled evaluate(const Nonlinearity& phi, double s, std::vector<Panel> panels) {
  Sampled out;
  const std::size_t n = panels.size() * kNodes;
  for (auto* v : {&out.z, &out.weight, &out.value, &out.slope}) v->resize(n);
  std::vector<double> x(n);
  normal_nodes(panels, out.z);
  for (std::size_t i = 0; i < n; ++i) x[i] = s * out.z[i];
  phi.evaluate(x, out.value, out.slope);
  normal_density(out.z, out.weight);
  out.panels = std::move(panels);
  return out;
}

// What must be resolved: averages are of these and of their products.
constexpr double (*kWatched[])(const Sampled&, std::size_t) = {
    [](const Sampled& b, std::size_t i) { return b.value[i]; },
    [](const Sampled& b, std::size_t i) { return b.slope[i]; },
    [](const Sampled& b, std::size_t i) { return square(b.slope[i]); }};
using Sizes = std::array<double, std::size(kWatched)>;

// The integral of each one's magnitude, weighted with the root of the density, which keeps the far
// panels in proportion.
Sizes sizes(const Sampled& b) {
  const Rule& rule = legendre_rule();
  Sizes out{};
  for (std::size_t i = 0; i < b.z.size(); ++i) {
    const Panel& p = b.panels[i / kNodes];
    const double weight = 0.5 * (p.high - p.low) * rule.weight[i % kNodes] * std::sqrt(b.weight[i]);
    for (std::size_t w = 0; w < out.size(); ++w) out[w] += weight * std::abs(kWatched[w](b, i));
  }
  return out;
}

bool resolves(const Sampled& b, std::size_t panel, const Sizes& sizes) {
  const Rule& rule = legendre_rule();
  const std::size_t first = panel * kNodes;
  const auto density = b.weight.begin() + static_cast<std::ptrdiff_t>(first);
  const double weight = 0.5 * (b.panels[panel].high - b.panels[panel].low) *
                        std::sqrt(*std::max_element(density, density + kNodes));
  for (std::size_t w = 0; w < sizes.size(); ++w) {
    double last = 0, last_but_one = 0;
    for (int k = 0; k < kNodes; ++k) {
      const double y = kWatched[w](b, first + k);
      last += rule.last[k] * y;
      last_but_one += rule.last_but_one[k] * y;
    }
    if (weight * (std::abs(last) + std::abs(last_but_one)) > kResolved * sizes[w]) return false;
  }
  return true;
}

void append(Sampled& out, const Sampled& batch, std::size_t panel) {
  const Rule& rule = legendre_rule();
  const Panel& p = batch.panels[panel];
  out.panels.push_back(p);
  const double half = 0.5 * (p.high - p.low);
  for (std::size_t k = 0, i = panel * kNodes; k < kNodes; ++k, ++i) {
    out.z.push_back(batch.z[i]);
    out.weight.push_back(half * rule.weight[k] * batch.weight[i]);
    out.value.push_back(batch.value[i]);
    out.slope.push_back(batch.slope[i]);
  }
}

// Few to begin with: whichever is too wide is halved.
std::vector<Panel> first_panels(const Nonlinearity& phi, double s, double reach) {
  std::vector<double> cuts;
  for (const double kink : phi.kinks()) add_edge(cuts, kink / s, reach);
  for (const double z : {0.0, reach / 4, reach / 2, reach}) {
    cuts.push_back(z);
    cuts.push_back(-z);
  }
  // On every scale: what happens within one cannot hide between the nodes of a wider panel.
  for (double x = 0x1p-12; x < s * reach; x *= 8) {
    cuts.push_back(x / s);
    cuts.push_back(-x / s);
  }
  return between(std::move(cuts));
}

Sampled sample_within(const Nonlinearity& phi, double s, double reach) {
  Sampled batch = evaluate(phi, s, first_panels(phi, s, reach)), out;
  Sizes whole{};
  for (int halvings = 0;; ++halvings) {
    // What happens within a width that the first nodes miss shows in narrower panels only.
    const Sizes seen = sizes(batch);
    for (std::size_t w = 0; w < whole.size(); ++w) whole[w] = std::max(whole[w], seen[w]);
    std::vector<Panel> next;
    for (std::size_t i = 0; i < batch.panels.size(); ++i) {
      const bool enough = halvings == kMostHalvings || out.panels.size() > kMostPanels ||
                          next.size() > kMostPanels || resolves(batch, i, whole);
      enough ? append(out, batch, i) : halve(batch.panels[i], next);
    }
    if (next.empty()) return out;
    if (phi.callable() && std::max(next.size(), out.panels.size()) > kMostPanels) {
      throw Error(phi.name() + " jumps or oscillates too often to be averaged at the variance " +
                  number(square(s)));
    }
    batch = evaluate(phi, s, std::move(next));
  }
}

// Whether what lies in the outermost unit still counts, as for a function that grows exponentially; or
// whether nothing has counted so far, as for one that is 0 around 0.
bool reaches_further(const Sampled& s, double reach) {
  double inner[2] = {0, 0}, outer[2] = {0, 0};
  for (std::size_t i = 0; i < s.z.size(); ++i) {
    auto& sum = std::abs(s.z[i]) > reach - 1 ? outer : inner;
    const double root = std::sqrt(s.weight[i]);
    sum[0] += square(root * s.value[i]);
    sum[1] += square(root * square(s.slope[i]));
  }
  const bool nothing = inner[0] + outer[0] == 0 && inner[1] + outer[1] == 0;
  const bool overflows = !std::isfinite(inner[0] + inner[1]);
  return nothing || overflows ||
         !(outer[0] <= kNegligible * inner[0] && outer[1] <= kNegligible * inner[1]);
}

}  // namespace

Sampled sample(const Nonlinearity& phi, double s) {
  for (double reach = kReach;; reach = std::min(kFarthest, 1.5 * reach)) {
    Sampled out = sample_within(phi, s, reach);
    if (reach == kFarthest || !reaches_further(out, reach)) return out;
  }
}

Sampled refined(const Nonlinearity& phi, double s, const Sampled& coarse) {
  std::vector<Panel> panels;
  for (const Panel& p : coarse.panels) halve(p, panels);
  const Sampled batch = evaluate(phi, s, std::move(panels));
  Sampled out;
  for (std::size_t i = 0; i < batch.panels.size(); ++i) append(out, batch, i);
  return out;
}

namespace {

// Whether the polynomial through the nodes of `wide` is phi and phi' at the nodes of a part of it. Where
// all of phi happens near one end, a wide panel may seem resolved whose nodes miss it.
bool holds(const Sampled& wide, const Sampled& part, const Sizes& sizes) {
  const Rule& rule = legendre_rule();
  const Panel& p = wide.panels[0];
  const double weight =
      0.5 * (p.high - p.low) * std::sqrt(*std::max_element(part.weight.begin(), part.weight.end()));
  for (int j = 0; j < kNodes; ++j) {
    double value = 0, slope = 0, total = 0;
    for (int k = 0; k < kNodes; ++k) {
      const double gap = part.z[j] - wide.z[k];
      if (gap == 0) {
        value = wide.value[k];
        slope = wide.slope[k];
        total = 1;
        break;
      }
      const double t = rule.node[k];
      const double w = (k % 2 == 0 ? 1 : -1) * std::sqrt((1 - t * t) * rule.weight[k]) / gap;
      value += w * wide.value[k];
      slope += w * wide.slope[k];
      total += w;
    }
    const double difference[] = {value / total - part.value[j], slope / total - part.slope[j]};
    for (int w = 0; w < 2; ++w) {
      if (weight * std::abs(difference[w]) > kResolved * sizes[w]) return false;
    }
  }
  return true;
}

}  // namespace

std::vector<Panel> widest_panels(const Nonlinearity& phi, double s, std::vector<Panel> narrow) {
  std::vector<Panel> out;
  std::sort(narrow.begin(), narrow.end(),
            [](const Panel& a, const Panel& b) { return a.low < b.low; });
  std::vector<double> kinks;
  for (const double kink : phi.kinks()) kinks.push_back(kink / s);
  const Sizes whole = sizes(evaluate(phi, s, narrow));
  for (const Panel& p : narrow) {
    Panel widened = p;
    while (!out.empty() && std::find(kinks.begin(), kinks.end(), widened.low) == kinks.end()) {
      const Panel both{out.back().low, widened.high};
      const Sampled wide = evaluate(phi, s, {both});
      if (!resolves(wide, 0, whole) || !holds(wide, evaluate(phi, s, {out.back()}), whole) ||
          !holds(wide, evaluate(phi, s, {widened}), whole)) {
        break;
      }
      widened = both;
      out.pop_back();
    }
    out.push_back(widened);
  }
  return out;
}

}  // namespace gradkeep::flow
