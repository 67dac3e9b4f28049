// silu, also called swish: x sigma(x). relu with a smooth bend that dips to -0.278 at x = -1.278; its
// slope leaves [0, 1] a little on both sides (at most 1.0998), and far out on the left both fade as x
// e^x.
// SPDX-License-Identifier: Apache-2.0

struct silu {
  template <class T>
  struct Parameters {};

  static Info info() {
    return {
        .name = "silu",
        .aliases = {"swish", "SiLU", "Swish"},
        .title = "sigmoid linear unit",
        .formula = "x sigma(x)",
        .slope = "sigma(x) (1 + x sigma(-x))",
        .curvature = "sigma(x) sigma(-x) (2 - x tanh(x/2))",
        .derivation = "(x sigma)' = sigma + x sigma', and sigma' = sigma(x) sigma(-x)",
        .torch = "torch.nn.SiLU",
        .keras = "keras.activations.silu",
        .jax = "jax.nn.silu",
        .onnx = "Swish",
        .onednn = "eltwise_swish",
        .paper =
            "Elfwing, Uchibe & Doya 2017, arXiv:1702.03118; Ramachandran, Zoph & Le 2017, "
            "arXiv:1710.05941",
    };
  }

  static Interval range(const Parameters<double>&) {
    return {-0.27846454276107380, kInfinity, false, true};
  }
  static Limits limits(const Parameters<double>&) {
    return {.minus = {-0.0, -0.0, -0.0}, .plus = {kInfinity, 1, -0.0}};
  }

  template <class T>
  static T truth(const T& x, const Parameters<T>&) {
    return x * logistic(x);
  }

  // With a = |x|, e = exp(-a). The slope is (1 + e (1 + a)) / (1 + e)^2 right of 0 and
  // e (1 - a + e) / (1 + e)^2 left of it; it and the curvature have zeros, near which their sums
  // cancel, so both are taken in twice the precision.
  template <class V>
  static void kernel(V x, const Parameters<double>&, V& y, V& dy, V& d2y) {
    using Wide = typename V::Wide;
    using Fine = typename V::Fine;
    const V a = abs(x), one(1.0);
    const auto e = exponential(-a);
    const auto right = x > V(0.0);
    const V near_a = select(a > V(2000.0), V(2000.0), a);

    // a e / (1 + e) as a e (1 - e / (1 + e)): one rounding less where e is small.
    const Fine sum = Fine(one) + e.fine, tail = e.fine_scaled * near_a;
    y = select(right, rounded(Fine(x) / sum),
               copysign(unscaled(rounded(fma(-tail, e.fine / sum, tail))), x));

    const Wide s = Wide(one) + e.wide, wide_a(near_a);
    const Wide top = select(right, s + e.wide * near_a, s - wide_a);
    const Wide slope = top / (s * s);
    dy = select(right, rounded(slope),
                copysign(unscaled(rounded(e.wide_scaled * slope)), rounded(slope)));

    // e (2 (1 + e) - a (1 - e)) / (1 + e)^3, even in x.
    const Wide bend = s + s - (Wide(one) - e.wide) * near_a;
    d2y = copysign(unscaled(rounded(e.wide_scaled * (bend / (s * s * s)))), rounded(bend));
  }

  static std::vector<Claim> claims() {
    return {
        {Type::f32, 0, 2.7, -0x1.4993b6p-1},
        {Type::f32, 1, 0.9, -0x1.706p+6},
        {Type::f32, 2, 0.9, -0x1.704p+6},
        {Type::f32, 1, 0.6, -0x1.a08p-1, -2, -0.8, 0.25},
        {Type::f32, 2, 0.6, -0x1.d4ap+0, -3.4, -1.8, 0.2},
        {Type::f32, 2, 0.6, 0x1.d4ap+0, 1.8, 3.4, 0.2},
        {Type::f64, 0, 0.8, -0x1.1ff47486254d8p+2},
        {Type::f64, 1, 0.8, -0x1.5fe27839d87b4p+5},
        {Type::f64, 2, 0.7, -0x1.98cc66eec730cp+3},
        {Type::f64, 1, 0.6, -0x1.a9048ca0eccp-1, -2, -0.8, 0.25},
        {Type::f64, 2, 0.6, -0x1.d2ddd9a9449p+0, -3.4, -1.8, 0.2},
        {Type::f64, 2, 0.6, 0x1.ed1e0b90143ep+0, 1.8, 3.4, 0.2},
    };
  }
};
