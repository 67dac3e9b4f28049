// hard_swish: silu with its sigmoid replaced by the ramp of hard_sigmoid, x relu6(x + 3) / 6. It needs
// no exponential, which is what made it the activation of networks for telephones.
// SPDX-License-Identifier: Apache-2.0

struct hard_swish {
  template <class T>
  struct Parameters {};

  static Info info() {
    return {
        .name = "hard_swish",
        .aliases = {"Hardswish", "HardSwish", "hardswish", "hard_silu"},
        .title = "hard swish",
        .formula = "0 for x <= -3, x (x + 3) / 6 for -3 < x < 3, x for x >= 3",
        .slope = "0 for x <= -3, (2 x + 3) / 6 for -3 < x < 3, 1 for x >= 3",
        .curvature = "1/3 for -3 < x < 3, 0 elsewhere",
        .derivation = "(x (x + 3) / 6)' = (x^2 / 6 + x / 2)' = x / 3 + 1/2;  (0)' = 0;  (x)' = 1",
        .kinks = {{.at = -3, .convention = "slope 0: the branch x <= -3, as PyTorch and JAX"},
                  {.at = 3, .convention = "slope 1: the branch x >= 3, as PyTorch and JAX"}},
        .torch = "torch.nn.Hardswish",
        .keras = "keras.activations.hard_swish",
        .jax = "jax.nn.hard_swish",
        .onnx = "HardSwish",
        .onednn = "eltwise_hardswish",
        .paper = "Howard et al. 2019, arXiv:1905.02244",
    };
  }

  static Interval range(const Parameters<double>&) { return {-0.375, kInfinity, false, true}; }
  static Limits limits(const Parameters<double>&) {
    return {.minus = {0, 0, 0}, .plus = {kInfinity, 1, 0}};
  }

  template <class T>
  static T truth(const T& x, const Parameters<T>&) {
    return x <= -3.0 ? real(x, 0.0) : x >= 3.0 ? x : x * (x + 3.0) / 6.0;
  }

  template <class V>
  static void kernel(V x, const Parameters<double>&, V& y, V& dy, V& d2y) {
    const V none(0.0), one(1.0), three(3.0), six(6.0);
    const auto above = x > V(-3.0), below = x < V(3.0);
    const V inner = select(above & below, x, none);
    const V bowl = divided(inner * (inner + three), six);
    y = select(above, select(below, copysign(bowl, x), x), none);
    const V ramp = divided(inner + inner + three, six);
    dy = select(above, select(below, ramp, one), none);
    d2y = select(above & below, V(0x1.5555555555555p-2, 0x1.5555555555555p-56), none);
  }

  static std::vector<Claim> claims() {
    return {
        {Type::f32, 0, 1.9, 0x1.35093cp+0},        {Type::f32, 1, 1.1, -0x1.ffffecp-2},
        {Type::f32, 2, 0.4, -0x1.7ff928p+1},       {Type::f64, 0, 1.7, 0x1.ffffffffffffep-53},
        {Type::f64, 1, 1.1, 0x1.0000000000002p-1}, {Type::f64, 2, 0.4, -0x1.7d4152a5dadbp+1},
    };
  }
};
