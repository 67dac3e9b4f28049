// The chain rule through many layers: the bound that slopes alone put on a gradient, the depth at
// which a number format can no longer hold that bound, and a walk through the layers at one input.
// SPDX-License-Identifier: Apache-2.0
#include <gradkeep/flow.h>

#include <cmath>
#include <limits>
#include <string>

namespace gradkeep {
namespace {

// The logarithm of slope^layers. Precise to 2^-63 of itself: since a slope is a double, a power
// that is not a power of two stays further than that from the thresholds below, unless it is a
// first power, where this is exact enough as well.
long double log2_power(double slope, std::int64_t layers) {
  const long double m = slope;
  const long double one = slope > 0.5 ? std::log1p(m - 1) / std::log(2.0L) : std::log2(m);
  return one * static_cast<long double>(layers);
}

// The first depth at which slope^depth <= 2^exponent (1 - below), or < where `strict`.
std::optional<std::int64_t> first_under(double slope, int exponent, double below, bool strict) {
  if (slope == 0) return 1;
  if (slope >= 1) return std::nullopt;
  const long double target =
      exponent + std::log1p(-static_cast<long double>(below)) / std::log(2.0L);
  int power;
  const bool power_of_two = std::frexp(slope, &power) == 0.5;
  const auto under = [&](std::int64_t depth) {
    const long double p =
        power_of_two ? static_cast<long double>(power - 1) * depth : log2_power(slope, depth);
    return strict ? p < target : p <= target;
  };
  auto depth = static_cast<std::int64_t>(std::ceil(target / log2_power(slope, 1)));
  depth = std::max<std::int64_t>(depth - 1, 1);
  while (!under(depth)) ++depth;
  return depth;
}

}  // namespace

double chain_bound(const Activation& f, std::int64_t layers) {
  if (layers < 0) throw Error("layers is " + std::to_string(layers) + ", expected 0 or more");
  return std::pow(slope_maximum(f).value, static_cast<double>(layers));
}

Vanishing vanishing(double slope_max, const Format& format) {
  // Half a step below the smallest normal number is a tie that rounds up to it; half the smallest
  // subnormal number is a tie that rounds to 0.
  const double half_step = std::ldexp(1.0, -format.precision);
  const int smallest = format.min_exponent - format.precision + 1;
  Vanishing out;
  out.lost_at = first_under(slope_max, smallest - 1, 0, false);
  out.subnormal_at = first_under(slope_max, format.min_exponent, half_step, true);
  if (out.subnormal_at == out.lost_at) out.subnormal_at.reset();
  return out;
}

std::vector<ChainStep> chain_walk(const Activation& f, double x, std::span<const double> weights,
                                  std::span<const double> biases) {
  if (weights.size() != biases.size()) {
    throw Error("there are " + std::to_string(weights.size()) + " weights and " +
                std::to_string(biases.size()) + " biases, expected as many of one as of the other");
  }
  std::vector<ChainStep> steps;
  steps.reserve(weights.size());
  double value = x, product = 1;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    const double a = weights[i] * value + biases[i];
    value = f(a);
    const double slope = f(a, 1);
    product *= weights[i] * slope;
    steps.push_back({a, value, slope, weights[i], product});
  }
  return steps;
}

}  // namespace gradkeep
