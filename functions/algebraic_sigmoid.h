// algebraic_sigmoid: an S from 0 to 1 made of a square root instead of an exponential. Its tails
// approach their limits as 1/(4 x^2) and its slope dies as 1/(2 |x|^3), far more slowly than the
// logistic sigmoid's e^-|x|; but a slope that integrates to 1 has to die, and what the tails keep,
// the middle lacks.
// SPDX-License-Identifier: Apache-2.0

struct algebraic_sigmoid {
  template <class T>
  struct Parameters {};

  static Info info() {
    return {
        .name = "algebraic_sigmoid",
        .aliases = {"AlgebraicSigmoid"},
        .title = "algebraic sigmoid",
        .formula = "1/2 (1 + x / sqrt(1 + x^2))",
        .slope = "1/2 (1 + x^2)^(-3/2)",
        .curvature = "-3/2 x (1 + x^2)^(-5/2)",
        .derivation =
            "(x / s)' = 1/s - x (x / s) / s^2 = (s^2 - x^2) / s^3 = 1 / s^3, with "
            "s = sqrt(1 + x^2) and s' = x / s",
        .symmetry = Symmetry::point,
        .slope_from_output = true,
        .from_output_note = "4 (y (1 - y))^(3/2): 0 once y has rounded to 1",
        .torch = "",
        .keras = "",
        .jax = "",
        .onnx = "",
        .onednn = "",
    };
  }

  static Interval range(const Parameters<double>&) { return {0, 1, true, true}; }
  static Limits limits(const Parameters<double>&) {
    return {.minus = {0, 0, 0}, .plus = {1, 0, -0.0}};
  }

  // For x < 0 the sum 1 + x/s cancels; multiplied by (s - x) above and below it does not.
  template <class T>
  static T truth(const T& x, const Parameters<T>&) {
    const T s = sqrt(1.0 + x * x);
    return x > 0.0 ? 1.0 - 0.5 / (s * (s + x)) : 0.5 / (s * (s - x));
  }

  // q = 1 + x^2 and its square root are carried to twice the precision, since three of their
  // powers meet in the curvature. From 2^60 on q is x^2, and its square would overflow.
  template <class V>
  static void kernel(V x, const Parameters<double>&, V& y, V& dy, V& d2y) {
    using W = typename V::Wide;
    const V a = abs(x), one(1.0);
    const auto far = a > V(0x1p60);
    const V near_a = select(far, V(0.0), a);
    const W q = W(one) + product(near_a, near_a);
    const V root = sqrt(rounded(q));
    const W s = W(root) + W(rounded(q - product(root, root)) / (V(2.0) * root));
    const W r = W(one) / W(a), r2 = r * r;
    const V tail = rounded(select(far, r2 * V(0.25), W(V(0.5)) / (q + s * near_a)));
    const W slope = W(V(0.5)) / q / s;
    y = select(x > V(0.0), one - tail, tail);
    dy = rounded(select(far, r2 * V(0.5) * r, slope));
    const V bend = rounded(select(far, r2 * V(1.5) * r2, slope * (V(3.0) * near_a) / q));
    d2y = copysign(bend, -x);
  }

  template <class V>
  static void from_output(V y, const Parameters<double>&, V& dy, V& d2y) {
    const V p = y * (V(1.0) - y);
    dy = V(4.0) * p * sqrt(p);
    d2y = V(24.0) * p * p * (V(1.0) - V(2.0) * y);
  }

  static std::vector<Claim> claims() {
    return {
        {Type::f32, 0, 1.6, 0x1.67b67p-6},           {Type::f32, 1, 1.1, 0x1.9c5a02p-13},
        {Type::f32, 2, 2.2, -0x1.7b40ecp+0},         {Type::f64, 0, 0.8, 0x1.b10db5fce5p-4},
        {Type::f64, 1, 0.8, 0x1.fffffffffffffp+340}, {Type::f64, 2, 1.5, -0x1.55af71625a976p+5},
    };
  }
};
