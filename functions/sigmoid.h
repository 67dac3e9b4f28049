// sigmoid, the logistic function: an S from 0 to 1 that turns any number into a probability. Its slope
// sigma(x) sigma(-x) is at most 1/4, so twenty sigmoid layers shrink a gradient by 0.25^20 = 9.1e-13
// unless the weights make up for it; and its outputs are never negative, so they carry a mean of 1/2
// along.
// SPDX-License-Identifier: Apache-2.0

struct sigmoid {
  template <class T>
  struct Parameters {};

  static Info info() {
    return {
        .name = "sigmoid",
        .aliases = {"logistic", "expit", "Sigmoid"},
        .title = "logistic sigmoid",
        .formula = "sigma(x) = 1 / (1 + e^-x)",
        .slope = "sigma(x) sigma(-x)",
        .curvature = "sigma(x) sigma(-x) (1 - 2 sigma(x))",
        .derivation =
            "(1 / (1 + e^-x))' = e^-x / (1 + e^-x)^2 = sigma(x) (1 - sigma(x)), and 1 - sigma(x) = "
            "sigma(-x)",
        .symmetry = Symmetry::point,
        .slope_from_output = true,
        .from_output_note = "y (1 - y): 0 once y has rounded to 1",
        .torch = "torch.nn.Sigmoid",
        .keras = "keras.activations.sigmoid",
        .jax = "jax.nn.sigmoid",
        .onnx = "Sigmoid",
        .onednn = "eltwise_logistic",
    };
  }

  static Interval range(const Parameters<double>&) { return {0, 1, true, true}; }
  static Limits limits(const Parameters<double>&) {
    return {.minus = {0, 0, 0}, .plus = {1, 0, -0.0}};
  }

  template <class T>
  static T truth(const T& x, const Parameters<T>&) {
    return logistic(x);
  }

  // With e = exp(-|x|): sigma = 1 / (1 + e) or e / (1 + e); the slope e / (1 + e)^2, the square
  // expanded to save a rounding.
  template <class V>
  static void kernel(V x, const Parameters<double>&, V& y, V& dy, V& d2y) {
    using Fine = typename V::Fine;
    const auto e = exponential(-abs(x));
    const V one(1.0);
    const Fine top = select(x > V(0.0), Fine(scaled(one)), e.fine_scaled);
    y = unscaled(rounded(top / (Fine(one) + e.fine)));
    dy = unscaled(rounded(e.fine_scaled / (Fine(one) + fma(e.fine, e.fine, e.fine + e.fine))));
    // e (1 - e) / (1 + e)^3 in twice the precision. Next to 0 the curvature is -x/8 (1 - x^2/3), and
    // -x/8 can be a tie of the result's format.
    const typename V::Wide s = typename V::Wide(one) + e.wide;
    const V bend = rounded(e.wide_scaled * e.minus_one / (s * s * s));
    d2y = select(abs(x) < V(0x1p-60), x * V(-0.125) * (one - x * x / V(3.0)),
                 copysign(unscaled(bend), -x));
  }

  template <class V>
  static void from_output(V y, const Parameters<double>&, V& dy, V& d2y) {
    dy = y * (V(1.0) - y);
    d2y = dy * (V(1.0) - V(2.0) * y);
  }

  static std::vector<Claim> claims() {
    return {
        {Type::f32, 0, 2.5, -0x1.f56p+0},          {Type::f32, 1, 2.4, -0x1.587b02p+1},
        {Type::f32, 2, 1.6, -0x1.81p-2},           {Type::f64, 0, 0.7, -0x1.2b6b9c5b20c22p+3},
        {Type::f64, 1, 0.7, 0x1.2da5302b209ecp+5}, {Type::f64, 2, 1.4, -0x1.fffffffffffffp-2},
    };
  }
};
