// hard_mish: mish drawn with two straight lines and a parabola, x / 2 min(2, max(0, x + 2)). As in
// mish, a shallow valley on the left lets gradients pass where relu is off, but below -2 it is flat.
// SPDX-License-Identifier: Apache-2.0

struct hard_mish {
  template <class T>
  struct Parameters {};

  static Info info() {
    return {
        .name = "hard_mish",
        .aliases = {"HardMish", "hardmish"},
        .title = "hard mish",
        .formula = "0 for x < -2, x (x + 2) / 2 for -2 <= x <= 0, x for x > 0",
        .slope = "0 for x < -2, x + 1 for -2 <= x <= 0, 1 for x > 0",
        .curvature = "1 for -2 <= x <= 0, 0 elsewhere",
        .derivation = "(x (x + 2) / 2)' = (x^2 / 2 + x)' = x + 1;  (0)' = 0;  (x)' = 1",
        .kinks = {{.at = -2,
                   .convention = "slope -1, curvature 1: the branch x >= -2, as timm's backward"},
                  {.at = 0,
                   .convention = "slope 1 from both sides; curvature 1: the branch x <= 0"}},
        .torch = "timm.layers.HardMish",
        .keras = "",
        .jax = "",
        .onnx = "",
        .onednn = "",
        .paper = "Misra 2020, H-Mish",
    };
  }

  static Interval range(const Parameters<double>&) { return {-0.5, kInfinity, false, true}; }
  static Limits limits(const Parameters<double>&) {
    return {.minus = {0, 0, 0}, .plus = {kInfinity, 1, 0}};
  }

  template <class T>
  static T truth(const T& x, const Parameters<T>&) {
    return x < -2.0 ? real(x, 0.0) : x <= 0.0 ? x * (x + 2.0) / 2.0 : x;
  }

  template <class V>
  static void kernel(V x, const Parameters<double>&, V& y, V& dy, V& d2y) {
    const V none(0.0), one(1.0);
    const auto off = x<V(-2.0), right = x> none;
    const V inner = select(off | right, none, x);
    // Halved before it is multiplied: subnormal numbers stay what they are, and -0 stays -0.
    const V half = (inner + V(2.0)) * V(0.5);
    y = select(x > V(-2.0), select(x < none, inner * half, x), none);
    dy = select(off, none, inner + one);
    d2y = select(off | right, none, one);
  }

  static std::vector<Claim> claims() {
    return {
        {Type::f32, 0, 1.5, -0x1.ec8c12p-1},        {Type::f32, 1, 0.5, 0}, {Type::f32, 2, 0, 0},
        {Type::f64, 0, 1.1, -0x1.0000000000002p-2}, {Type::f64, 1, 0.5, 0}, {Type::f64, 2, 0, 0},
    };
  }
};
