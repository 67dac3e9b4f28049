// What theory says about gradients before anything is trained: how steep a function can be, what
// it does to a normally distributed input on average, and what the chain rule multiplies up through
// many layers. The chain bound is about the product of slopes alone; weights above 1/max|f'| can
// overcome it.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gradkeep/core.h>

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <vector>

namespace gradkeep {

// An extreme of a function over the real line: a supremum that no input reaches is only approached,
// at a kink from the side that the convention does not take, or in a tail (at = +-inf).
struct Extreme {
  double value = 0;
  double at = 0;
  bool attained = true;
};

// The largest |f'(x)|, one-sided slopes at kinks included: sigmoid 0.25 at 0, selu 1.7581 at 0.
// Several inputs that reach it are told by the one nearest to 0.
Extreme slope_maximum(const Activation& f);
// The largest |f''(x)| away from kinks; where the slope jumps, f'' has none and this says nothing.
Extreme curvature_maximum(const Activation& f);

struct Extremes {
  Extreme low, high;
};
// The least and greatest slope or curvature (order 1 or 2), signs kept.
Extremes extremes(const Activation& f, int order);

// E g(z) for z ~ N(0, 1), by 40-point Gauss-Legendre panels over [-11, 11]. `edges` are the points
// where g or a derivative of it jumps: a panel ends there.
double gaussian_mean(const std::function<double(double)>& g, std::span<const double> edges = {});
// E f(sqrt(q) z), or of the slope or curvature (order 1, 2); NaN where f is not defined everywhere. Where f or f' jumps, the order
// above has no mass here: for the derivative of a mean use the order below.
double gaussian_mean(const Activation& f, int order, double q = 1);

// max|f'|^layers: nothing that the slopes alone do over that many layers exceeds it.
double chain_bound(const Activation& f, std::int64_t layers);

// A binary floating-point format with subnormal numbers.
struct Format {
  const char* name;
  int precision;     // bits of the significand, the hidden one included
  int min_exponent;  // the smallest normal number is 2^min_exponent
};
inline constexpr Format kFloat32{"float32", 24, -126};
inline constexpr Format kBfloat16{"bfloat16", 8, -126};
inline constexpr Format kFloat16{"float16", 11, -14};

// The first depth at which the bound, correctly rounded to the format, is subnormal, and is 0; no
// value where that never happens.
struct Vanishing {
  std::optional<std::int64_t> subnormal_at, lost_at;
};
Vanishing vanishing(double slope_max, const Format& format);

// The chain rule at one input of a net of one unit a layer: a_i = w_i f_(i-1) + b_i, f_i = f(a_i),
// f_0 = x; product is d f_i / d x. Throws Error unless there are as many biases as weights.
struct ChainStep {
  double a, f, slope, weight, product;
};
std::vector<ChainStep> chain_walk(const Activation& f, double x, std::span<const double> weights,
                                  std::span<const double> biases);

}  // namespace gradkeep
