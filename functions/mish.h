// mish: x tanh(softplus(x)), a close relative of silu: smooth, unbounded above, with a dip to -0.309
// at x = -1.192. Written with v = e^x (e^x + 2) it needs one exponential and one division: x v / (v +
// 2).
// SPDX-License-Identifier: Apache-2.0

struct mish {
  template <class T>
  struct Parameters {};

  static Info info() {
    return {
        .name = "mish",
        .aliases = {"Mish"},
        .title = "mish",
        .formula = "x tanh(log(1 + e^x)) = x v / (v + 2), v = e^x (e^x + 2)",
        .slope = "t + x t', t = v / (v + 2), t' = 4 e^x (1 + e^x) / (v + 2)^2",
        .curvature = "2 t' + x t'', t'' = t' (1 + sigma(x) - 4 e^x (1 + e^x) / (v + 2))",
        .derivation =
            "tanh(log u) = (u^2 - 1) / (u^2 + 1); with u = 1 + e^x this is v / (v + 2). v' = 2 e^x "
            "(1 + e^x), "
            "so t' = 2 v' / (v + 2)^2",
        .torch = "torch.nn.Mish",
        .keras = "keras.activations.mish",
        .jax = "jax.nn.mish",
        .onnx = "Mish",
        .onednn = "eltwise_mish",
        .paper = "Misra 2019, arXiv:1908.08681",
    };
  }

  static Interval range(const Parameters<double>&) {
    return {-0.30884341301725043, kInfinity, false, true};
  }
  static Limits limits(const Parameters<double>&) {
    return {.minus = {-0.0, -0.0, -0.0}, .plus = {kInfinity, 1, -0.0}};
  }

  template <class T>
  static T truth(const T& x, const Parameters<T>&) {
    return x * tanh(log1p_exp(x));
  }

  // Right of 0 with e = exp(-x), left of it with e = exp(x), each form divided through by the larger
  // power so that nothing overflows; d is v + 2 left and (v + 2) e^(-2x) right. Slope and curvature
  // have zeros, near which their sums cancel: they are taken in twice the precision.
  template <class V>
  static void kernel(V x, const Parameters<double>&, V& y, V& dy, V& d2y) {
    using Wide = typename V::Wide;
    const V a = abs(x), one(1.0), two(2.0);
    const auto exponential_of_a = exponential(-a);
    const V e = exponential_of_a.plain;
    const auto right = x > V(0.0);
    const V near_a = select(a > V(2000.0), V(2000.0), a);

    // x t as x (1 - w), or x e^x (1 - w): one rounding less where w is small.
    const V e1 = rounded(one_plus(e));
    const V d = select(right, fma(e + e, e1, one), fma(e, e + two, two));
    const V w = select(right, (e + e) * e, e * e1) / d;
    const Wide base = select(right, Wide(x), Wide(exponential_of_a.scaled) * near_a);
    const V size = rounded(base * one_plus(-w));
    y = select(right, size, copysign(unscaled(size), x));

    // t + x t': ((1 + 2e) d + 4 a e^2 (1 + e)) / d^2 right, e ((2 + e) d - 4 a (1 + e)) / d^2 left.
    const Wide we = exponential_of_a.wide, we2 = we * we, one_e = one_plus(we), w2e = we + we;
    const Wide wd = select(right, Wide(one) + w2e + (we2 + we2), Wide(two) + w2e + we2);
    const Wide lever = one_e * (V(4.0) * near_a);
    const Wide top =
        select(right, (Wide(one) + w2e) * wd + we2 * lever, (Wide(two) + we) * wd - lever);
    const Wide slope = top / (wd * wd);
    dy = select(right, rounded(slope),
                copysign(unscaled(rounded(exponential_of_a.wide_scaled * slope)), rounded(slope)));

    // 4 u (2 (1 + e) d + x (d (1 + e + s) - 4 (1 + e)^2 k)) / d^3 with (u, s, k) = (e^2, 1, 1) right
    // and (e, e, e) left.
    const Wide k = select(right, Wide(one), we);
    const Wide turn =
        (wd * (one_e + k) - one_e * one_e * k * V(4.0)) * select(right, near_a, -near_a);
    const Wide bend = (one_e * wd * two + turn) / (wd * wd * wd);
    const V factor = V(4.0) * select(right, e, one);
    d2y = copysign(unscaled(rounded(exponential_of_a.wide_scaled * bend * factor)), rounded(bend));
  }

  static std::vector<Claim> claims() {
    return {
        {Type::f32, 0, 1.9, -0x1.a14p-7},
        {Type::f32, 1, 1.6, -0x1.e69b2ep-3},
        {Type::f32, 2, 3.3, 0x1.1b9c2ap+1},
        {Type::f32, 1, 1.1, -0x1.f30f3ep-1, -1.8, -0.7, 0.25},
        {Type::f32, 2, 0.3, -0x1.ade044p+0, -3.2, -1.6, 0.25},
        {Type::f32, 2, 0.5, 0x1.45f154p+0, 1.1, 2.2, 0.5},
        {Type::f64, 0, 1.6, -0x1.8p-8},
        {Type::f64, 1, 0.7, -0x1.51fe3e6839c71p+4},
        {Type::f64, 2, 1.6, 0x1.f1e7e16180a98p+3},
        {Type::f64, 1, 0.3, -0x1.8326cf7a2a14p-1, -1.8, -0.7, 0.25},
        {Type::f64, 2, 0.2, -0x1.b92f26b8dc6cp+0, -3.2, -1.6, 0.25},
        {Type::f64, 2, 0.3, 0x1.1ed12c566de6p+0, 1.1, 2.2, 0.5},
    };
  }
};
