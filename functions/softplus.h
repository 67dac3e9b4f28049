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
    using Fine = typename V::Fine;
    const V one(1.0);
    const auto right = x > V(0.0);
    const auto e = exponential(-(Wide(p.beta) * abs(x)));
    const V tail = unscaled(rounded(e.fine_scaled * log1p_ratio(e.plain) / Fine(p.beta)));
    y = select(right, x + tail, tail);
    const Fine top = select(right, Fine(scaled(one)), e.fine_scaled);
    dy = unscaled(rounded(top / (Fine(one) + e.fine)));
    const Wide s = Wide(one) + e.wide;
    d2y = unscaled(rounded(e.wide_scaled * Wide(p.beta) / (s * s)));
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
    using Fine = typename V::Fine;
    const Fine beta(p.beta);
    const auto e = exponential(-(typename V::Wide(p.beta) * abs(x)));
    const V far(2000 / p.beta);  // beyond it e is 0
    const Fine z = beta * select(abs(x) > far, far, abs(x));
    const Fine sum = log1p_ratio(e.plain) + z / (Fine(V(1.0)) + e.fine);
    dp.beta = -unscaled(rounded(e.fine_scaled * sum / beta / beta));
  }

  static std::vector<Claim> claims() {
    return {
        {Type::f32, 0, 2.1, 0x1.481e66p-10},
        {Type::f32, 1, 2.5, -0x1.f56p+0},
        {Type::f32, 2, 0.8, -0x1.5fp+6},
        {Type::f64, 0, 1.1, 0x1.e75bf3af681cbp-28},
        {Type::f64, 1, 0.7, -0x1.fbd0023d5c678p+2},
        {Type::f64, 2, 0.7, 0x1.2da5302b209ecp+5},
    };
  }
};
