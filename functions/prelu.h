// prelu, the parametric rectified linear unit: x for x > 0, a x below, where a is learned along with
// the weights, starting from 0.25. As leaky_relu it cannot die; how steep its negative side is, the
// data decide.
// SPDX-License-Identifier: Apache-2.0

struct prelu {
  template <class T>
  struct Parameters {
    T a;
  };

  static constexpr bool rounds_once = true;

  static Info info() {
    return {
        .name = "prelu",
        .aliases = {"PReLU", "PRelu"},
        .title = "parametric rectified linear unit",
        .formula = "x for x > 0, a x for x <= 0",
        .slope = "1 for x > 0, a for x <= 0",
        .curvature = "0",
        .derivation = "(x)' = 1;  (a x)' = a",
        .parameters = {{.name = "a",
                        .value = 0.25,
                        .recommended = {0, 1, false, false},
                        .any = {-kInfinity, kInfinity, true, true},
                        .learned = true,
                        .meaning = "the slope for x <= 0"}},
        .kinks = {{.at = 0, .convention = "slope a: the branch x <= 0, as PyTorch"}},
        .slope_from_output = true,
        .from_output_note = "1 for y > 0, a for y <= 0: loses nothing, but needs a >= 0",
        .torch = "torch.nn.PReLU",
        .keras = "keras.layers.PReLU",
        .jax = "flax.linen.PReLU",
        .onnx = "PRelu",
        .onednn = "prelu",
        .paper = "He, Zhang, Ren & Sun 2015, arXiv:1502.01852",
    };
  }

  static Interval range(const Parameters<double>& p) {
    return Interval{p.a > 0 ? -kInfinity : 0, kInfinity, p.a > 0, true};
  }
  static Limits limits(const Parameters<double>& p) {
    return {.minus = {p.a == 0 ? 0 : -kInfinity * p.a, p.a, 0}, .plus = {kInfinity, 1, 0}};
  }

  template <class T>
  static T truth(const T& x, const Parameters<T>& p) {
    return x > 0 ? x : p.a * x;
  }

  template <class V>
  static void kernel(V x, const Parameters<double>& p, V& y, V& dy, V& d2y) {
    const auto right = x > V(0.0);
    const V left = p.a == 0 ? V(0.0) : V(p.a) * x;  // not -0
    y = select(x < V(0.0), left, x);                // -0 stays -0
    dy = select(right, V(1.0), V(p.a));
    d2y = V(0.0);
  }

  static bool invertible(const Parameters<double>& p) { return p.a >= 0; }

  template <class V>
  static void from_output(V y, const Parameters<double>& p, V& dy, V& d2y) {
    const auto right = y > V(0.0);
    dy = select(right, V(1.0), V(p.a));
    d2y = V(0.0);
  }

  template <class V>
  static void parameter_slopes(V x, const Parameters<double>&, Parameters<V>& dp) {
    dp.a = select(x > V(0.0), V(0.0), x);
  }

  static std::vector<Claim> claims() {
    return {
        {Type::f32, 0, 0.6, -0x1.fffffep-125},         {Type::f32, 1, 0, 0}, {Type::f32, 2, 0, 0},
        {Type::f64, 0, 0.6, -0x0.0000000000042p-1022}, {Type::f64, 1, 0, 0}, {Type::f64, 2, 0, 0},
    };
  }
};
