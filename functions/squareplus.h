// squareplus: softplus without the exponential, the upper branch of a hyperbola whose asymptotes are 0
// and x. b is how far it keeps from their corner. On the left it approaches 0 as b / (4 |x|), not
// exponentially, so its slope stays alive far longer than softplus's.
// SPDX-License-Identifier: Apache-2.0

struct squareplus {
  template <class T>
  struct Parameters {
    T b;
  };

  static Info info() {
    return {
        .name = "squareplus",
        .aliases = {"Squareplus", "SquarePlus"},
        .title = "squareplus",
        .formula = "(x + sqrt(x^2 + b)) / 2",
        .slope = "1/2 (1 + x / sqrt(x^2 + b))",
        .curvature = "b / 2 (x^2 + b)^(-3/2)",
        .derivation =
            "s' = x / s for s = sqrt(x^2 + b), so f' = (1 + x / s) / 2;  (x / s)' = 1/s - x^2 / "
            "s^3 = b / s^3",
        .parameters = {{.name = "b",
                        .value = 4,
                        .recommended = {0, 100, true, false},
                        .any = {0, kInfinity, true, true},
                        .meaning = "size of the bend: f(0) = sqrt(b) / 2"}},
        .slope_from_output = true,
        .from_output_note = "1 / (1 + b / (4 y^2)): loses nothing",
        .torch = "",
        .keras = "keras.activations.squareplus",
        .jax = "jax.nn.squareplus",
        .onnx = "",
        .onednn = "",
        .paper = "Barron 2021, arXiv:2112.11687",
    };
  }

  static Interval range(const Parameters<double>&) { return {0, kInfinity, true, true}; }
  static Limits limits(const Parameters<double>&) {
    return {.minus = {0, 0, 0}, .plus = {kInfinity, 1, 0}};
  }

  // Left of 0 the sum cancels; multiplied by (s - x) above and below it does not.
  template <class T>
  static T truth(const T& x, const Parameters<T>& p) {
    const T s = sqrt(x * x + p.b);
    return x > 0.0 ? (x + s) / 2.0 : p.b / (s - x) / 2.0;
  }

  // Beyond it x^2 would overflow, and b is nothing beside it.
  template <class V>
  static V reach(const Parameters<double>& p) {
    return sizeof(typename V::Scalar) == 4 ? V(0x1p62) : V(0x1p420 * std::max(1.0, std::sqrt(p.b)));
  }

  // With s = sqrt(a^2 + b), a = |x|: the value right of 0 is (s + a) / 2; left of it the two values'
  // product b / 4 divided by that. The slope left of 0 is b / 2 / (s (s + a)), right of it what is
  // missing of 1. Far out s is a; the power of
  // two taken off q keeps q s in range.
  template <class V>
  static void kernel(V x, const Parameters<double>& p, V& y, V& dy, V& d2y) {
    using Wide = typename V::Wide;
    const V a = abs(x), end = reach<V>(p);
    const auto right = x > V(0.0), far = a > end;
    const V near_a = select(far, end, a);
    const Wide b(p.b), q = product(near_a, near_a) + b;
    const V root = sqrt(rounded(q));
    const Wide s = Wide(root) + Wide(rounded(q - product(root, root)) / (V(2.0) * root));
    const Wide sum = s + Wide(near_a);
    const V half_b = rounded(b * V(0.5)), quarter_b = rounded(b * V(0.25));
    const V high = select(far, a, rounded(sum) * V(0.5));
    y = select(right, high, quarter_b / high);
    const V near_slope = select(far, quarter_b, half_b) / select(far, a, rounded(s * sum));
    const V slope = select(far, near_slope / a, near_slope);
    dy = select(right, V(1.0) - slope, slope);
    const V cube = rounded_or_infinite(unscaled(q) * s);
    const V bend = select(far, slope + slope, half_b) / select(far, a, cube);
    d2y = select(far, bend, unscaled(bend));
  }

  template <class V>
  static void from_output(V y, const Parameters<double>& p, V& dy, V& d2y) {
    const V one(1.0), b(p.b), low = b * V(0.25) / y;
    const V s = y + low;
    dy = one / (one + low / y);
    d2y = b * V(0.5) / s / s / s;
  }

  // 1 / (4 s).
  template <class V>
  static void parameter_slopes(V x, const Parameters<double>& p, Parameters<V>& dp) {
    const V a = abs(x), end = reach<V>(p);
    const auto far = a > end;
    const V near_a = select(far, end, a);
    dp.b = V(0.25) / select(far, a, sqrt(fma(near_a, near_a, V(p.b))));
  }

  static std::vector<Claim> claims() {
    return {
        {Type::f32, 0, 1.5, -0x1.fedb34p+3},
        {Type::f32, 1, 1.5, -0x1.a2639p-8},
        {Type::f32, 2, 1.5, 0x1.954p-4},
        {Type::f64, 0, 1.6, -0x1p+9},
        {Type::f64, 1, 1.6, -0x1.ffffffffffffep+8},
        {Type::f64, 2, 1.5, 0x1.4469be7f93aeep+5},
    };
  }
};
