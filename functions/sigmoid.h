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

  // With e = exp(-|x|): t = sigma(-|x|) = e / (1 + e) keeps its factor 2^shift until products are done,
  // and u = sigma(|x|) = 1 - t.
  template <class V>
  static void kernel(V x, const Parameters<double>&, V& y, V& dy, V& d2y) {
    const auto e = exponential(-abs(x));
    const V one(1.0);
    const auto sum = one_plus(e.plain);
    const auto t = e.scaled / sum, u = one_plus(-unscaled(t));
    const V left = unscaled(rounded(t));
    y = select(x > V(0.0), one - left, left);
    dy = unscaled(rounded(t * u));
    // sigma' (1 - e) / (1 + e). Next to 0 the curvature is -x/8 (1 - x^2/3), and -x/8 can be a tie of
    // the result's format.
    const V bend = rounded(t * u * (e.minus_one / sum));
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
        {Type::f32, 0, 1.4, -0x1.b7ap+1},         {Type::f32, 1, 1.4, -0x1.0872c2p+2},
        {Type::f32, 2, 3.5, -0x1.fffffep-13},     {Type::f64, 0, 1.3, -0x1.b93b1a7f26d4p+1},
        {Type::f64, 1, 1.4, 0x1.b4848f1861b4p+1}, {Type::f64, 2, 1.6, 0x1.62dcec2002b3p+2},
    };
  }
};
