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
    return {.minus = {0, 0, 0}, .plus = {kInfinity, 1, 0}};
  }

  template <class T>
  static T truth(const T& x, const Parameters<T>&) {
    return x * tanh(log1p(exp(x)));
  }

  // Right of 0 with e = exp(-x), left of it with e = exp(x), each form divided through by the larger
  // power, so that nothing overflows.
  template <class V>
  static void kernel(V x, const Parameters<double>&, V& y, V& dy, V& d2y) {
    const V a = abs(x), one(1.0), two(2.0);
    const auto exponential_of_a = exponential(-a);
    const V e = exponential_of_a.plain, es = exponential_of_a.scaled;
    const auto right = x > V(0.0);
    const V near_a = select(a > V(2000.0), V(2000.0), a);
    const V left_d = fma(e, e + two, two);         // v + 2
    const V right_d = fma(two * e, one + e, one);  // (v + 2) e^(-2x)
    const V d = select(right, right_d, left_d);
    const V right_t = fma(two, e, one) / right_d;  // tanh(softplus(x))
    const V left_t = (e + two) / left_d;           // the same over e^x
    y = select(right, x * right_t, copysign(unscaled(near_a * es * left_t), x));
    // t', over the scaled exponential.
    const V t1 = V(4.0) * select(right, e, one) * (one + e) / (d * d);
    dy = select(right, fma(near_a, e * t1, right_t), unscaled(es * (left_t - near_a * t1)));
    const V sigma = select(right, one, e) / (one + e);
    const V ratio = V(4.0) * (one + e) * select(right, one, e) / d;
    const V bend = (one + sigma) - ratio;
    d2y = unscaled(es * t1 * fma(select(right, near_a, -near_a), bend, two));
  }

  static std::vector<Claim> claims() {
    return {
        {Type::f32, 0, 4}, {Type::f32, 1, 4}, {Type::f32, 2, 4},
        {Type::f64, 0, 2}, {Type::f64, 1, 2}, {Type::f64, 2, 2},
    };
  }
};
