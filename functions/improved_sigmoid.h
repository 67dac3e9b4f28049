// improved_sigmoid: sigma(alpha x) + beta x, a steeper sigmoid on a gentle ramp. The ramp keeps the
// slope above beta everywhere, where sigmoid's dies; the price is that its range is the whole line: it
// is no probability, and 28.7 % of standard-normal inputs leave (0, 1) at the defaults.
// SPDX-License-Identifier: Apache-2.0

struct improved_sigmoid {
  template <class T>
  struct Parameters {
    T alpha;
    T beta;
  };

  static Info info() {
    return {
        .name = "improved_sigmoid",
        .aliases = {"ImprovedSigmoid"},
        .title = "improved sigmoid",
        .formula = "sigma(alpha x) + beta x",
        .slope = "alpha sigma(alpha x) sigma(-alpha x) + beta",
        .curvature = "alpha^2 sigma(alpha x) sigma(-alpha x) (1 - 2 sigma(alpha x))",
        .derivation =
            "(sigma(alpha x))' = alpha sigma'(alpha x), sigma' = sigma(x) sigma(-x);  (beta x)' = "
            "beta",
        .parameters = {{.name = "alpha",
                        .value = 2,
                        .recommended = {1, 5, true, true},
                        .any = {0, kInfinity, true, true},
                        .learned = true,
                        .meaning = "how steep the sigmoid is"},
                       {.name = "beta",
                        .value = 0.1,
                        .recommended = {0, 0.1, true, false},
                        .any = {0, kInfinity, false, true},
                        .learned = true,
                        .meaning = "the least slope"}},
        .symmetry = Symmetry::point,
    };
  }

  static Interval range(const Parameters<double>& p) {
    return Interval{p.beta > 0 ? -kInfinity : 0, p.beta > 0 ? kInfinity : 1, true, true};
  }
  static Limits limits(const Parameters<double>& p) {
    return {.minus = {p.beta > 0 ? -kInfinity : 0, p.beta, 0},
            .plus = {p.beta > 0 ? kInfinity : 1, p.beta, -0.0}};
  }

  template <class T>
  static T truth(const T& x, const Parameters<T>& p) {
    return logistic(p.alpha * x) + p.beta * x;
  }

  template <class V>
  static void kernel(V x, const Parameters<double>& p, V& y, V& dy, V& d2y) {
    using Wide = typename V::Wide;
    using Fine = typename V::Fine;
    const V one(1.0), alpha(p.alpha);
    const auto e = exponential(-(Wide(p.alpha) * abs(x)));
    const Fine top = select(x > V(0.0), Fine(scaled(one)), e.fine_scaled);
    const Fine sigma = unscaled(top / (Fine(one) + e.fine));
    const Fine slope = e.fine_scaled / (Fine(one) + fma(e.fine, e.fine, e.fine + e.fine));
    const Wide ramp = Wide(p.beta) * x;
    y = rounded_or_infinite(ramp + Wide(sigma));
    dy = rounded(unscaled(slope * alpha) + Fine(V(p.beta)));
    // alpha^2 e (1 - e) / (1 + e)^3 in twice the precision. Next to 0 the curvature is
    // -alpha^3 x/8 (1 - z^2/3), and the first factor can be a tie of the result's format.
    const Wide s = Wide(one) + e.wide;
    const V bend = unscaled(rounded(e.wide_scaled * e.minus_one / (s * s * s) * alpha * alpha));
    const V z = alpha * x;
    d2y = select(abs(z) < V(0x1p-60), alpha * alpha * z * V(-0.125) * (one - z * z / V(3.0)),
                 copysign(bend, -x));
  }

  template <class V>
  static void parameter_slopes(V x, const Parameters<double>& p, Parameters<V>& dp) {
    const V far(2000 / p.alpha);  // beyond it e is 0
    const V near_x = select(abs(x) > far, far, x);
    const auto e = exponential(-(typename V::Wide(p.alpha) * abs(x)));
    using Fine = typename V::Fine;
    const Fine square = Fine(V(1.0)) + fma(e.fine, e.fine, e.fine + e.fine);
    dp.alpha = unscaled(rounded(e.fine_scaled / square * near_x));
    dp.beta = x;
  }

  static std::vector<Claim> claims() {
    return {
        {Type::f32, 0, 3.1, -0x1.ffff94p-2},
        {Type::f32, 1, 2, 0x1.452p+0},
        {Type::f32, 2, 1.6, -0x1.81p-3},
        {Type::f32, 0, 1.8, -0x1.852p-1, -1.8, -0.7, 0.19},
        {Type::f64, 0, 0.6, -0x1.7b1b54042e85fp-3},
        {Type::f64, 1, 0.6, 0x1.3793b32391a9dp+0},
        {Type::f64, 2, 1.6, 0x1.72c74d3ef5154p-3},
        {Type::f64, 0, 0.6, -0x1.a54870ee7a3ep+0, -1.8, -0.7, 0.19},
    };
  }
};
