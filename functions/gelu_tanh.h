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
    return {.minus = {0, 0, 0}, .plus = {kInfinity, 1, 0}};
  }

  template <class T>
  static T truth(const T& x, const Parameters<T>&) {
    const T u = sqrt(2.0 / pi(x)) * (x + decimal(x, "0.044715") * x * x * x);
    return x / (1.0 + exp(-2.0 * u));
  }

  // w = 2u at a = |x| is the argument of an exponential, so it is computed in twice the precision.
  template <class V>
  static void kernel(V x, const Parameters<double>&, V& y, V& dy, V& d2y) {
    using Wide = typename V::Wide;
    const V a = abs(x), one(1.0);
    const auto right = x > V(0.0);
    const V near_a = select(a > V(100.0), V(100.0), a);
    const V c1(0x1.9884533d43651p+0, -0x1.cbc0d30ebfd15p-54);  // 2 sqrt(2/pi)
    const V c3(0x1.2444f2a4d8b4bp-4, -0x1.6c843a29d1c70p-61);  // and times 0.044715
    const auto e = exponential(
        -((Wide(0x1.9884533d43651p+0, -0x1.cbc0d30ebfd15p-54) +
           Wide(0x1.2444f2a4d8b4bp-4, -0x1.6c843a29d1c70p-61) * product(near_a, near_a)) *
          near_a));
    const V sum = one + e.plain, small = e.scaled / sum;
    const V square = near_a * near_a;
    const V aw1 = near_a * fma(V(3.0) * c3, square, c1);  // a w'
    y = select(right, x / sum, copysign(unscaled(near_a * small), x));
    const V other = select(right, e.plain, one) / sum;
    dy = select(right, (one + aw1 * other) / sum, unscaled(small * (one - aw1 * other)));
    const V w1 = fma(V(3.0) * c3, square, c1);
    const V aw2 = V(6.0) * c3 * square;  // a w''
    d2y = unscaled(e.scaled / fma(e.plain, V(2.0) + e.plain, one) *
                   fma(aw1 * w1, e.minus_one / sum, fma(V(2.0), w1, aw2)));
  }

  static std::vector<Claim> claims() {
    return {
        {Type::f32, 0, 4}, {Type::f32, 1, 4}, {Type::f32, 2, 4},
        {Type::f64, 0, 2}, {Type::f64, 1, 2}, {Type::f64, 2, 2},
    };
  }
};
