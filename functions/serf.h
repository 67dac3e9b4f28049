// serf: x erf(softplus(x)), of the family of silu, gelu and mish: smooth, unbounded above, with a dip to
// -0.348 at x = -1.193. Right of 0 it becomes x faster than the others, as erf does 1.
// SPDX-License-Identifier: Apache-2.0

struct serf {
  template <class T>
  struct Parameters {};

  static Info info() {
    return {
        .name = "serf",
        .aliases = {"Serf", "SERF"},
        .title = "log-softplus error activation",
        .formula = "x erf(s), s = log(1 + e^x)",
        .slope = "erf(s) + x sigma(x) g, g = 2/sqrt(pi) e^(-s^2)",
        .curvature = "g sigma(x) (2 + x (sigma(-x) - 2 s sigma(x)))",
        .derivation = "erf' = g with g' = -2 s g, s' = sigma(x), sigma' = sigma(x) sigma(-x)",
        .torch = "",
        .keras = "",
        .jax = "",
        .onnx = "",
        .onednn = "",
        .paper = "Nag, Bhattacharyya, Mukherjee & Kundu 2021, arXiv:2108.09598",
    };
  }

  static Interval range(const Parameters<double>&) {
    return {-0.34843745875960658, kInfinity, false, true};
  }
  static Limits limits(const Parameters<double>&) {
    return {.minus = {-0.0, -0.0, -0.0}, .plus = {kInfinity, 1, -0.0}};
  }

  template <class T>
  static T truth(const T& x, const Parameters<T>&) {
    return x * erf(log1p_exp(x));
  }

  // With e = e^-|x|: left of 0 s = e L(e), and value, slope and curvature are e times something of
  // everyday size. Slope and curvature have zeros, near which their sums cancel.
  template <class V>
  static void kernel(V x, const Parameters<double>&, V& y, V& dy, V& d2y) {
    using Wide = typename V::Wide;
    const V a = abs(x), one(1.0);
    const auto right = x > V(0.0);
    const V near_a = select(a > V(2000.0), V(2000.0), a);
    const auto e = exponential(-near_a);
    const Wide ratio(one_plus(-log1p_shortfall(e.plain)));
    const Wide share = Wide(one) / (Wide(one) + e.wide);
    const V rest = rounded((e.wide - Wide(e.plain)) * share);  // of e, as log(1 + e) sees it
    const Wide tail = ratio * e.plain + Wide(rest);
    const Wide s = select(right, Wide(near_a) + tail, tail);

    const Wide left_erf = ratio * error_ratio(select(right, V(0.0), rounded(s)));  // over e
    const Wide right_erf = error_function(rounded(s));
    y = select(right, rounded(right_erf * a),
               copysign(unscaled(rounded(e.wide_scaled * left_erf * near_a)), x));

    // sigma is 1 / (1 + e) right of 0; left of it e times that, and the e is kept apart.
    const Wide density =
        exponential(-(s * s)).wide * Wide(0x1.20dd750429b6dp+0, 0x1.1ae3a914fed80p-56);
    const Wide reach = density * share * select(right, near_a, -near_a);
    const Wide slope = select(right, right_erf, left_erf) + reach;
    dy = select(right, rounded(slope),
                copysign(unscaled(rounded(e.wide_scaled * slope)), rounded(slope)));

    const Wide up = select(right, share, e.wide * share),
               down = select(right, e.wide * share, share);
    const Wide turn = (down - s * up * V(2.0)) * select(right, near_a, -near_a);
    const Wide bend = Wide(V(2.0)) + turn;
    const Wide scale = select(right, exponential(-(s * s)).wide_scaled, e.wide_scaled * density);
    const Wide first(0x1.20dd750429b6dp+0, 0x1.1ae3a914fed80p-56);
    d2y = copysign(unscaled(rounded(scale * select(right, first, Wide(one)) * share * bend)),
                   rounded(bend));
  }

  static std::vector<Claim> claims() {
    return {
        {Type::f32, 0, 2, 0x1.5d8b5cp-11},
        {Type::f32, 1, 2, -0x1.4b13a4p-1},
        {Type::f32, 2, 3.1, -0x1.afafa6p-1},
        {Type::f32, 1, 1.5, -0x1.dcp-1, -1.8, -0.6, 0.25},
        {Type::f32, 2, 1.7, -0x1.9a2b44p+0, -3.2, -1.6, 0.2},
        {Type::f32, 2, 2.2, 0x1.6f1284p-1, 0.7, 1.6, 0.2},
        {Type::f64, 0, 1.3, 0x1.0000000000001p-1021},
        {Type::f64, 1, 1.3, -0x1.2c14ac00a468p-2},
        {Type::f64, 2, 1.2, -0x1p-54},
        {Type::f64, 1, 0.6, -0x1.741780c1b49p-1, -1.8, -0.7, 0.25},
        {Type::f64, 2, 0.6, -0x1.be2b94c3cce6p+0, -3.2, -1.6, 0.2},
        {Type::f64, 2, 0.7, 0x1.8f671b7480ccp-1, 0.7, 1.6, 0.2},
    };
  }
};
