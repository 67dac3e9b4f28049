// sqrtsoftplus: the square root of log(1 + e^x). Positive, like softplus, but it grows as sqrt(x), so
// that large inputs are damped; far out on the left it is e^(x/2). Some routers of experts score with it.
// SPDX-License-Identifier: Apache-2.0

struct sqrtsoftplus {
  template <class T>
  struct Parameters {};

  static Info info() {
    return {
        .name = "sqrtsoftplus",
        .aliases = {"sqrt_softplus"},
        .title = "square root of softplus",
        .formula = "sqrt(L), L = log(1 + e^x)",
        .slope = "sigma(x) / (2 sqrt(L))",
        .curvature = "sigma(x) / (2 sqrt(L)) (sigma(-x) - sigma(x) / (2 L))",
        .derivation = "sqrt(L)' = L' / (2 sqrt(L)) and L' = sigma(x)",
    };
  }

  static Interval range(const Parameters<double>&) { return {0, kInfinity, true, true}; }
  static Limits limits(const Parameters<double>&) {
    return {.minus = {0, 0, 0}, .plus = {kInfinity, 0, -0.0}};
  }

  // Left of -700, where e^x is soon below every double, it is the root of e^x but for 2^-1000 of it.
  template <class T>
  static T truth(const T& x, const Parameters<T>&) {
    if (x < -700) return exp(0.5 * x);
    const T tail = log1p(exp(x > 0 ? -x : x));
    return sqrt(x > 0 ? x + tail : tail);
  }

  // With e = exp(-|x|) and r = log(1 + e) / e: L is x + e r or e r. The slope is taken as the root of
  // its square, 1 / ((1 + e)^2 L) or e / ((1 + e)^2 r) times 1/4, since a root halves errors. Left of
  // -80 the value is h = e^(x/2), slope and curvature h/2 and h/4.
  template <class V>
  static void kernel(V x, const Parameters<double>&, V& y, V& dy, V& d2y) {
    using Wide = typename V::Wide;
    const V one(1.0);
    const auto right = x > V(0.0), far = x < V(-80.0);
    const auto e = exponential(select(far, V(0.5) * x, -abs(x)));
    const auto ratio = log1p_ratio(e.plain);
    const Wide log = e.wide * ratio + Wide(select(right, x, V(0.0)));
    y = select(far, unscaled(e.scaled), sqrt(rounded(log)));

    // Times 2^20, for sqrt(1 / x) at the largest x.
    const Wide s = Wide(one) + e.wide;
    const Wide lower = select(right, log, Wide(ratio));
    const Wide upper = select(right, Wide(one), e.wide) * V(0x1p20);
    const V slope = V(0x1p-11) * sqrt(rounded(upper / (s * s * lower)));
    dy = select(far, unscaled(V(0.5) * e.scaled), slope);

    // The bracket of the formula: (e L - 1/2) / ((1 + e) L), and (r - 1/2) / ((1 + e) r) on the left.
    const V near_x = select(x > V(2000.0), V(2000.0), x);
    const Wide near_log = e.wide * ratio + Wide(near_x);
    const Wide top = select(right, e.wide * near_log, Wide(ratio)) - Wide(V(0.5));
    // Rounded before the last product, whose rest would lose the sign of a result that underflows.
    d2y = select(far, unscaled(V(0.25) * e.scaled), rounded(top / (s * lower)) * slope);
  }

  static std::vector<Claim> claims() {
    return {
        {Type::f32, 0, 1.5, 0x1.5d8b5cp-11},
        {Type::f32, 1, 1.3, -0x1.747db8p-10},
        {Type::f32, 2, 3.3, -0x1.9dp-2},
        {Type::f32, 2, 2, 0x1.664p-16, -0.4, 1.6, 0.09},
        {Type::f64, 0, 1.3, -0x1.8p-38},
        {Type::f64, 1, 1.1, -0x1.ffffffffffffep-20},
        {Type::f64, 2, 2.2, 0x1.d73a3984ea008p+4},
        {Type::f64, 2, 1.7, 0x1.0d16f1f615a21p-42, -0.4, 1.6, 0.09},
    };
  }
};
