// selu, the scaled exponential linear unit: elu with two constants chosen so that, under weights of
// variance 1/n, unit activations keep mean 0 and variance 1 from layer to layer. Forward it normalises
// itself; its gradients grow by 1.07 a layer in the square.
// SPDX-License-Identifier: Apache-2.0

struct selu {
  template <class T>
  struct Parameters {};

  // The two constants as doubles; what they miss of the real numbers stands beside them in kernel().
  static constexpr double kLambda = 0x1.0cfabd6a91132p+0, kLambdaAlpha = 0x1.c212cc640f031p+0;

  static Info info() {
    return {
        .name = "selu",
        .aliases = {"SELU", "Selu"},
        .title = "scaled exponential linear unit",
        .formula =
            "lambda x for x > 0, lambda alpha (e^x - 1) for x <= 0; lambda = 1.0507009873554805, "
            "alpha = 1.6732632423543772",
        .slope = "lambda for x > 0, lambda alpha e^x for x <= 0",
        .curvature = "0 for x > 0, lambda alpha e^x for x <= 0",
        .derivation = "lambda times elu(alpha)'",
        .kinks = {{.at = 0,
                   .convention = "slope lambda alpha = 1.7581, curvature the same: the branch x <= "
                                 "0, as PyTorch and JAX"}},
        .slope_from_output = true,
        .from_output_note =
            "lambda for y > 0, y + lambda alpha below: cancels as y nears -lambda alpha",
        .torch = "torch.nn.SELU",
        .keras = "keras.activations.selu",
        .jax = "jax.nn.selu",
        .onnx = "Selu",
        .paper = "Klambauer, Unterthiner, Mayr & Hochreiter 2017, arXiv:1706.02515",
    };
  }

  static Interval range(const Parameters<double>&) {
    return {-kLambdaAlpha, kInfinity, true, true};
  }
  static Limits limits(const Parameters<double>&) {
    return {.minus = {-kLambdaAlpha, 0, 0}, .plus = {kInfinity, kLambda, 0}};
  }

  template <class T>
  static T truth(const T& x, const Parameters<T>&) {
    const T lambda = decimal(x, "1.05070098735548049341933498529460635195898120437640454697788");
    const T alpha = decimal(x, "1.67326324235437728481704299167165203846115534828121627091524");
    return x > 0 ? lambda * x : lambda * alpha * expm1(x);
  }

  template <class V>
  static void kernel(V x, const Parameters<double>&, V& y, V& dy, V& d2y) {
    const auto right = x > V(0.0);
    const V lambda(kLambda, 0x1.6fc7d272f2696p-55),
        lambda_alpha(kLambdaAlpha, 0x1.05161b045a1f1p-56);
    const auto e = exponential(select(right, V(0.0), x));
    const V tail = unscaled(lambda_alpha * e.scaled);
    y = select(x < V(0.0), lambda_alpha * e.minus_one, lambda * x);  // -0 stays -0
    dy = select(right, lambda, tail);
    d2y = select(right, V(0.0), tail);
  }

  template <class V>
  static void from_output(V y, const Parameters<double>&, V& dy, V& d2y) {
    const auto right = y > V(0.0);
    const V tail = y + V(kLambdaAlpha, 0x1.05161b045a1f1p-56);
    dy = select(right, V(kLambda, 0x1.6fc7d272f2696p-55), tail);
    d2y = select(right, V(0.0), tail);
  }

  static std::vector<Claim> claims() {
    return {
        {Type::f32, 0, 1.7, -0x1.536p-2},          {Type::f32, 1, 1.7, -0x1.2d9506p-1},
        {Type::f32, 2, 1.7, -0x1.2d9506p-1},       {Type::f64, 0, 1.2, -0x1.2f3ea38d6fp-3},
        {Type::f64, 1, 1.5, -0x1.fd8bb4a2c19cp+0}, {Type::f64, 2, 1.5, -0x1.fd8bb4a2c19cp+0},
    };
  }
};
