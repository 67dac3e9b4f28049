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
    return {.minus = {-1, 0, 0}, .plus = {1, 0, 0}};
  }

  template <class T>
  static T truth(const T& x, const Parameters<T>&) {
    return hyperbolic_tangent(x);  // tanh(x) here would name this struct
  }

  // With e = exp(-2|x|): |tanh| = (1 - e) / (1 + e), the slope 4 e / (1 + e)^2.
  template <class V>
  static void kernel(V x, const Parameters<double>&, V& y, V& dy, V& d2y) {
    const auto e = exponential(V(-2.0) * abs(x));
    const auto far = e.plain < V(0.125);  // there 1 - 2e / (1 + e) carries less rounding
    const V ratio = select(far, V(2.0) * e.plain, -e.minus_one) /
                    select(far, V(1.0) + e.plain, V(2.0) + e.minus_one);
    const V size = select(far, V(1.0) - ratio, ratio);
    const V slope = V(4.0) * e.scaled / (V(1.0) + fma(e.plain, e.plain, V(2.0) * e.plain));
    y = copysign(size, x);
    dy = unscaled(slope);
    d2y = copysign(unscaled(V(2.0) * size * slope), -x);
  }

  template <class V>
  static void from_output(V y, const Parameters<double>&, V& dy, V& d2y) {
    dy = (V(1.0) - y) * (V(1.0) + y);
    d2y = V(-2.0) * y * dy;
  }

  static std::vector<Claim> claims() {
    return {
        {Type::f32, 0, 2.3, -0x1.dbcp-3},        {Type::f32, 1, 2.3, -0x1.ae8p-2},
        {Type::f32, 2, 3.6, -0x1.15ep-2},        {Type::f64, 0, 2, 0x1.14f0b73dap-1},
        {Type::f64, 1, 2, -0x1.b3d02f9de50cp+0}, {Type::f64, 2, 2.9, -0x1.3eac27be624ep+0},
    };
  }
};
