// relu6: relu cut off at 6. The ceiling keeps activations within the range of numbers of few bits,
// which is why it came with networks for telephones; above it the slope is exactly 0, as it is below 0.
// SPDX-License-Identifier: Apache-2.0

struct relu6 {
  template <class T>
  struct Parameters {};

  static constexpr bool rounds_once = true;

  static Info info() {
    return {
        .name = "relu6",
        .aliases = {"ReLU6"},
        .title = "rectified linear unit cut off at 6",
        .formula = "0 for x <= 0, x for 0 < x < 6, 6 for x >= 6",
        .slope = "1 for 0 < x < 6, 0 elsewhere",
        .curvature = "0",
        .derivation = "(x)' = 1;  (0)' = (6)' = 0",
        .kinks = {{.at = 0,
                   .convention = "slope 0: the branch x <= 0, as PyTorch, TensorFlow and JAX"},
                  {.at = 6,
                   .convention = "slope 0: the branch x >= 6, as PyTorch, TensorFlow and JAX"}},
        .slope_from_output = true,
        .from_output_note = "1 for 0 < y < 6, 0 at the ends: loses nothing",
        .torch = "torch.nn.ReLU6",
        .keras = "keras.activations.relu6",
        .jax = "jax.nn.relu6",
        .onnx = "Clip",
        .onednn = "eltwise_clip_v2",
        .paper = "Krizhevsky 2010, Convolutional deep belief networks on CIFAR-10",
    };
  }

  static Interval range(const Parameters<double>&) { return {0, 6}; }
  static Limits limits(const Parameters<double>&) {
    return {.minus = {0, 0, 0}, .plus = {6, 0, 0}};
  }

  template <class T>
  static T truth(const T& x, const Parameters<T>&) {
    return x <= 0.0 ? real(x, 0.0) : x >= 6.0 ? real(x, 6.0) : x;
  }

  // -0 stays -0, as in relu.
  template <class V>
  static void kernel(V x, const Parameters<double>&, V& y, V& dy, V& d2y) {
    const V none(0.0), most(6.0);
    y = select(x < none, none, select(x > most, most, x));
    dy = select(both(x > none, x < most), V(1.0), none);
    d2y = none;
  }

  template <class V>
  static void from_output(V y, const Parameters<double>&, V& dy, V& d2y) {
    dy = select(both(y > V(0.0), y < V(6.0)), V(1.0), V(0.0));
    d2y = V(0.0);
  }

  static std::vector<Claim> claims() {
    return {
        {Type::f32, 0, 0, 0}, {Type::f32, 1, 0, 0}, {Type::f32, 2, 0, 0},
        {Type::f64, 0, 0, 0}, {Type::f64, 1, 0, 0}, {Type::f64, 2, 0, 0},
    };
  }
};
