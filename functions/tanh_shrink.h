// tanh_shrink: x - tanh(x). Flat at 0, where it is x^3 / 3, and parallel to the line far out: small
// inputs are shrunk to almost nothing. Taking the difference would lose every digit near 0.
// SPDX-License-Identifier: Apache-2.0

struct tanh_shrink {
  template <class T>
  struct Parameters {};

  static Info info() {
    return {
        .name = "tanh_shrink",
        .aliases = {"Tanhshrink", "tanhshrink"},
        .title = "tanh shrinkage",
        .formula = "x - tanh(x)",
        .slope = "tanh(x)^2",
        .curvature = "2 tanh(x) (1 - tanh(x)^2)",
        .derivation = "(x - tanh(x))' = 1 - (1 - tanh(x)^2)",
        .symmetry = Symmetry::odd,
        .torch = "torch.nn.Tanhshrink",
        .keras = "keras.activations.tanh_shrink",
    };
  }

  static Interval range(const Parameters<double>&) { return {-kInfinity, kInfinity, true, true}; }
  static Limits limits(const Parameters<double>&) {
    return {.minus = {-kInfinity, 1, -0.0}, .plus = {kInfinity, 1, 0}};
  }

  // Beyond 1 with tanh(x) = 1 - 2 / (e^(2x) + 1), which decides where x - 1 is a tie.
  template <class T>
  static T truth(const T& x, const Parameters<T>&) {
    if (x > 1) return (x - 1.0) + 2.0 * logistic(-2.0 * x);
    if (x < -1) return (x + 1.0) - 2.0 * logistic(2.0 * x);
    return x - tanh(x);
  }

  // Up to 1 by the polynomial P of x - tanh x = x^3 P(x^2), which also gives tanh(x) / x = 1 - x^2 P;
  // beyond with e = exp(-2|x|): x - 1 + 2 e / (1 + e), and 1 - 4 e / (1 + e)^2.
  template <class V>
  static void kernel(V x, const Parameters<double>&, V& y, V& dy, V& d2y) {
    using Wide = typename V::Wide;
    const V a = abs(x), one(1.0);
    const auto near = a < one;
    const auto e = exponential(V(-2.0) * a);
    const Wide s = Wide(one) + e.wide, square = product(a, a);
    const V gap = tanh_gap(rounded(square));

    const V cubic = unscaled(rounded(square * scaled(a) * gap));
    y = copysign(select(near, cubic, (a - one) + rounded((e.wide + e.wide) / s)), x);

    const Wide ratio = Wide(one) - Wide(rounded(square) * gap);
    dy = select(near, rounded(square * (ratio * ratio)), one - rounded(e.wide * V(4.0) / (s * s)));
    // 8 e (1 - e) / (1 + e)^3.
    const V bend = rounded(e.wide_scaled * (V(-8.0) * e.minus_one) / (s * s * s));
    d2y = copysign(unscaled(bend), x);
  }

  static std::vector<Claim> claims() {
    return {
        {Type::f32, 0, 1.8, -0x1.cf8574p-11},        {Type::f32, 1, 1.5, 0x1.a833fcp-68},
        {Type::f32, 2, 2.8, -0x1.3fad62p+1},         {Type::f64, 0, 1.6, 0x1.1dd89eedc2fc6p-13},
        {Type::f64, 1, 1.5, 0x1.a4257680169a3p-515}, {Type::f64, 2, 1.2, -0x1.fffffffffffffp-3},
    };
  }
};
