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
    const V one(1.0), alpha(p.alpha);
    const auto e = exponential(-(Wide(p.alpha) * abs(x)));
    // t = sigma(-alpha |x|), u = sigma(alpha |x|), which the ramp can make a tie that t decides, however
    // small: u takes it from e, which never vanishes. The value has zeros where ramp and sigma cancel, and
    // wants e in twice the precision.
    const auto wide_sum = one_plus(e.wide), ramp = Wide(p.beta) * x;
    const Wide right = one_plus(-(e.wide / wide_sum)), left = unscaled(e.wide_scaled / wide_sum);
    y = rounded_or_infinite(ramp + select(x > V(0.0), right, left));
    const auto sum = one_plus(e.plain);
    const auto t = e.scaled / sum, u = one_plus(-(e.plain / sum));
    dy = rounded(unscaled(t * u * alpha) + Wide(p.beta));
    // alpha^2 sigma' (1 - e) / (1 + e). Next to 0 the curvature is -alpha^3 x/8 (1 - z^2/3), and the
    // first factor can be a tie of the result's format.
    const V bend = unscaled(rounded(t * u * (e.minus_one / sum) * alpha * alpha));
    const V z = alpha * x;
    d2y = select(abs(z) < V(0x1p-60), alpha * alpha * z * V(-0.125) * (one - z * z / V(3.0)),
                 copysign(bend, -x));
  }

  template <class V>
  static void parameter_slopes(V x, const Parameters<double>& p, Parameters<V>& dp) {
    const V far(2000 / p.alpha);  // beyond it e is 0
    const V near_x = select(abs(x) > far, far, x);
    const auto e = exponential(-(typename V::Wide(p.alpha) * abs(x)));
    const auto sum = one_plus(e.wide);
    dp.alpha = unscaled(rounded(e.wide_scaled / (sum * sum) * near_x));
    dp.beta = x;
  }

  static std::vector<Claim> claims() {
    return {
        {Type::f32, 0, 1.3, -0x1.24p-1},
        {Type::f32, 1, 0.9, -0x1.58ep-1},
        {Type::f32, 2, 2.8, -0x1.3fad62p+1},
        {Type::f32, 0, 1.1, -0x1.6982b8p-1, -1.8, -0.7, 0.19},
        {Type::f64, 0, 0.6, -0x1.47e5f2f0b2cp-3},
        {Type::f64, 1, 0.9, 0x1.35cdebf8a6cp+0},
        {Type::f64, 2, 1.5, 0x1.5c7c470de8b04p+3},
        {Type::f64, 0, 0.6, -0x1.a54870ee7a3ep+0, -1.8, -0.7, 0.19},
    };
  }
};
