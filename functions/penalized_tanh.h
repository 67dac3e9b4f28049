// penalized_tanh: tanh(x) for x > 0, a tanh(x) below. The negative side saturates too, but lower: it
// carries less noise, while the slope is 1 to the right of 0 and a to the left.
// SPDX-License-Identifier: Apache-2.0

struct penalized_tanh {
  template <class T>
  struct Parameters {
    T a;
  };

  static Info info() {
    return {
        .name = "penalized_tanh",
        .aliases = {"PenalizedTanh"},
        .title = "penalized hyperbolic tangent",
        .formula = "tanh(x) for x > 0, a tanh(x) for x <= 0",
        .slope = "1 - tanh(x)^2, times a for x <= 0",
        .curvature = "-2 tanh(x) (1 - tanh(x)^2), times a for x <= 0",
        .derivation = "tanh' = 1 - tanh^2",
        .parameters = {{.name = "a",
                        .value = 0.25,
                        .recommended = {0, 1, true, false},
                        .any = {0, kInfinity, true, true},
                        .meaning = "the height of the negative side"}},
        .kinks = {{.at = 0, .convention = "slope a: the branch x <= 0"}},
        .slope_from_output = true,
        .from_output_note =
            "(1 - y) (1 + y) for y > 0, (a - y) (a + y) / a below: 0 once y has "
            "rounded to its limit",
        .paper = "Xu, Huang & Li 2016, arXiv:1602.05980",
    };
  }

  static Interval range(const Parameters<double>& p) { return {-p.a, 1, true, true}; }
  static Limits limits(const Parameters<double>& p) {
    return {.minus = {-p.a, 0, 0}, .plus = {1, 0, -0.0}};
  }

  template <class T>
  static T truth(const T& x, const Parameters<T>& p) {
    return x > 0 ? tanh(x) : p.a * tanh(x);
  }

  // |tanh| is |x| - |x|^3 P(x^2) up to 1 and, with e = exp(-2|x|), 1 - 2 e / (1 + e) beyond.
  template <class V>
  static V tangent(V a, V e) {
    const V one(1.0), w = a * a;
    const V far = one - (e + e) / (one + e);
    return select(a < one, fma(-(a * w), tanh_gap(w), a), far);
  }

  template <class V>
  static void kernel(V x, const Parameters<double>& p, V& y, V& dy, V& d2y) {
    using Wide = typename V::Wide;
    const V a = abs(x);
    const auto right = x > V(0.0);
    const auto e = exponential(V(-2.0) * a);
    const V t = tangent(a, e.plain);
    const Wide height(p.a);
    y = copysign(select(right, t, rounded(height * t)), x);
    const Wide s = Wide(V(1.0)) + e.wide, square = s * s;
    const V slope = rounded(e.wide_scaled * V(4.0) / square);
    dy = unscaled(select(right, slope, rounded(height * slope)));
    // 8 e (1 - e) / (1 + e)^3. Next to 0 that is 2 a (1 - 4 a^2 / 3), a tie if halved among the
    // subnormal numbers.
    const V bend = rounded(e.wide_scaled * (V(-8.0) * e.minus_one) / (square * s));
    const V line = scaled(a + a) * (V(1.0) - a * a * V(4.0 / 3));
    const V size = select(a < V(0x1p-60), line, bend);
    d2y = copysign(unscaled(select(right, size, rounded(height * size))), -x);
  }

  template <class V>
  static void from_output(V y, const Parameters<double>& p, V& dy, V& d2y) {
    const V one(1.0), height = select(y > V(0.0), one, V(p.a)), t = y / height;
    dy = (one + t) * (height - y);
    d2y = V(-2.0) * t * dy;
  }

  // tanh(x) for x <= 0.
  template <class V>
  static void parameter_slopes(V x, const Parameters<double>&, Parameters<V>& dp) {
    const V a = abs(x);
    dp.a = select(x > V(0.0), V(0.0), -tangent(a, exponential(V(-2.0) * a).plain));
  }

  static std::vector<Claim> claims() {
    return {
        {Type::f32, 0, 1.5, -0x1.0ed3d6p-1},        {Type::f32, 1, 1.6, -0x1.df74aep+1},
        {Type::f32, 2, 3.6, -0x1.6bfb0cp+0},        {Type::f64, 0, 1, 0x1.05bf6e87a40cp+0},
        {Type::f64, 1, 0.7, -0x1.d9f3ccb40e382p+4}, {Type::f64, 2, 1.2, -0x1.fffffffffffffp-3},
    };
  }
};
