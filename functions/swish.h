// swish: x sigma(beta x), silu with a learned sharpness. beta = 0 is the line x/2, beta = 1 silu, and a
// large beta nears relu; a negative one mirrors the curve through the origin.
// SPDX-License-Identifier: Apache-2.0

struct swish {
  template <class T>
  struct Parameters {
    T beta;
  };

  static Info info() {
    return {
        .name = "swish",
        .aliases = {"swish_beta"},
        .title = "swish with a learned beta",
        .formula = "x sigma(beta x)",
        .slope = "sigma(z) (1 + z sigma(-z)), z = beta x",
        .curvature = "beta sigma(z) sigma(-z) (2 - z tanh(z/2)), z = beta x",
        .derivation = "(x sigma(beta x))' = sigma + x beta sigma', and sigma' = sigma(z) sigma(-z)",
        .parameters = {{.name = "beta",
                        .value = 1,
                        .recommended = {-100, 100, false, false},
                        .any = {-kInfinity, kInfinity, true, true},
                        .learned = true,
                        .meaning = "how sharp the bend is"}},
        .onnx = "Swish",
        .onednn = "eltwise_swish",
        .paper = "Ramachandran, Zoph & Le 2017, arXiv:1710.05941",
    };
  }

  static Interval range(const Parameters<double>& p) {
    if (p.beta == 0) return {-kInfinity, kInfinity, true, true};
    const double dip = 0.27846454276107380 / p.beta;
    return p.beta > 0 ? Interval{-dip, kInfinity, false, true}
                      : Interval{-kInfinity, -dip, true, false};
  }
  static Limits limits(const Parameters<double>& p) {
    if (p.beta == 0) return {.minus = {-kInfinity, 0.5, 0}, .plus = {kInfinity, 0.5, 0}};
    if (p.beta > 0) return {.minus = {-0.0, -0.0, -0.0}, .plus = {kInfinity, 1, -0.0}};
    return {.minus = {-kInfinity, 1, 0}, .plus = {0, -0.0, 0}};
  }

  // The zeros of slope and curvature lie at a few z, so in x they move with beta.
  template <class C>
  static C cancellations(int order, const Parameters<double>& p) {
    C found;
    if (p.beta == 0) return found;
    const auto add = [&](double low, double high, double scale) {
      const double a = low / p.beta, b = high / p.beta;
      found.add(a < b ? a : b, a < b ? b : a, scale);
    };
    const double size = p.beta < 0 ? -p.beta : p.beta;
    if (order == 1) add(-2, -0.8, 0.25);
    if (order == 2) add(-3.4, -1.8, 0.2 * size);
    if (order == 2) add(1.8, 3.4, 0.2 * size);
    return found;
  }

  template <class T>
  static T truth(const T& x, const Parameters<T>& p) {
    return x * logistic(p.beta * x);
  }

  // For beta > 0, with a = |x|, z = beta a, e = exp(-z); a negative beta gives the mirror image. The
  // slope is (1 + e (1 + z)) / (1 + e)^2 right of 0 and e (1 - z + e) / (1 + e)^2 left of it; it and
  // the curvature have zeros, near which their sums cancel.
  template <class V>
  static void kernel(V x, const Parameters<double>& p, V& y, V& dy, V& d2y) {
    using Wide = typename V::Wide;
    if (p.beta == 0) {
      y = V(0.5) * x;
      dy = V(0.5);
      d2y = V(0.0);
      return;
    }
    const double size = p.beta < 0 ? -p.beta : p.beta;
    const V u = p.beta < 0 ? -x : x;
    const V a = abs(x), one(1.0), far(2000 / size);
    const auto right = u > V(0.0);
    const V near_a = select(a > far, far, a);
    const auto e = exponential(-(Wide(size) * a));
    const Wide s = Wide(one) + e.wide;

    const V part = rounded(select(right, Wide(a), e.wide_scaled * near_a) / s);
    y = copysign(select(right, part, unscaled(part)), x);

    const Wide z = Wide(size) * near_a;
    const Wide top = select(right, s + e.wide * z, s - z);
    const V slope = rounded(select(right, top, e.wide_scaled * top) / (s * s));
    dy = select(right, slope, copysign(unscaled(slope), rounded(top)));

    // beta e (2 (1 + e) - z (1 - e)) / (1 + e)^3, even in x but for the sign of beta.
    const Wide bend = s + s - (Wide(one) - e.wide) * z;
    const V d2 = rounded(e.wide_scaled * (bend / (s * s * s)) * Wide(size));
    const V sign = p.beta < 0 ? -rounded(bend) : rounded(bend);
    d2y = copysign(unscaled(d2), sign);
  }

  // x^2 e / (1 + e)^2 as the square of a h / (1 + h^2), h = e^(-z/2): neither factor vanishes before
  // their product does, however small beta is.
  template <class V>
  static void parameter_slopes(V x, const Parameters<double>& p, Parameters<V>& dp) {
    using Wide = typename V::Wide;
    if (p.beta == 0) {
      dp.beta = V(0.25) * x * x;
      return;
    }
    const double size = p.beta < 0 ? -p.beta : p.beta;
    const V a = abs(x), far(2000 / size);  // beyond it h^2 is 0
    const V near_a = select(a > far, far, a);
    const auto h = exponential(-(Wide(size) * (V(0.5) * a)));
    const Wide part = h.wide * near_a, s = Wide(V(1.0)) + h.wide * h.wide;
    dp.beta = rounded(part * part / (s * s));
  }

  static std::vector<Claim> claims() {
    return {
        {Type::f32, 0, 1.2, -0x1.dffb4ep+1},
        {Type::f32, 1, 1.6, -0x1.10ffeap-17},
        {Type::f32, 2, 0.8, -0x1.704p+6},
        {Type::f32, 1, 0.5, -0x1.a97f34p-1, -2, -0.8, 0.25},
        {Type::f32, 2, 0.3, -0x1.ce817ap+0, -3.4, -1.8, 0.2},
        {Type::f32, 2, 0.3, 0x1.d181e6p+0, 1.8, 3.4, 0.2},
        {Type::f64, 0, 0.7, -0x1.3e5445914b074p+5},
        {Type::f64, 1, 0.7, -0x1.3919f9aedfeddp+5},
        {Type::f64, 2, 0.7, 0x1.733dbf2bd4344p+4},
        {Type::f64, 1, 0.3, -0x1.a9048ca0eccp-1, -2, -0.8, 0.25},
        {Type::f64, 2, 0.3, -0x1.d2ddd9a9449p+0, -3.4, -1.8, 0.2},
        {Type::f64, 2, 0.3, 0x1.ed1e0b90143ep+0, 1.8, 3.4, 0.2},
    };
  }
};
