// lisht: x tanh(x), even: x^2 near 0 and |x| far out. A unit cannot tell a feature from its opposite,
// and none is ever off: both signs pass their gradient.
// SPDX-License-Identifier: Apache-2.0

struct lisht {
  template <class T>
  struct Parameters {};

  static Info info() {
    return {
        .name = "lisht",
        .aliases = {"LiSHT"},
        .title = "linearly scaled hyperbolic tangent",
        .formula = "x tanh(x)",
        .slope = "tanh(x) + x (1 - tanh(x)^2)",
        .curvature = "2 (1 - tanh(x)^2) (1 - x tanh(x))",
        .derivation = "(x t)' = t + x t' with t' = 1 - t^2, and t'' = -2 t t'",
        .symmetry = Symmetry::even,
        .paper = "Roy, Manna, Dubey & Chaudhuri 2019, arXiv:1901.05894",
    };
  }

  static Interval range(const Parameters<double>&) { return {0, kInfinity, false, true}; }
  static Limits limits(const Parameters<double>&) {
    return {.minus = {kInfinity, -1, -0.0}, .plus = {kInfinity, 1, -0.0}};
  }

  template <class T>
  static T truth(const T& x, const Parameters<T>&) {
    return x * tanh(x);
  }

  // With a = |x|, e = exp(-2a) and tanh(a) = a - a^3 P(a^2) near 0: a^2 - a^4 P, and a - 2 a e / (1 + e)
  // beyond 1; the slope is a (2 - a^2 (P + (1 - a^2 P)^2)), and (1 - e^2 + 4 a e) / (1 + e)^2 beyond 1/2.
  template <class V>
  static void kernel(V x, const Parameters<double>&, V& y, V& dy, V& d2y) {
    using Wide = typename V::Wide;
    const V a = abs(x), one(1.0), near_a = select(a > V(2000.0), V(2000.0), a);
    const auto e = exponential(V(-2.0) * a);
    const Wide s = Wide(one) + e.wide, square = product(a, a);
    const V w = rounded(square), gap = tanh_gap(w);
    const V share = (e.plain + e.plain) / (one + e.plain);
    y = select(a < one, rounded(square - Wide(w * w * gap)), fma(-a, share, a));

    const V ratio = fma(-w, gap, one);
    const V slope = fma(-a, w * fma(ratio, ratio, gap), a + a);
    const Wide top = Wide(one) - e.wide * e.wide + e.wide * V(4.0) * near_a;
    dy = copysign(select(a < V(0.5), slope, rounded(top / (s * s))), x);

    // 8 e (1 + e - a (1 - e)) / (1 + e)^3.
    const Wide bend = s - (Wide(one) - e.wide) * near_a;
    d2y = copysign(unscaled(rounded(e.wide_scaled * V(8.0) * bend / (s * s * s))), rounded(bend));
  }

  static std::vector<Claim> claims() {
    return {
        {Type::f32, 0, 1.5, 0x1.a833fcp-68},
        {Type::f32, 1, 1, 0x1.fddbaap-1},
        {Type::f32, 2, 1.6, -0x1.eea64cp-2},
        {Type::f32, 2, 1, -0x1.ff587cp-1, -1.8, -0.7, 0.6},
        {Type::f32, 2, 1, 0x1.ffcc48p-1, 0.7, 1.8, 0.6},
        {Type::f64, 0, 1.5, 0x1.a4257680169a3p-515},
        {Type::f64, 1, 0.7, 0x1.6c1f6163e97p-2},
        {Type::f64, 2, 0.7, 0x1.9597177bb0f7cp+3},
        {Type::f64, 2, 0.6, -0x1.8c458cf8bad8p-1, -1.8, -0.7, 0.6},
        {Type::f64, 2, 0.6, 0x1.859cbc60a54cp-1, 0.7, 1.8, 0.6},
    };
  }
};
