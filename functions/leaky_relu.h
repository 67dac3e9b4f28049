// leaky_relu: x for x > 0, negative_slope times x below. The small slope keeps the negative side
// alive: a unit that is off still passes a hundredth of its gradient, so it cannot die as relu's units
// can.
// SPDX-License-Identifier: Apache-2.0

struct leaky_relu {
  template <class T>
  struct Parameters {
    T negative_slope;
  };

  static constexpr bool rounds_once = true;

  static Info info() {
    return {
        .name = "leaky_relu",
        .aliases = {"LeakyReLU", "LeakyRelu"},
        .title = "leaky rectified linear unit",
        .formula = "x for x > 0, negative_slope x for x <= 0",
        .slope = "1 for x > 0, negative_slope for x <= 0",
        .curvature = "0",
        .derivation = "(x)' = 1;  (negative_slope x)' = negative_slope",
        .parameters = {{.name = "negative_slope",
                        .value = 0.01,
                        .recommended = {0, 1, false, false},
                        .any = {0, kInfinity, false, true},
                        .meaning = "the slope for x <= 0"}},
        .kinks = {{.at = 0, .convention = "slope negative_slope: the branch x <= 0, as PyTorch"}},
        .slope_from_output = true,
        .from_output_note =
            "1 for y > 0, negative_slope for y <= 0: loses nothing, but needs negative_slope >= 0",
        .torch = "torch.nn.LeakyReLU",
        .keras = "keras.activations.leaky_relu",
        .jax = "jax.nn.leaky_relu",
        .onnx = "LeakyRelu",
        .onednn = "eltwise_relu",
        .paper = "Maas, Hannun & Ng 2013, ICML",
    };
  }

  static Interval range(const Parameters<double>& p) {
    return Interval{p.negative_slope > 0 ? -kInfinity : 0, kInfinity, p.negative_slope > 0, true};
  }
  static Limits limits(const Parameters<double>& p) {
    return {
        .minus = {p.negative_slope == 0 ? 0 : -kInfinity * p.negative_slope, p.negative_slope, 0},
        .plus = {kInfinity, 1, 0}};
  }

  template <class T>
  static T truth(const T& x, const Parameters<T>& p) {
    return x > 0 ? x : p.negative_slope * x;
  }

  template <class V>
  static void kernel(V x, const Parameters<double>& p, V& y, V& dy, V& d2y) {
    const auto right = x > V(0.0);
    const V left = p.negative_slope == 0 ? V(0.0) : V(p.negative_slope) * x;  // not -0
    y = select(x < V(0.0), left, x);                                          // -0 stays -0
    dy = select(right, V(1.0), V(p.negative_slope));
    d2y = V(0.0);
  }

  template <class V>
  static void from_output(V y, const Parameters<double>& p, V& dy, V& d2y) {
    const auto right = y > V(0.0);
    dy = select(right, V(1.0), V(p.negative_slope));
    d2y = V(0.0);
  }

  template <class V>
  static void parameter_slopes(V x, const Parameters<double>&, Parameters<V>& dp) {
    dp.negative_slope = select(x > V(0.0), V(0.0), x);
  }

  static std::vector<Claim> claims() {
    return {
        {Type::f32, 0, 1.8, -0x1.ff2b76p-121},
        {Type::f32, 1, 0.6, -0x1.734p+126},
        {Type::f32, 2, 0, 0},
        {Type::f64, 0, 1, -0x1.0000000000001p-1016},
        {Type::f64, 1, 0, 0},
        {Type::f64, 2, 0, 0},
    };
  }
};
