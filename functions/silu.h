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
        .aliases = {"SiLU"},
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

  // With a = |x|: t = sigma(-a) keeps its factor 2^shift until its products are done, and
  // u = sigma(a) = 1 - t. Where sums cancel, near the zeros of slope and curvature, the large addend
  // (1 - a, 2 - a) carries no rounding.
  template <class V>
  static void kernel(V x, const Parameters<double>&, V& y, V& dy, V& d2y) {
    using Wide = typename V::Wide;
    const V a = abs(x), one(1.0);
    const auto e = exponential(-a);
    const auto right = x > V(0.0);
    const V near_a = select(a > V(2000.0), V(2000.0), a);

    const auto t = e.scaled / one_plus(e.plain);
    const V u = rounded(one_plus(-unscaled(t)));
    y = select(right, x * u, copysign(unscaled(rounded(t * near_a)), x));

    // sigma(x) (1 + x sigma(-x)); left of 0 that is t (1 - a + a t).
    const V v = unscaled(rounded(t));
    const V up = fma(near_a, v, one);
    const Wide down = Wide(one) - Wide(near_a) + Wide(near_a * v);
    dy = select(right, u * up, copysign(unscaled(rounded(t * down)), rounded(down)));

    // sigma(x) sigma(-x) (2 - a (u - t)), even in x.
    const V bend = fma(near_a + near_a, v, V(2.0) - near_a);
    d2y = copysign(unscaled(rounded(t * (u * bend))), bend);
  }

  static std::vector<Claim> claims() {
    return {
        {Type::f32, 0, 1.7, 0x1.e36p-4},
        {Type::f32, 1, 1.9, -0x1.a56p+2},
        {Type::f32, 2, 3, -0x1.0546ecp-5},
        {Type::f32, 1, 0.6, -0x1.a8ep-1, -2, -0.8, 0.25},
        {Type::f32, 2, 1.2, -0x1.d40138p+0, -3.4, -1.8, 0.2},
        {Type::f32, 2, 1.1, 0x1.e24p+0, 1.8, 3.4, 0.2},
        {Type::f64, 0, 1.4, -0x1.b4fc45a2efcdp+2},
        {Type::f64, 1, 2, 0x1.12e182e869a4p+0},
        {Type::f64, 2, 2.8, -0x1.2171fa01c2991p+4},
        {Type::f64, 1, 0.6, -0x1.9d64c4bb204p-1, -2, -0.8, 0.25},
        {Type::f64, 2, 0.8, -0x1.d2ddd9a9449p+0, -3.4, -1.8, 0.2},
        {Type::f64, 2, 0.9, 0x1.e04c1ee4cd0cp+0, 1.8, 3.4, 0.2},
    };
  }
};
