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
    return {.minus = {-0.0, -0.0, -0.0}, .plus = {kInfinity, 1, -0.0}};
  }

  template <class T>
  static T truth(const T& x, const Parameters<T>&) {
    return x * (erfc(-x / sqrt(real(x, 2.0))) / 2.0);
  }

  // With a = |x|, Phi(-a) = e^(-a^2/2) R(a) is a product in which nothing cancels; right of 0 what it
  // gives is taken off x, and off 1.
  template <class V>
  static void kernel(V x, const Parameters<double>&, V& y, V& dy, V& d2y) {
    using Wide = typename V::Wide;
    const V a = abs(x), one(1.0);
    const auto right = x > V(0.0);
    const V near_a = select(a > V(100.0), V(100.0), a);
    const auto e = gaussian(near_a);
    const Wide tail = normal_tail(near_a);
    const Wide phi(0x1.9884533d43651p-2, -0x1.cbc0d30ebfd15p-56);      // phi(0)
    const V below = unscaled(rounded(e.wide_scaled * near_a * tail));  // a Phi(-a)
    y = copysign(select(right, x - below, below), x);
    const Wide slope = e.wide_scaled * (tail - phi * near_a);  // at -a
    const V slope_below = copysign(unscaled(rounded(slope)), rounded(slope));
    dy = select(right, one - slope_below, slope_below);
    const Wide turn = Wide(V(2.0)) - product(near_a, near_a);
    d2y = copysign(unscaled(rounded(e.wide_scaled * phi * turn)), rounded(turn));
  }

  static std::vector<Claim> claims() {
    return {
        {Type::f32, 0, 1.9, 0x1.ee4654p-6},
        {Type::f32, 1, 1.8, -0x1.122p-13},
        {Type::f32, 2, 2.1, 0x1.7fc8a8p+2},
        {Type::f32, 1, 0.8, -0x1.d3ep-2, -1.3, -0.4, 0.25},
        {Type::f32, 2, 0.6, -0x1.23fd08p+0, -1.8, -1.1, 0.4},
        {Type::f32, 2, 0.6, 0x1.2429e2p+0, 1.1, 1.8, 0.4},
        {Type::f64, 0, 1.9, -0x1.1852bda3e918p+5},
        {Type::f64, 1, 1.3, -0x1.0f05639d411c2p-22},
        {Type::f64, 2, 0.7, -0x1.c6a3544610d98p+4},
        {Type::f64, 1, 0.6, -0x1.a9f0476ccb9p-2, -1.3, -0.4, 0.25},
        {Type::f64, 2, 0.3, -0x1.1d0c2139389cp+0, -1.8, -1.1, 0.4},
        {Type::f64, 2, 0.3, 0x1.237ea21e243ep+0, 1.1, 1.8, 0.4},
    };
  }
};
