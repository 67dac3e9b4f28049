// sine: it neither saturates nor settles. Every bounded stretch of inputs is bent back into [-1, 1], which
// lets networks write down images and waves in few units (SIREN), and every half turn has a maximum, a
// dead point for the gradient, so it depends on its initialisation as no other function here.
// SPDX-License-Identifier: Apache-2.0

struct sine {
  template <class T>
  struct Parameters {};

  static Info info() {
    return {
        .name = "sine",
        .aliases = {"sin", "Sin", "siren"},
        .title = "sine",
        .formula = "sin(x)",
        .slope = "cos(x)",
        .curvature = "-sin(x)",
        .derivation = "cos(x) = sin(x + pi/2): each derivative is a quarter turn ahead",
        .symmetry = Symmetry::odd,
        .torch = "torch.sin",
        .keras = "keras.ops.sin",
        .jax = "jax.numpy.sin",
        .onnx = "Sin",
        .onednn = "",
        .paper = "Sitzmann, Martel, Bergman, Lindell & Wetzstein 2020, arXiv:2006.09661",
    };
  }

  static Interval range(const Parameters<double>&) { return {-1, 1, false, false}; }
  static Limits limits(const Parameters<double>&) {
    constexpr double none = std::numeric_limits<double>::quiet_NaN();
    return {.minus = {none, none, none}, .plus = {none, none, none}};
  }

  template <class T>
  static T truth(const T& x, const Parameters<T>&) {
    return sin(x);
  }

  template <class V>
  static void kernel(V x, const Parameters<double>&, V& y, V& dy, V& d2y) {
    const V s = rounded(sinusoid(x, 1, 0));
    y = select(abs(x) < V(0x1p-60), x, s);  // -0 stays -0
    dy = rounded(sinusoid(x, 1, 2));
    d2y = -y;
  }

  static std::vector<Claim> claims() {
    return {
        {Type::f32, 0, 0.51, -0x1.2796f2p+19},    {Type::f32, 1, 0.51, -0x1.9p-8},
        {Type::f32, 2, 0.51, -0x1.2796f2p+19},    {Type::f64, 0, 0.7, -0x1.0000000000002p+8},
        {Type::f64, 1, 0.7, -0x1.3fc1b603c61p-3}, {Type::f64, 2, 0.7, -0x1.0000000000002p+8},
    };
  }
};
