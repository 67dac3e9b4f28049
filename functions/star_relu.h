// star_relu: relu_squared, scaled and shifted so that a standard normal input comes out with mean 0 and
// variance 1, as selu does it for elu. Its authors let both numbers be learned.
// SPDX-License-Identifier: Apache-2.0

struct star_relu {
  template <class T>
  struct Parameters {
    T scale;
    T bias;
  };

  static Info info() {
    return {
        .name = "star_relu",
        .aliases = {"StarReLU", "starrelu"},
        .title = "scaled and shifted squared rectified linear unit",
        .formula = "scale x^2 + bias for x > 0, bias for x <= 0",
        .slope = "2 scale x for x > 0, 0 for x <= 0",
        .curvature = "2 scale for x > 0, 0 for x <= 0",
        .derivation = "(scale x^2 + bias)' = 2 scale x;  (bias)' = 0",
        .parameters = {{.name = "scale",
                        .value = 0.8944,
                        .recommended = {-10, 10, false, false},
                        .any = {-kInfinity, kInfinity, true, true},
                        .learned = true,
                        .meaning = "half the curvature for x > 0"},
                       {.name = "bias",
                        .value = -0.4472,
                        .recommended = {-10, 10, false, false},
                        .any = {-kInfinity, kInfinity, true, true},
                        .learned = true,
                        .meaning = "the value for x <= 0"}},
        .kinks = {{.at = 0,
                   .convention = "slope 0 from both sides; curvature 0: the branch x <= 0, as "
                                 "PyTorch's relu(x)^2"}},
        .torch = "",
        .keras = "",
        .jax = "",
        .onnx = "",
        .onednn = "",
        .paper = "Yu et al. 2022, arXiv:2210.13452",
    };
  }

  static Interval range(const Parameters<double>& p) {
    return {p.scale < 0 ? -kInfinity : p.bias, p.scale > 0 ? kInfinity : p.bias, p.scale < 0,
            p.scale > 0};
  }
  static Limits limits(const Parameters<double>& p) {
    if (p.scale == 0) return {.minus = {p.bias, 0, 0}, .plus = {p.bias, 0, 0}};
    const double far = p.scale > 0 ? kInfinity : -kInfinity;
    return {.minus = {p.bias, 0, 0}, .plus = {far, far, 2 * p.scale}};
  }

  template <class T>
  static T truth(const T& x, const Parameters<T>& p) {
    return x > 0.0 ? p.scale * (x * x) + p.bias : p.bias + real(x, 0.0);
  }

  // In twice the precision: with a bias below 0 the sum has a zero, and cancels around it.
  template <class V>
  static void kernel(V x, const Parameters<double>& p, V& y, V& dy, V& d2y) {
    using Wide = typename V::Wide;
    const auto on = x > V(0.0);
    const Wide scale(p.scale), twice = scale * V(2.0);
    const V off = p.bias == 0 ? zero_of(x) : V(p.bias);
    y = select(on, rounded_or_infinite(scale * x * x + Wide(p.bias)), off);
    dy = select(on, rounded_or_infinite(twice * x), V(0.0));
    d2y = select(on, rounded(twice), V(0.0));
  }

  template <class C>
  static C cancellations(int order, const Parameters<double>& p) {
    C found;
    if (order > 0 || p.bias == 0 || (p.bias > 0) == (p.scale > 0)) return found;
    const double zero = std::sqrt(-p.bias / p.scale);
    found.add(zero / 2, zero * 2, 4 * std::abs(p.bias));
    return found;
  }

  template <class V>
  static void parameter_slopes(V x, const Parameters<double>&, Parameters<V>& dp) {
    dp.scale = select(x > V(0.0), x * x, V(0.0));
    dp.bias = V(1.0);
  }

  static std::vector<Claim> claims() {
    return {
        {Type::f32, 0, 0.6, 0x1.6a09eap-1},
        {Type::f32, 1, 1.4, 0x1.1cf2a4p-126},
        {Type::f32, 2, 0.1, 0x1p-149},
        {Type::f64, 0, 0.6, 0x1.5db0386704f6ep+5},
        {Type::f64, 1, 0.8, 0x0.8000000000001p-1022},
        {Type::f64, 2, 0, 0},
    };
  }
};
