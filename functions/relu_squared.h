// relu_squared: the square of relu. The corner of relu becomes a smooth start, and the slope 2x grows
// with the input: large activations learn faster, at the risk of gradients that grow from layer to
// layer. Found by a search over transformers.
// SPDX-License-Identifier: Apache-2.0

struct relu_squared {
  template <class T>
  struct Parameters {};

  static constexpr bool rounds_once = true;

  static Info info() {
    return {
        .name = "relu_squared",
        .aliases = {"relu2", "ReLUSquared", "squared_relu"},
        .title = "squared rectified linear unit",
        .formula = "x^2 for x > 0, 0 for x <= 0",
        .slope = "2 x for x > 0, 0 for x <= 0",
        .curvature = "2 for x > 0, 0 for x <= 0",
        .derivation = "(x^2)' = 2 x;  (0)' = 0",
        .kinks = {{.at = 0,
                   .convention = "slope 0 from both sides; curvature 0: the branch x <= 0, as "
                                 "PyTorch's relu(x)^2"}},
        .slope_from_output = true,
        .from_output_note = "2 sqrt(y): 0 once y has underflowed to 0",
        .torch = "",
        .keras = "",
        .jax = "",
        .onnx = "",
        .onednn = "",
        .paper = "So, Manke, Liu, Dai, Shazeer & Le 2021, arXiv:2109.08668",
    };
  }

  static Interval range(const Parameters<double>&) { return {0, kInfinity, false, true}; }
  static Limits limits(const Parameters<double>&) {
    return {.minus = {0, 0, 0}, .plus = {kInfinity, kInfinity, 2}};
  }

  template <class T>
  static T truth(const T& x, const Parameters<T>&) {
    return x > 0.0 ? x * x : real(x, 0.0);
  }

  // -0 stays -0, as in relu.
  template <class V>
  static void kernel(V x, const Parameters<double>&, V& y, V& dy, V& d2y) {
    const auto on = x > V(0.0);
    y = select(on, x * x, select(x < V(0.0), V(0.0), x));
    dy = select(on, x + x, V(0.0));
    d2y = select(on, V(2.0), V(0.0));
  }

  template <class V>
  static void from_output(V y, const Parameters<double>&, V& dy, V& d2y) {
    dy = V(2.0) * sqrt(y);
    d2y = select(y > V(0.0), V(2.0), V(0.0));
  }

  static std::vector<Claim> claims() {
    return {
        {Type::f32, 0, 0.5, 0}, {Type::f32, 1, 0, 0}, {Type::f32, 2, 0, 0},
        {Type::f64, 0, 0.5, 0}, {Type::f64, 1, 0, 0}, {Type::f64, 2, 0, 0},
    };
  }
};
