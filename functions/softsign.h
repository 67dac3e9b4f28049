// softsign: x / (1 + |x|). An S shape from -1 to 1 whose tails approach their limits as 1/x, not
// exponentially: its slope 1 / (1 + |x|)^2 dies far more slowly than tanh's.
// SPDX-License-Identifier: Apache-2.0

struct softsign {
  template <class T>
  struct Parameters {};

  static constexpr bool quick = true;  // one division

  static Info info() {
    return {
        .name = "softsign",
        .aliases = {"soft_sign", "Softsign"},
        .title = "softsign",
        .formula = "x / (1 + |x|)",
        .slope = "1 / (1 + |x|)^2",
        .curvature = "-2 sign(x) / (1 + |x|)^3",
        .derivation = "for x > 0: (x / (1 + x))' = ((1 + x) - x) / (1 + x)^2 = 1 / (1 + x)^2;  odd",
        .symmetry = Symmetry::odd,
        .kinks = {{.at = 0,
                   .convention = "slope 1 from both sides; curvature 2: the branch x <= 0"}},
        .slope_from_output = true,
        .from_output_note = "(1 - |y|)^2: cancels as |y| nears 1",
        .torch = "torch.nn.Softsign",
        .keras = "keras.activations.softsign",
        .jax = "jax.nn.soft_sign",
        .onnx = "Softsign",
        .onednn = "",
        .paper = "Bergstra, Desjardins, Lamblin & Bengio 2009",
    };
  }

  static Interval range(const Parameters<double>&) { return {-1, 1, true, true}; }
  static Limits limits(const Parameters<double>&) {
    return {.minus = {-1, 0, 0}, .plus = {1, 0, -0.0}};
  }

  // Far out the slope of the quotient would cancel; that of what it is short of 1 does not.
  template <class T>
  static T truth(const T& x, const Parameters<T>&) {
    if (x > 1.0) return 1.0 - 1.0 / (1.0 + x);
    if (x < -1.0) return 1.0 / (1.0 - x) - 1.0;
    return x / (1.0 + abs(x));
  }

  // From 2^60 on 1 + a is a in any format here, and (1 + a)^2 would overflow.
  template <class V>
  static void kernel(V x, const Parameters<double>&, V& y, V& dy, V& d2y) {
    using Wide = typename V::Wide;
    const V a = abs(x), one(1.0);
    const auto far = a > V(0x1p60);
    const Wide inverse = Wide(one) / (Wide(one) + Wide(a));
    const V r = rounded(inverse);
    y = x / (one + a);
    dy = select(far, unscaled(r * scaled(one) * r), rounded(inverse * inverse));
    // With a factor 2^shift until the product is done.
    const V cube = unscaled(rounded(inverse * scaled(V(2.0)) * inverse * inverse));
    d2y = copysign(cube, select(x > V(0.0), V(-1.0), one));
  }

  template <class V>
  static void from_output(V y, const Parameters<double>&, V& dy, V& d2y) {
    const V t = V(1.0) - abs(y);
    dy = t * t;
    d2y = select(y > V(0.0), V(-2.0), V(2.0)) * t * t * t;
  }

  static std::vector<Claim> claims() {
    return {
        {Type::f32, 0, 1.5, -0x1.faap-13},
        {Type::f32, 1, 1.9, -0x1.794p+60},
        {Type::f32, 2, 0.8, -0x1.738da6p+42},
        {Type::f64, 0, 1.5, -0x1.f0f4b8eff9fbbp+4},
        {Type::f64, 1, 1.8, -0x1.8f65c2dff050fp+337},
        {Type::f64, 2, 0.6, -0x1p-54},
    };
  }
};
