// softplus: log(1 + e^(beta x)) / beta, relu with its corner rounded; the larger beta, the sharper.
// Its slope is the sigmoid of beta x. No threshold: the formula is computed everywhere, where
// frameworks switch to x beyond beta x = 20.
// SPDX-License-Identifier: Apache-2.0

struct softplus {
  template <class T>
  struct Parameters {
    T beta;
  };

  static Info info() {
    return {
        .name = "softplus",
        .aliases = {"Softplus", "soft_relu"},
        .title = "softplus",
        .formula = "log(1 + e^(beta x)) / beta",
        .slope = "sigma(beta x)",
        .curvature = "beta sigma(beta x) sigma(-beta x)",
        .derivation =
            "(log(1 + e^(beta x)) / beta)' = e^(beta x) / (1 + e^(beta x)) = sigma(beta x)",
        .parameters = {{.name = "beta",
                        .value = 1,
                        .recommended = {0.01, 100, false, false},
                        .any = {0, kInfinity, true, true},
                        .meaning = "how sharp the corner is"}},
        .slope_from_output = true,
        .from_output_note = "1 - e^(-beta y): loses nothing",
        .torch = "torch.nn.Softplus",
        .keras = "keras.activations.softplus",
        .jax = "jax.nn.softplus",
        .onnx = "Softplus",
        .onednn = "eltwise_soft_relu",
        .paper = "Dugas, Bengio, Belisle, Nadeau & Garcia 2001, NIPS 13",
    };
  }

  static Interval range(const Parameters<double>&) { return {0, kInfinity, true, true}; }
  static Limits limits(const Parameters<double>&) {
    return {.minus = {0, 0, 0}, .plus = {kInfinity, 1, 0}};
  }

  template <class T>
  static T truth(const T& x, const Parameters<T>& p) {
    const T z = p.beta * x;
    const T tail = log1p(exp(z > 0 ? -z : z)) / p.beta;
    return z > 0 ? x + tail : tail;
  }

  // With e = exp(-beta |x|): max(x, 0) + log(1 + e) / beta.
  template <class V>
  static void kernel(V x, const Parameters<double>& p, V& y, V& dy, V& d2y) {
    const V beta(p.beta), one(1.0);
    const auto right = x > V(0.0);
    const auto e = exponential(-(typename V::Wide(p.beta) * abs(x)));
    const V tail = unscaled(e.scaled * log1p_ratio(e.plain) / beta);
    const V sum = one + e.plain;
    y = select(right, x + tail, tail);
    dy = select(right, one / sum, unscaled(e.scaled / sum));
    d2y = unscaled(beta * e.scaled / (one + fma(e.plain, e.plain, V(2.0) * e.plain)));
  }

  template <class V>
  static void from_output(V y, const Parameters<double>& p, V& dy, V& d2y) {
    const auto e = exponential(-(typename V::Wide(p.beta) * y));
    dy = -e.minus_one;
    d2y = V(p.beta) * e.plain * dy;
  }

  template <class V>
  static void parameter_slopes(V x, const Parameters<double>& p, Parameters<V>& dp) {
    // d/d(beta) = -(log(1 + e) + z sigma(-z)) / beta^2 with z = beta |x| and e = exp(-z), for either sign
    // of x.
    const V beta(p.beta);
    const auto e = exponential(-(typename V::Wide(p.beta) * abs(x)));
    const V all_z = beta * abs(x), z = select(all_z > V(2000.0), V(2000.0), all_z);
    dp.beta = -unscaled(e.scaled * (log1p_ratio(e.plain) + z / (V(1.0) + e.plain)) / beta / beta);
  }

  static std::vector<Claim> claims() {
    return {
        {Type::f32, 0, 2.6, 0x1.05eb76p-8},      {Type::f32, 1, 2.5, -0x1.f56p+0},
        {Type::f32, 2, 2.4, -0x1.587b02p+1},     {Type::f64, 0, 1.7, -0x1.4352f1f073ep-1},
        {Type::f64, 1, 2, -0x1.e83f17f7a81bp+2}, {Type::f64, 2, 2.1, 0x1.0a1f72ba30d08p+2},
    };
  }
};
