// celu, the continuously differentiable elu: x for x > 0, alpha (e^(x/alpha) - 1) below. Where elu
// scales its negative side by alpha, celu stretches it along both axes, so that the slope is 1 at 0
// for every alpha and only the curvature jumps there.
// SPDX-License-Identifier: Apache-2.0

struct celu {
  template <class T>
  struct Parameters {
    T alpha;
  };

  static Info info() {
    return {
        .name = "celu",
        .aliases = {"CELU", "Celu"},
        .title = "continuously differentiable exponential linear unit",
        .formula = "x for x > 0, alpha (e^(x/alpha) - 1) for x <= 0",
        .slope = "1 for x > 0, e^(x/alpha) for x <= 0",
        .curvature = "0 for x > 0, e^(x/alpha) / alpha for x <= 0",
        .derivation = "(x)' = 1;  (alpha (e^(x/alpha) - 1))' = alpha e^(x/alpha) / alpha",
        .parameters = {{.name = "alpha",
                        .value = 1,
                        .recommended = {0, 10, true, false},
                        .any = {0, kInfinity, true, true},
                        .meaning = "minus the limit at -inf"}},
        .kinks = {{.at = 0,
                   .convention = "slope 1, curvature 1 / alpha: the branch x <= 0, as PyTorch"}},
        .slope_from_output = true,
        .from_output_note = "1 for y > 0, 1 + y / alpha below: cancels as y nears -alpha",
        .torch = "torch.nn.CELU",
        .keras = "keras.activations.celu",
        .jax = "jax.nn.celu",
        .onnx = "Celu",
        .paper = "Barron 2017, arXiv:1704.07483",
    };
  }

  static Interval range(const Parameters<double>& p) { return {-p.alpha, kInfinity, true, true}; }
  static Limits limits(const Parameters<double>& p) {
    return {.minus = {-p.alpha, 0, 0}, .plus = {kInfinity, 1, 0}};
  }

  template <class T>
  static T truth(const T& x, const Parameters<T>& p) {
    return x > 0 ? x : p.alpha * expm1(x / p.alpha);
  }

  // x / alpha is the argument of an exponential, and so taken in twice the precision.
  template <class V>
  static void kernel(V x, const Parameters<double>& p, V& y, V& dy, V& d2y) {
    using Wide = typename V::Wide;
    const auto right = x > V(0.0);
    const Wide alpha(p.alpha), inverse = Wide(V(1.0)) / alpha;
    const V left_x = select(right, V(0.0), x);
    const auto e = exponential(inverse * left_x);
    // Next to 0, where x / alpha may be subnormal, the value is x to the last bit.
    y = select(x < V(-0x1p-120 * p.alpha), rounded(alpha * e.minus_one), x);
    dy = select(right, V(1.0), unscaled(e.scaled));
    d2y = select(right, V(0.0), unscaled(rounded(inverse * e.scaled)));
  }

  template <class V>
  static void from_output(V y, const Parameters<double>& p, V& dy, V& d2y) {
    const auto right = y > V(0.0);
    const V left = V(1.0) + y / V(p.alpha);
    dy = select(right, V(1.0), left);
    d2y = select(right, V(0.0), left / V(p.alpha));
  }

  // e^z - 1 - z e^z with z = x / alpha <= 0. Near 0 that is -e^z times e^-z - 1 + z.
  template <class V>
  static void parameter_slopes(V x, const Parameters<double>& p, Parameters<V>& dp) {
    using Wide = typename V::Wide;
    const auto right = x > V(0.0);
    const V end(-2000 * p.alpha);  // beyond it e^z is 0
    const V bounded_x = select(right, V(0.0), select(x < end, end, x));
    const Wide ratio = Wide(V(1.0)) / Wide(p.alpha) * bounded_x;
    const V z = rounded(ratio);
    const auto e = exponential(ratio);
    const V near = rounded(ratio * ratio * exponential_gap(-z) * e.wide);
    const V far = fma(e.plain, z, -e.minus_one);
    dp.alpha = -select(z > V(-1.0), near, far);
  }

  static std::vector<Claim> claims() {
    return {
        {Type::f32, 0, 1.1, -0x1.04492p-130},       {Type::f32, 1, 1.4, -0x1.bfdd88p+1},
        {Type::f32, 2, 1.4, -0x1.bfdd88p+1},        {Type::f64, 0, 0.9, -0x1.972ed9aaf77p-2},
        {Type::f64, 1, 0.9, -0x1.54d697367765fp+5}, {Type::f64, 2, 0.9, -0x1.54d697367765fp+5},
    };
  }
};
