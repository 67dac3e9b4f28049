// isrlu, the inverse square root linear unit: x for x >= 0, x / sqrt(1 + alpha x^2) below. An elu
// without an exponential: slope and curvature meet at 0, and the left side bends down to -1 /
// sqrt(alpha) with a slope that dies as 1 / |x|^3 only.
// SPDX-License-Identifier: Apache-2.0

struct isrlu {
  template <class T>
  struct Parameters {
    T alpha;
  };

  static Info info() {
    return {
        .name = "isrlu",
        .aliases = {"ISRLU"},
        .title = "inverse square root linear unit",
        .formula = "x for x >= 0, x / sqrt(1 + alpha x^2) for x < 0",
        .slope = "1 for x >= 0, (1 + alpha x^2)^(-3/2) for x < 0",
        .curvature = "0 for x >= 0, -3 alpha x (1 + alpha x^2)^(-5/2) for x < 0",
        .derivation =
            "(x)' = 1;  (x / s)' = (s^2 - alpha x^2) / s^3 = 1 / s^3, with s = sqrt(1 + alpha x^2) "
            "and s' = alpha x / s",
        .parameters = {{.name = "alpha",
                        .value = 1,
                        .recommended = {0, 10, true, false},
                        .any = {0, kInfinity, false, true},
                        .meaning = "the limit at -inf is -1 / sqrt(alpha)"}},
        .slope_from_output = true,
        .from_output_note =
            "1 for y >= 0, (1 - alpha y^2)^(3/2) below: cancels as y nears its limit",
        .torch = "",
        .keras = "",
        .jax = "",
        .onnx = "",
        .onednn = "",
        .paper = "Carlile, Delamarter, Kinney, Marti & Whitney 2017, arXiv:1710.09967",
    };
  }

  static Interval range(const Parameters<double>& p) {
    return {-1 / std::sqrt(p.alpha), kInfinity, true, true};
  }
  static Limits limits(const Parameters<double>& p) {
    return {.minus = {-1 / std::sqrt(p.alpha), p.alpha > 0 ? 0.0 : 1.0, 0},
            .plus = {kInfinity, 1, 0}};
  }

  // Far out the slope of the quotient would cancel; with x taken under the root nothing does.
  template <class T>
  static T truth(const T& x, const Parameters<T>& p) {
    if (x >= 0.0) return x;
    const T square = p.alpha * (x * x);
    return square > 1.0 ? -1.0 / sqrt(p.alpha + 1.0 / (x * x)) : x / sqrt(1.0 + square);
  }

  // |x| left of 0, and 0 right of it, up to where alpha x^2 would overflow: 1 is nothing beside it there, and the value has
  // long been its limit, slope and curvature 0.
  template <class V>
  static V near_size(V x, const Parameters<double>& p) {
    const double size = std::max(1.0, 1 / std::sqrt(p.alpha));
    const V end((sizeof(typename V::Scalar) == 4 ? 0x1p56 : 0x1p362) * size);
    const V a = select(x < V(0.0), -x, V(0.0));
    return select(a > end, end, a);
  }

  // q = 1 + alpha a^2 and s, its square root, in twice the precision: three of their powers meet in the
  // slope, five in the curvature.
  template <class V>
  struct Root {
    typename V::Wide alpha, q, s;
    Root(V a, const Parameters<double>& p) : alpha(p.alpha), q(alpha * a * a + one()), s(q) {
      const V root = sqrt(rounded(q));
      const V rest = rounded(q - product(root, root)) / (V(2.0) * root);
      s = typename V::Wide(root) + typename V::Wide(rest);
    }
    static typename V::Wide one() { return typename V::Wide(V(1.0)); }
  };

  // A power of two is taken off q until the division is done, so that q s stays in range.
  template <class V>
  static void kernel(V x, const Parameters<double>& p, V& y, V& dy, V& d2y) {
    const auto left = x < V(0.0);
    const V a = near_size(x, p), one(1.0);
    const Root<V> r(a, p);
    const auto cube = unscaled(r.q) * r.s;
    y = select(left, -(a / rounded(r.s)), x);
    dy = select(left, unscaled(one / rounded(cube)), one);
    d2y = unscaled(rounded(r.alpha * V(3.0) * a / r.q / cube));
  }

  template <class V>
  static void from_output(V y, const Parameters<double>& p, V& dy, V& d2y) {
    const V alpha(p.alpha), none(0.0), one(1.0);
    const V left = select(y < none, y, none), rest = fma(-(alpha * left), left, one);
    const V r2 = select(rest > none, rest, none);
    dy = r2 * sqrt(r2);
    d2y = V(-3.0) * alpha * left * r2 * r2;
  }

  // -(x / s)^3 / 2.
  template <class V>
  static void parameter_slopes(V x, const Parameters<double>& p, Parameters<V>& dp) {
    const V a = near_size(x, p);
    const auto ratio = typename V::Wide(a) / Root<V>(a, p).s;
    const V cube = rounded_or_infinite(ratio * ratio * ratio) * V(0.5);
    dp.alpha = cube;
  }

  static std::vector<Claim> claims() {
    return {
        {Type::f32, 0, 1.5, -0x1.fe8p-8},         {Type::f32, 1, 1.5, -0x1.954p-5},
        {Type::f32, 2, 2.2, -0x1.6fep-3},         {Type::f64, 0, 1.4, -0x1.101d890a3fa78p+3},
        {Type::f64, 1, 1.4, -0x1.8946e870c6cp-4}, {Type::f64, 2, 2, -0x1.4a4541faea7bp+2},
    };
  }
};
