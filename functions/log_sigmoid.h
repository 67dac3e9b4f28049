// log_sigmoid: log(sigma(x)), the log of a probability, minus softplus of -x. Taking the sigmoid first
// and then its logarithm would give 0 from x = 17 on and -inf below -104 in float32; this form loses
// neither tail.
// SPDX-License-Identifier: Apache-2.0

struct log_sigmoid {
  template <class T>
  struct Parameters {};

  static Info info() {
    return {
        .name = "log_sigmoid",
        .aliases = {"LogSigmoid", "logsigmoid"},
        .title = "logarithm of the sigmoid",
        .formula = "log(sigma(x)) = -log(1 + e^-x)",
        .slope = "sigma(-x)",
        .curvature = "-sigma(x) sigma(-x)",
        .derivation = "(-log(1 + e^-x))' = e^-x / (1 + e^-x) = sigma(-x)",
        .slope_from_output = true,
        .from_output_note = "1 - e^y: loses nothing",
        .torch = "torch.nn.LogSigmoid",
        .keras = "keras.activations.log_sigmoid",
        .jax = "jax.nn.log_sigmoid",
        .onednn = "eltwise_soft_relu, alpha = -1",
    };
  }

  static Interval range(const Parameters<double>&) { return {-kInfinity, 0, true, true}; }
  static Limits limits(const Parameters<double>&) {
    return {.minus = {-kInfinity, 1, -0.0}, .plus = {-0.0, 0, -0.0}};
  }

  template <class T>
  static T truth(const T& x, const Parameters<T>&) {
    const T tail = log1p(exp(x > 0 ? -x : x));
    return x > 0 ? -tail : x - tail;
  }

  // With e = exp(-|x|): min(x, 0) - log(1 + e), and e / (1 + e) or 1 / (1 + e).
  template <class V>
  static void kernel(V x, const Parameters<double>&, V& y, V& dy, V& d2y) {
    using Wide = typename V::Wide;
    const V one(1.0);
    const auto right = x > V(0.0);
    const auto e = exponential(-abs(x));
    const Wide tail = e.wide_scaled - e.wide_scaled * log1p_shortfall(e.plain);
    y = select(right, -unscaled(rounded(tail)), rounded(Wide(x) - unscaled(tail)));
    const Wide s = Wide(one) + e.wide;
    dy = unscaled(rounded(select(right, e.wide_scaled, Wide(scaled(one))) / s));
    d2y = -unscaled(rounded(e.wide_scaled / (s * s)));
  }

  template <class V>
  static void from_output(V y, const Parameters<double>&, V& dy, V& d2y) {
    const auto e = exponential(y);
    dy = -e.minus_one;
    d2y = e.plain * e.minus_one;
  }

  static std::vector<Claim> claims() {
    return {
        {Type::f32, 0, 1.8, 0x1.b9db0cp-18},       {Type::f32, 1, 1.1, 0x1.64c14p+3},
        {Type::f32, 2, 1.2, 0x1.378e5ap-1},        {Type::f64, 0, 1.1, 0x1.83c867cc6bp-7},
        {Type::f64, 1, 0.7, 0x1.6565e23c9bd1ep+5}, {Type::f64, 2, 0.7, -0x1.9f406ba4d7f27p+4},
    };
  }
};
