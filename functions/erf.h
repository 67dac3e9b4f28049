// erf, the error function: an odd S from -1 to 1, the probability that a normal variable of variance 1/2
// lies within |x| of 0. Its tails are the lightest here: at x = 4 it is 1 for a float, and the slope
// falls as e^(-x^2).
// SPDX-License-Identifier: Apache-2.0

struct erf {
  template <class T>
  struct Parameters {};

  static Info info() {
    return {
        .name = "erf",
        .aliases = {"Erf"},
        .title = "error function",
        .formula = "erf(x) = 2/sqrt(pi) times the integral of e^(-t^2) from 0 to x",
        .slope = "2/sqrt(pi) e^(-x^2)",
        .curvature = "-4 x / sqrt(pi) e^(-x^2)",
        .derivation = "the slope of an integral is its integrand;  (e^(-x^2))' = -2 x e^(-x^2)",
        .symmetry = Symmetry::odd,
        .torch = "torch.erf",
        .keras = "keras.ops.erf",
        .jax = "jax.lax.erf",
        .onnx = "Erf",
        .onednn = "",
    };
  }

  static Interval range(const Parameters<double>&) { return {-1, 1, true, true}; }
  static Limits limits(const Parameters<double>&) {
    return {.minus = {-1, 0, 0}, .plus = {1, 0, -0.0}};
  }

  template <class T>
  static T truth(const T& x, const Parameters<T>&) {
    return error_function(x);
  }

  // The slope's exponential takes x^2 with its low half, whose error would be multiplied by x^2.
  template <class V>
  static void kernel(V x, const Parameters<double>&, V& y, V& dy, V& d2y) {
    using Wide = typename V::Wide;
    const V a = abs(x);
    const Wide steepest(0x1.20dd750429b6dp+0, 0x1.1ae3a914fed80p-56);  // 2/sqrt(pi)
    y = copysign(rounded(error_function(x)), x);                       // -0 stays -0

    const V near_a = select(a > V(100.0), V(100.0), a);
    const Wide slope = exponential(-product(near_a, near_a)).wide_scaled * steepest;
    dy = unscaled(rounded(slope));
    d2y = copysign(unscaled(rounded(slope * (V(2.0) * near_a))), -x);
  }

  static std::vector<Claim> claims() {
    return {
        {Type::f32, 0, 1.4, -0x1.b1ea88p-127},     {Type::f32, 1, 1.4, -0x1.e23acp+1},
        {Type::f32, 2, 3, 0x1.4fbf78p+2},          {Type::f64, 0, 0.9, 0x1.e4e31822a4c4p-1},
        {Type::f64, 1, 0.8, 0x1.a9fa7488ba654p+4}, {Type::f64, 2, 0.7, -0x1.ab2f8802586d7p+4},
    };
  }
};
