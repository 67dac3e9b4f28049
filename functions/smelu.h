// smelu, the smooth relu: 0 and x joined by a parabola between -beta and beta. A relu whose slope does
// not jump: two trainings of the same network end closer to each other, the smoother the closer. At
// beta = 1 it is sparse_plus.
// SPDX-License-Identifier: Apache-2.0

struct smelu {
  template <class T>
  struct Parameters {
    T beta;
  };

  static Info info() {
    return {
        .name = "smelu",
        .aliases = {"SmeLU"},
        .title = "smooth rectified linear unit",
        .formula = "0 for x <= -beta, (x + beta)^2 / (4 beta) for |x| < beta, x for x >= beta",
        .slope = "0 for x <= -beta, (x + beta) / (2 beta) for |x| < beta, 1 for x >= beta",
        .curvature = "1 / (2 beta) for |x| < beta, 0 elsewhere",
        .derivation = "((x + beta)^2 / (4 beta))' = (x + beta) / (2 beta);  (0)' = 0;  (x)' = 1",
        .parameters = {{.name = "beta",
                        .value = 1,
                        .recommended = {0, 10, true, false},
                        .any = {0, kInfinity, true, true},
                        .meaning = "half the width of the bend"}},
        .kinks = {{.at = -1,
                   .at_parameter = 0,
                   .times = -1,
                   .convention = "slope 0 from both sides; curvature 0: the branch x <= -beta"},
                  {.at = 1,
                   .at_parameter = 0,
                   .convention = "slope 1 from both sides; curvature 0: the branch x >= beta"}},
        .slope_from_output = true,
        .from_output_note = "sqrt(y / beta) for y < beta, 1 above: loses nothing",
        .torch = "",
        .keras = "",
        .jax = "",
        .onnx = "",
        .onednn = "",
        .paper = "Shamir, Lin & Coviello 2020, arXiv:2010.09931",
    };
  }

  static Interval range(const Parameters<double>&) { return {0, kInfinity, false, true}; }
  static Limits limits(const Parameters<double>&) {
    return {.minus = {0, 0, 0}, .plus = {kInfinity, 1, 0}};
  }

  template <class T>
  static T truth(const T& x, const Parameters<T>& p) {
    const T t = x + p.beta;
    return x <= -p.beta ? real(x, 0.0) : x >= p.beta ? x : t * t / p.beta / 4.0;
  }

  template <class V>
  static void kernel(V x, const Parameters<double>& p, V& y, V& dy, V& d2y) {
    using Wide = typename V::Wide;
    const V none(0.0), one(1.0), end = V::at_least(p.beta);
    const auto above = x > -end, below = x < end;
    const Wide beta(p.beta), t = Wide(select(above & below, x, none)) + beta;
    const V parabola = rounded(divided(t * rounded(t), beta) * V(0.25));
    y = select(above, select(below, parabola, x), none);
    dy = select(above, select(below, rounded(divided(t, beta) * V(0.5)), one), none);
    d2y = select(above & below, rounded(divided(Wide(one), beta) * V(0.5)), none);
  }

  template <class V>
  static void from_output(V y, const Parameters<double>& p, V& dy, V& d2y) {
    const V beta(p.beta), none(0.0);
    const auto below = y < beta;
    dy = select(below, sqrt(select(below, y, none) / beta), V(1.0));
    d2y = select(below & (y > none), V(0.5) / beta, none);
  }

  // (beta + x) (beta - x) / (4 beta^2).
  template <class V>
  static void parameter_slopes(V x, const Parameters<double>& p, Parameters<V>& dp) {
    using Wide = typename V::Wide;
    const V none(0.0), end = V::at_least(p.beta);
    const auto inside = abs(x) < end;
    const Wide beta(p.beta), inner(select(inside, x, none));
    const V slope = rounded(divided(beta + inner, beta) * divided(beta - inner, beta) * V(0.25));
    dp.beta = select(inside, slope, none);
  }

  static std::vector<Claim> claims() {
    return {
        {Type::f32, 0, 1.2, 0x1.991c8cp-2},
        {Type::f32, 1, 0.6, -0x1.f02fe8p-4},
        {Type::f32, 2, 0, 0},
        {Type::f64, 0, 1.1, 0x1p-53},
        {Type::f64, 1, 0.6, 0x1p-53},
        {Type::f64, 2, 0, 0},
    };
  }
};
