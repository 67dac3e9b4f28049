// gelu, the Gaussian error linear unit: x Phi(x), x times the probability that a standard normal is
// below x. Like silu it bends smoothly and dips (to -0.170 at x = -0.752), but its tail on the left
// falls as fast as e^(-x^2/2). Its erf form, computed as written, loses that tail in every framework.
// SPDX-License-Identifier: Apache-2.0

struct gelu {
  template <class T>
  struct Parameters {};

  static Info info() {
    return {
        .name = "gelu",
        .aliases = {"GELU", "Gelu", "gelu_erf"},
        .title = "Gaussian error linear unit",
        .formula = "x Phi(x), Phi(x) = erfc(-x / sqrt(2)) / 2",
        .slope = "Phi(x) + x phi(x), phi(x) = e^(-x^2/2) / sqrt(2 pi)",
        .curvature = "phi(x) (2 - x^2)",
        .derivation =
            "(x Phi)' = Phi + x Phi', Phi' = phi;  phi' = -x phi gives the curvature 2 phi - x^2 "
            "phi",
        .torch = "torch.nn.GELU",
        .keras = "keras.activations.gelu",
        .jax = "jax.nn.gelu(approximate=False)",
        .onnx = "Gelu",
        .onednn = "eltwise_gelu_erf",
        .paper = "Hendrycks & Gimpel 2016, arXiv:1606.08415",
    };
  }

  static Interval range(const Parameters<double>&) {
    return {-0.16997120747990369, kInfinity, false, true};
  }
  static Limits limits(const Parameters<double>&) {
    return {.minus = {0, 0, 0}, .plus = {kInfinity, 1, 0}};
  }

  template <class T>
  static T truth(const T& x, const Parameters<T>&) {
    return x * (erfc(-x / sqrt(real(x, 2.0))) / 2.0);
  }

  // With a = |x| and the Mills ratio M(a) = Phi(-a) / phi(a): Phi(-a) = phi(a) M(a), so that the tail
  // is a product and nothing cancels; right of 0 it is taken off x.
  template <class V>
  static void kernel(V x, const Parameters<double>&, V& y, V& dy, V& d2y) {
    const V a = abs(x);
    const auto right = x > V(0.0);
    const V near_a = select(a > V(100.0), V(100.0), a);
    const V phi = V(0x1.9884533d43651p-2, -0x1.cbc0d30ebfd15p-56) * gaussian(near_a).scaled;
    const V m = mills(near_a);
    const V tail = unscaled(near_a * phi * m);  // a Phi(-a)
    y = select(right, x - tail, copysign(tail, x));
    const V slope_tail = unscaled(phi * (m - near_a));  // the slope at -a
    dy = select(right, V(1.0) - slope_tail, slope_tail);
    d2y = unscaled(phi * (V(2.0) - near_a * near_a));
  }

  static std::vector<Claim> claims() {
    return {
        {Type::f32, 0, 4}, {Type::f32, 1, 4}, {Type::f32, 2, 4},
        {Type::f64, 0, 2}, {Type::f64, 1, 2}, {Type::f64, 2, 2},
    };
  }
};
