// rrelu, the randomised leaky relu, as it is when a network is used: while training, the slope for x
// <= 0 is drawn anew for every element between lower and upper; afterwards it is their mean. This is
// that second form, a leaky_relu whose slope is given by its bounds.
// SPDX-License-Identifier: Apache-2.0

struct rrelu {
  template <class T>
  struct Parameters {
    T lower;
    T upper;
  };

  static Info info() {
    return {
        .name = "rrelu",
        .aliases = {"RReLU"},
        .title = "randomised leaky rectified linear unit, as evaluated",
        .formula = "x for x > 0, (lower + upper) / 2 x for x <= 0",
        .slope = "1 for x > 0, (lower + upper) / 2 for x <= 0",
        .curvature = "0",
        .derivation = "(x)' = 1;  (a x)' = a, with a = (lower + upper) / 2",
        .parameters = {{.name = "lower",
                        .value = 0.125,
                        .recommended = {0, 1, false, false},
                        .any = {0, kInfinity, false, true},
                        .meaning = "the least slope for x <= 0 while training"},
                       {.name = "upper",
                        .value = 1.0 / 3,
                        .recommended = {0, 1, false, false},
                        .any = {0, kInfinity, false, true},
                        .meaning = "the greatest slope for x <= 0 while training"}},
        .kinks = {{.at = 0,
                   .convention = "slope (lower + upper) / 2: the branch x <= 0, as PyTorch"}},
        .slope_from_output = true,
        .from_output_note = "1 for y > 0, (lower + upper) / 2 for y <= 0: loses nothing",
        .torch = "torch.nn.RReLU",
        .keras = "",
        .jax = "",
        .onnx = "",
        .onednn = "",
        .paper = "Xu, Wang, Chen & Li 2015, arXiv:1505.00853",
    };
  }

  static std::string complaint(const Parameters<double>& p) {
    return p.lower <= p.upper ? "" : "lower is above upper; expected lower <= upper";
  }

  static Interval range(const Parameters<double>& p) {
    return Interval{p.upper > 0 ? -kInfinity : 0, kInfinity, p.upper > 0, true};
  }
  static Limits limits(const Parameters<double>& p) {
    const double a = p.lower / 2 + p.upper / 2;
    return {.minus = {p.upper > 0 ? -kInfinity : 0, a, 0}, .plus = {kInfinity, 1, 0}};
  }

  template <class T>
  static T truth(const T& x, const Parameters<T>& p) {
    return x > 0.0 ? x : (p.lower + p.upper) / 2.0 * x;
  }

  template <class V>
  static typename V::Wide negative_slope(const Parameters<double>& p) {
    using Wide = typename V::Wide;
    return (Wide(p.lower) + Wide(p.upper)) * V(0.5);
  }

  template <class V>
  static void kernel(V x, const Parameters<double>& p, V& y, V& dy, V& d2y) {
    const auto slope = negative_slope<V>(p);
    const V left = rounded_or_infinite(slope * x);
    const V sign = p.upper > 0 ? V(-1.0) : V(1.0);    // of a tail that underflows
    y = select(x < V(0.0), copysign(left, sign), x);  // -0 stays -0
    dy = select(x > V(0.0), V(1.0), rounded(slope));
    d2y = V(0.0);
  }

  template <class V>
  static void from_output(V y, const Parameters<double>& p, V& dy, V& d2y) {
    dy = select(y > V(0.0), V(1.0), rounded(negative_slope<V>(p)));
    d2y = V(0.0);
  }

  template <class V>
  static void parameter_slopes(V x, const Parameters<double>&, Parameters<V>& dp) {
    dp.lower = select(x > V(0.0), V(0.0), x * V(0.5));
    dp.upper = dp.lower;
  }

  static std::vector<Claim> claims() {
    return {
        {Type::f32, 0, 1.4, -0x1.f3dp-124},
        {Type::f32, 1, 0.4, -0x1.668p+123},
        {Type::f32, 2, 0, 0},
        {Type::f64, 0, 1.4, -0x0.0000007ffffffp-1022},
        {Type::f64, 1, 0, 0},
        {Type::f64, 2, 0, 0},
    };
  }
};
