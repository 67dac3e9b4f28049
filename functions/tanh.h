// tanh, the hyperbolic tangent: an S from -1 to 1, twice a sigmoid minus 1. Zero-centred and of slope
// 1 at 0, it carries gradients through deep nets when the weights are scaled right; saturated, its
// slope falls as 4 e^(-2|x|).
// SPDX-License-Identifier: Apache-2.0

struct tanh {
  template <class T>
  struct Parameters {};

  static Info info() {
    return {
        .name = "tanh",
        .aliases = {"Tanh"},
        .title = "hyperbolic tangent",
        .formula = "tanh(x) = (e^x - e^-x) / (e^x + e^-x)",
        .slope = "1 - tanh(x)^2 = 4 / (e^x + e^-x)^2",
        .curvature = "-2 tanh(x) (1 - tanh(x)^2)",
        .derivation = "(sinh / cosh)' = (cosh^2 - sinh^2) / cosh^2 = 1 / cosh(x)^2",
        .symmetry = Symmetry::odd,
        .slope_from_output = true,
        .from_output_note = "(1 - y) (1 + y): 0 once |y| has rounded to 1",
        .torch = "torch.nn.Tanh",
        .keras = "keras.activations.tanh",
        .jax = "jax.nn.tanh",
        .onnx = "Tanh",
        .onednn = "eltwise_tanh",
    };
  }

  static Interval range(const Parameters<double>&) { return {-1, 1, true, true}; }
  static Limits limits(const Parameters<double>&) {
    return {.minus = {-1, 0, 0}, .plus = {1, 0, -0.0}};
  }

  template <class T>
  static T truth(const T& x, const Parameters<T>&) {
    return hyperbolic_tangent(x);  // tanh(x) here would name this struct
  }

  // With e = exp(-2|x|): |tanh| = (1 - e) / (1 + e), the slope 4 e / (1 + e)^2.
  template <class V>
  static void kernel(V x, const Parameters<double>&, V& y, V& dy, V& d2y) {
    const auto e = exponential(V(-2.0) * abs(x));
    using Fine = typename V::Fine;
    const Fine one(V(1.0));
    const auto far = e.plain < V(0.125);  // there 1 - 2e / (1 + e) carries less rounding
    const Fine ratio = select(far, e.fine + e.fine, -e.fine_minus_one) /
                       select(far, one + e.fine, Fine(V(2.0)) + e.fine_minus_one);
    const Fine square = one + fma(e.fine, e.fine, e.fine + e.fine);
    y = copysign(rounded(select(far, one - ratio, ratio)), x);
    dy = unscaled(V(4.0) * rounded(e.fine_scaled / square));
    // 8 e (1 - e) / (1 + e)^3 in twice the precision.
    const typename V::Wide s = typename V::Wide(V(1.0)) + e.wide;
    const V bend = rounded(e.wide_scaled * (V(-8.0) * e.minus_one) / (s * s * s));
    d2y = copysign(unscaled(bend), -x);
  }

  template <class V>
  static void from_output(V y, const Parameters<double>&, V& dy, V& d2y) {
    dy = (V(1.0) - y) * (V(1.0) + y);
    d2y = V(-2.0) * y * dy;
  }

  static std::vector<Claim> claims() {
    return {
        {Type::f32, 0, 2.3, -0x1.dbcp-3},          {Type::f32, 1, 2.3, -0x1.ae8p-2},
        {Type::f32, 2, 1.4, -0x1.81p-3},           {Type::f64, 0, 0.9, 0x1.6d4679a17b9ccp-3},
        {Type::f64, 1, 0.7, 0x1.78b86cd34cd08p+1}, {Type::f64, 2, 1.5, 0x1.8639abc63c13p-3},
    };
  }
};
