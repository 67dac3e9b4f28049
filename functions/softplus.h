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
    using Wide = typename V::Wide;
    const V one(1.0);
    const auto right = x > V(0.0);
    const auto e = exponential(-(Wide(p.beta) * abs(x)));
    const Wide over_beta = Wide(one) / Wide(p.beta), ratio(one_plus(-log1p_shortfall(e.plain)));
    const Wide tail = unscaled(ratio * e.scaled * over_beta);
    y = rounded(select(right, Wide(x) + tail, tail));
    const auto t = e.scaled / one_plus(e.plain);
    const V left = unscaled(rounded(t));
    dy = select(right, one - left, left);
    d2y = unscaled(rounded(t * one_plus(-unscaled(t)) * V(p.beta)));
  }

  template <class V>
  static void from_output(V y, const Parameters<double>& p, V& dy, V& d2y) {
    const V zero(0.0);  // no output lies below it
    const auto e = exponential(-(typename V::Wide(p.beta) * select(y > zero, y, zero)));
    dy = -e.minus_one;
    d2y = V(p.beta) * e.plain * dy;
  }

  template <class V>
  static void parameter_slopes(V x, const Parameters<double>& p, Parameters<V>& dp) {
    // d/d(beta) = -(log(1 + e) + z sigma(-z)) / beta^2 with z = beta |x| and e = exp(-z), for either sign
    // of x.
    using Wide = typename V::Wide;
    const Wide beta(p.beta), over_beta = Wide(V(1.0)) / beta;
    const auto e = exponential(-(beta * abs(x)));
    const V far(2000 / p.beta);  // beyond it e is 0
    const Wide z = beta * select(abs(x) > far, far, abs(x));
    const Wide sum = Wide(log1p_ratio(e.plain)) + z / one_plus(e.wide);
    dp.beta = -unscaled(rounded(e.wide_scaled * sum * over_beta * over_beta));
  }

  static std::vector<Claim> claims() {
    return {
        {Type::f32, 0, 1.7, -0x1.252p-10},         {Type::f32, 1, 1.4, -0x1.b7ap+1},
        {Type::f32, 2, 1.4, -0x1.0872c2p+2},       {Type::f64, 0, 1.4, -0x1.1825fc47ac8p-1},
        {Type::f64, 1, 1.3, -0x1.b93b1a7f26d4p+1}, {Type::f64, 2, 1.4, 0x1.b4848f1861b4p+1},
    };
  }
};
