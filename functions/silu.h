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
    return {.minus = {0, 0, 0}, .plus = {kInfinity, 1, 0}};
  }

  template <class T>
  static T truth(const T& x, const Parameters<T>&) {
    return x / (1.0 + exp(-x));
  }

  // With a = |x|, e = exp(-a); everything still carries the factor 2^shift of e where it is small.
  template <class V>
  static void kernel(V x, const Parameters<double>&, V& y, V& dy, V& d2y) {
    const V a = abs(x), one(1.0);
    const auto e = exponential(-a);
    const auto right = x > V(0.0);
    const V near_a = select(a > V(2000.0), V(2000.0), a);
    const V sum = one + e.plain, small = e.scaled / sum;
    const V tail = unscaled(near_a * small);
    y = select(right, x / sum, copysign(tail, x));
    const V other = select(right, e.plain, one) / sum;
    dy = select(right, (one + near_a * other) / sum, unscaled(small * (one - near_a * other)));
    d2y = unscaled(e.scaled / fma(e.plain, V(2.0) + e.plain, one) *
                   fma(near_a, e.minus_one / sum, V(2.0)));
  }

  static std::vector<Claim> claims() {
    return {
        {Type::f32, 0, 4}, {Type::f32, 1, 4}, {Type::f32, 2, 4},
        {Type::f64, 0, 2}, {Type::f64, 1, 2}, {Type::f64, 2, 2},
    };
  }
};
