// relu, the rectified linear unit: x for x > 0 and 0 below. Cheap, and its slope is exactly 1 where it
// is on, so gradients pass through active units unchanged; where it is off the slope is exactly 0, and
// a unit that is off for every input no longer learns: a dead unit.
// SPDX-License-Identifier: Apache-2.0

struct relu {
  template <class T>
  struct Parameters {};

  static constexpr bool rounds_once = true;

  static Info info() {
    return {
        .name = "relu",
        .aliases = {"ReLU"},
        .title = "rectified linear unit",
        .formula = "x for x > 0, 0 for x <= 0",
        .slope = "1 for x > 0, 0 for x <= 0",
        .curvature = "0",
        .derivation = "(x)' = 1;  (0)' = 0",
        .kinks = {{.at = 0,
                   .convention = "slope 0: the branch x <= 0, as PyTorch, TensorFlow and JAX"}},
        .slope_from_output = true,
        .from_output_note = "1 for y > 0, 0 for y <= 0: loses nothing",
        .torch = "torch.nn.ReLU",
        .keras = "keras.activations.relu",
        .jax = "jax.nn.relu",
        .onnx = "Relu",
        .onednn = "eltwise_relu",
        .paper = "Nair & Hinton 2010, ICML",
    };
  }

  static Interval range(const Parameters<double>&) { return {0, kInfinity, false, true}; }
  static Limits limits(const Parameters<double>&) {
    return {.minus = {0, 0, 0}, .plus = {kInfinity, 1, 0}};
  }

  template <class T>
  static T truth(const T& x, const Parameters<T>&) {
    return x > 0 ? x : real(x, 0.0);
  }

  // -0 stays -0, as in PyTorch.
  template <class V>
  static void kernel(V x, const Parameters<double>&, V& y, V& dy, V& d2y) {
    const auto off = x < V(0.0);
    y = select(off, V(0.0), x);
    dy = select(x > V(0.0), V(1.0), V(0.0));
    d2y = V(0.0);
  }

  template <class V>
  static void from_output(V y, const Parameters<double>&, V& dy, V& d2y) {
    dy = select(y > V(0.0), V(1.0), V(0.0));
    d2y = V(0.0);
  }

  static std::vector<Claim> claims() {
    return {
        {Type::f32, 0, 0, 0}, {Type::f32, 1, 0, 0}, {Type::f32, 2, 0, 0},
        {Type::f64, 0, 0, 0}, {Type::f64, 1, 0, 0}, {Type::f64, 2, 0, 0},
    };
  }
};
