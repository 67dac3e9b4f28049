// identity: f(x) = x. The activation of a layer without one. Its slope is 1 everywhere, so gradients
// pass unchanged, and a stack of such layers can do no more than a single one.
// SPDX-License-Identifier: Apache-2.0

struct identity {
  template <class T>
  struct Parameters {};

  static constexpr bool rounds_once = true;

  static Info info() {
    return {
        .name = "identity",
        .aliases = {"linear", "Identity"},
        .title = "identity",
        .formula = "x",
        .slope = "1",
        .curvature = "0",
        .derivation = "(x)' = 1",
        .symmetry = Symmetry::odd,
        .slope_from_output = true,
        .from_output_note = "1: loses nothing",
        .torch = "torch.nn.Identity",
        .keras = "keras.activations.linear",
        .jax = "jax.nn.identity",
        .onnx = "Identity",
        .onednn = "eltwise_linear",
    };
  }

  static Interval range(const Parameters<double>&) { return {-kInfinity, kInfinity, true, true}; }
  static Limits limits(const Parameters<double>&) {
    return {.minus = {-kInfinity, 1, 0}, .plus = {kInfinity, 1, 0}};
  }

  template <class T>
  static T truth(const T& x, const Parameters<T>&) {
    return x;
  }

  template <class V>
  static void kernel(V x, const Parameters<double>&, V& y, V& dy, V& d2y) {
    y = x;
    dy = V(1.0);
    d2y = V(0.0);
  }

  template <class V>
  static void from_output(V y, const Parameters<double>&, V& dy, V& d2y) {
    static_cast<void>(y);
    dy = V(1.0);
    d2y = V(0.0);
  }

  static std::vector<Claim> claims() {
    return {
        {Type::f32, 0, 0, 0}, {Type::f32, 1, 0, 0}, {Type::f32, 2, 0, 0},
        {Type::f64, 0, 0, 0}, {Type::f64, 1, 0, 0}, {Type::f64, 2, 0, 0},
    };
  }
};
