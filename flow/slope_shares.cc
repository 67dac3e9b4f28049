// SPDX-License-Identifier: Apache-2.0
#include "flow/slope_shares.h"

#include <algorithm>
#include <cmath>

#include "flow/root.h"

namespace gradkeep::flow {
namespace {

// A stretch's ends are looked at from within, since slopes jump at kinks.
constexpr double kWithin = 1e-13;
constexpr double kLeast = 1e-300;  // stands for 0, whose logarithm no search can use

double log_of(double d) { return std::log(std::max(d, kLeast)); }

void add(Below& sum, const Below& part) {
  sum.share += part.share;
  sum.mean += part.mean;
  sum.square += part.square;
}

}  // namespace

SlopeShares::SlopeShares(const SlopeLaw& law) : law_(law) {
  double mass = 0;
  for (const Panel& p : law.stretches()) {
    const double in = kWithin * (p.high - p.low);
    const double ends[] = {log_of(law.d(p.low + in)), log_of(law.d(p.high - in))};
    const bool atom = ends[0] == ends[1] && law.weight_at(law.d(0.5 * (p.low + p.high))) > 0;
    mass += integral(p).share;
    if (!atom) stretches_.push_back({p, ends[0], ends[1], {}});
  }
  mass_ = mass;
  for (Stretch& s : stretches_) s.whole = integral(s.panel);
}

Below SlopeShares::integral(const Panel& panel) const {
  const Rule& rule = legendre_rule();
  const double middle = 0.5 * (panel.low + panel.high), half = 0.5 * (panel.high - panel.low);
  std::array<double, kNodes> z, weight;
  for (int k = 0; k < kNodes; ++k) z[k] = middle + half * rule.node[k];
  normal_density(z, weight);
  Below out{0, 0, 0};
  for (int k = 0; k < kNodes; ++k) {
    const double d = law_.d(z[k]), w = half * rule.weight[k] * weight[k] / mass_;
    add(out, {w, w * d, w * d * d});
  }
  return out;
}

Below SlopeShares::below(double log_d) const {
  Below out{0, 0, 0};
  for (const Stretch& s : stretches_) {
    const auto [least, most] = std::minmax(s.at_low, s.at_high);
    if (most <= log_d) add(out, s.whole);
    if (least >= log_d || most <= log_d) continue;
    const double in = kWithin * (s.panel.high - s.panel.low);
    const auto excess = [&](double z) { return log_of(law_.d(z)) - log_d; };
    const double at =
        root(excess, s.panel.low + in, s.panel.high - in, s.at_low - log_d, s.at_high - log_d);
    add(out, integral(s.at_low < log_d ? Panel{s.panel.low, at} : Panel{at, s.panel.high}));
  }
  return out;
}

}  // namespace gradkeep::flow
