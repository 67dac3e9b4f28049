// gelu_tanh: the approximation of gelu by a tanh that its authors gave for speed, a function of its
// own: it differs from gelu by up to 4.7e-4, and frameworks disagree on which of the two "gelu" means.
// Since (1 + tanh u) / 2 = sigma(2u), it is x sigma(2u).
// SPDX-License-Identifier: Apache-2.0

struct gelu_tanh {
  template <class T>
  struct Parameters {};

  static Info info() {
    return {
        .name = "gelu_tanh",
        .aliases = {"gelu_new", "gelu_approximate"},
        .title = "Gaussian error linear unit, tanh form",
        .formula = "x/2 (1 + tanh(u)) = x sigma(2u), u = sqrt(2/pi) (x + 0.044715 x^3)",
        .slope = "sigma(2u) (1 + 2 x u' sigma(-2u)), u' = sqrt(2/pi) (1 + 3 * 0.044715 x^2)",
        .curvature = "sigma(2u) sigma(-2u) (4 u' + 2 x u'' - 4 x u'^2 tanh(u))",
        .derivation = "(x sigma(2u))' = sigma + 2 x u' sigma sigma(-2u)",
        .torch = "torch.nn.GELU(approximate=\"tanh\")",
        .keras = "keras.activations.gelu(approximate=True)",
        .jax = "jax.nn.gelu",
        .onnx = "Gelu(approximate=tanh)",
        .onednn = "eltwise_gelu_tanh",
        .paper = "Hendrycks & Gimpel 2016, arXiv:1606.08415",
    };
  }

  static Interval range(const Parameters<double>&) {
    return {-0.17004075057125412, kInfinity, false, true};
  }
  static Limits limits(const Parameters<double>&) {
    return {.minus = {-0.0, -0.0, -0.0}, .plus = {kInfinity, 1, -0.0}};
  }

  template <class T>
  static T truth(const T& x, const Parameters<T>&) {
    const T u = sqrt(2.0 / pi(x)) * (x + decimal(x, "0.044715") * x * x * x);
    return x * logistic(2.0 * u);
  }

  // x sigma(w) with w = 2u at a = |x|, the argument of an exponential and so computed in twice the
  // precision, as are the sums that cancel near the zeros of slope and curvature. e = exp(-w).
  template <class V>
  static void kernel(V x, const Parameters<double>&, V& y, V& dy, V& d2y) {
    using Wide = typename V::Wide;
    const V a = abs(x), one(1.0);
    const auto right = x > V(0.0);
    const V near_a = select(a > V(100.0), V(100.0), a);
    const Wide square = product(near_a, near_a);
    const Wide c1(0x1.9884533d43651p+0, -0x1.cbc0d30ebfd15p-54);  // 2 sqrt(2/pi)
    const Wide c3(0x1.2444f2a4d8b4bp-4, -0x1.6c843a29d1c70p-61);  // and times 0.044715
    const Wide c3_square = c3 * square;
    const auto e = exponential(-((c1 + c3_square) * near_a));

    // t = sigma(-w), u = sigma(w).
    const auto t = e.scaled / one_plus(e.plain);
    const auto fine_u = one_plus(-unscaled(t));
    const V v = unscaled(rounded(t)), u = rounded(fine_u);
    y = select(right, x * u, copysign(unscaled(rounded(t * near_a)), x));

    // sigma (1 + x w' (1 - sigma)); left of 0 that is t (1 - a w' + a w' t).
    const Wide w1 = c1 + c3_square * V(3.0), lever = w1 * near_a;
    const V lift = rounded(lever) * v;
    const Wide down = Wide(one) - lever + Wide(lift);
    dy = select(right, rounded(fine_u * (one + lift)),
                copysign(unscaled(rounded(t * down)), rounded(down)));

    // sigma (1 - sigma) (2 w' + a w'' - a w'^2 (u - t)), a w'' = 6 c3 a^2, even in x.
    const Wide rise = w1 + w1 + c3_square * V(6.0), fall = lever * w1;
    const V bend = fma(rounded(fall + fall), v, rounded(rise - fall));
    d2y = copysign(unscaled(rounded(t * (u * bend))), bend);
  }

  static std::vector<Claim> claims() {
    return {
        {Type::f32, 0, 1.8, 0x1.fc4p-17},
        {Type::f32, 1, 1.7, -0x1.559f26p-2},
        {Type::f32, 2, 3, -0x1.e16p+1},
        {Type::f32, 1, 0.8, -0x1.a88p-2, -1.3, -0.4, 0.25},
        {Type::f32, 2, 1.4, -0x1.000008p+0, -2, -1, 0.4},
        {Type::f32, 2, 1.4, 0x1.000008p+0, 1, 2, 0.4},
        {Type::f64, 0, 1.5, 0x1.8p-39},
        {Type::f64, 1, 1.4, 0x1.2cc72a2704f8p-1},
        {Type::f64, 2, 2.5, 0x1.265e7adad0f38p+2},
        {Type::f64, 1, 0.5, -0x1.fffffffffffffp-2, -1.3, -0.4, 0.25},
        {Type::f64, 2, 1.2, -0x1.0c9cc1aeacfep+0, -2, -1, 0.4},
        {Type::f64, 2, 1.1, 0x1.0a39d4b1b716p+0, 1, 2, 0.4},
    };
  }
};
