// exponential: e^x, its own slope and curvature. As an activation it makes a positive number of any,
// a rate or a variance; its slope grows without bound, so a large input is an explosion.
// SPDX-License-Identifier: Apache-2.0

struct exponential {
  template <class T>
  struct Parameters {};

  static Info info() {
    return {
        .name = "exponential",
        .aliases = {"exp", "Exp"},
        .title = "exponential function",
        .formula = "e^x",
        .slope = "e^x",
        .curvature = "e^x",
        .derivation = "e^(x + h) = e^x e^h, and (e^h - 1) / h nears 1 as h nears 0",
        .slope_from_output = true,
        .from_output_note = "y: loses nothing",
        .torch = "torch.exp",
        .keras = "keras.activations.exponential",
        .jax = "jax.numpy.exp",
        .onnx = "Exp",
        .onednn = "eltwise_exp",
    };
  }

  static Interval range(const Parameters<double>&) { return {0, kInfinity, true, true}; }
  static Limits limits(const Parameters<double>&) {
    return {.minus = {0, 0, 0}, .plus = {kInfinity, kInfinity, kInfinity}};
  }

  template <class T>
  static T truth(const T& x, const Parameters<T>&) {
    return exp(x);
  }

  template <class V>
  static void kernel(V x, const Parameters<double>&, V& y, V& dy, V& d2y) {
    y = dy = d2y = power_of_e(x);
  }

  template <class V>
  static void from_output(V y, const Parameters<double>&, V& dy, V& d2y) {
    dy = d2y = y;
  }

  static std::vector<Claim> claims() {
    return {
        {Type::f32, 0, 1.3, -0x1.7863d2p+0},       {Type::f32, 1, 1.3, -0x1.7863d2p+0},
        {Type::f32, 2, 2, 0x1.837a98p+2},          {Type::f64, 0, 0.9, 0x1.8516a06e1b538p+3},
        {Type::f64, 1, 0.9, 0x1.8516a06e1b538p+3}, {Type::f64, 2, 0.9, 0x1.8516a06e1b538p+3},
    };
  }
};
