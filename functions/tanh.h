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

  // With e = exp(-2|x|): |tanh| = (1 - e) / (1 + e), and the slope 4 t (1 - t) with t = e / (1 + e), which
  // keeps its factor 2^shift until products are done.
  template <class V>
  static void kernel(V x, const Parameters<double>&, V& y, V& dy, V& d2y) {
    const auto e = exponential(V(-2.0) * abs(x));
    const auto sum = one_plus(e.plain);
    const auto t = e.scaled / sum, size = -e.minus_one / sum;
    y = copysign(rounded(size), x);
    dy = unscaled(V(4.0) * rounded(t * one_plus(-unscaled(t))));
    // -2 tanh times the slope.
    const V bend = V(8.0) * rounded(t * one_plus(-unscaled(t)) * size);
    d2y = copysign(unscaled(bend), -x);
  }

  template <class V>
  static void from_output(V y, const Parameters<double>&, V& dy, V& d2y) {
    dy = (V(1.0) - y) * (V(1.0) + y);
    d2y = V(-2.0) * y * dy;
  }

  static std::vector<Claim> claims() {
    return {
        {Type::f32, 0, 1.8, -0x1.b34p-3},          {Type::f32, 1, 1.4, 0x1.6266b6p+1},
        {Type::f32, 2, 2.8, -0x1.3fad62p+1},       {Type::f64, 0, 1.6, 0x1.01476b506fe8p-2},
        {Type::f64, 1, 1.3, 0x1.074d01d28fde4p+4}, {Type::f64, 2, 1.5, 0x1.5c7c470de8b04p+3},
    };
  }
};
