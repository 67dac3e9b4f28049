// xielu: a parabola right of 0, alpha_p x^2 + beta x, and the integral of a shifted elu to the left,
// alpha_n (e^x - 1 - x) + beta x. Its slope grows with x like squared relu's, but to the left it falls
// below 0 and levels off instead of dying. alpha_p and alpha_n are learned. (transformers trains them
// through a softplus, as alpha_n - beta, and puts e^-1e-6 for e^x between -1e-6 and 0.)
// SPDX-License-Identifier: Apache-2.0

struct xielu {
  template <class T>
  struct Parameters {
    T alpha_p, alpha_n, beta;
  };

  static Info info() {
    return {
        .name = "xielu",
        .aliases = {"xIELU"},
        .title = "expanded integral of the exponential linear unit",
        .formula = "alpha_p x^2 + beta x for x > 0, alpha_n (e^x - 1 - x) + beta x for x <= 0",
        .slope = "2 alpha_p x + beta for x > 0, alpha_n (e^x - 1) + beta for x <= 0",
        .curvature = "2 alpha_p for x > 0, alpha_n e^x for x <= 0",
        .derivation =
            "the slope is chosen first, a line and an elu that meet in beta at 0; f is its "
            "integral",
        .parameters = {{.name = "alpha_p",
                        .value = 0.8,
                        .recommended = {0, 100, true, false},
                        .any = {0, kInfinity, true, true},
                        .learned = true,
                        .meaning = "how fast the slope grows right of 0"},
                       {.name = "alpha_n",
                        .value = 0.8,
                        .recommended = {0, 100, true, false},
                        .any = {0, kInfinity, true, true},
                        .learned = true,
                        .meaning = "how far the slope falls left of 0"},
                       {.name = "beta",
                        .value = 0.5,
                        .recommended = {0, 100, true, false},
                        .any = {0, kInfinity, true, true},
                        .meaning = "the slope at 0"}},
        .kinks = {{.at = 0, .convention = "slope beta, curvature alpha_n: the branch x <= 0"}},
        .paper = "Huang & Schlag 2024, arXiv:2411.13010",
    };
  }

  // Left of 0 the slope falls to beta - alpha_n: with alpha_n > beta there is a least value, at
  // x = log(1 - beta / alpha_n).
  static Interval range(const Parameters<double>& p) {
    if (p.alpha_n < p.beta) return {-kInfinity, kInfinity, true, true};
    if (p.alpha_n == p.beta) return {-p.alpha_n, kInfinity, true, true};
    const double depth = std::log1p(-p.beta / p.alpha_n);
    return {-p.beta - (p.alpha_n - p.beta) * depth, kInfinity, false, true};
  }
  static Limits limits(const Parameters<double>& p) {
    const double left = p.alpha_n > p.beta   ? kInfinity
                        : p.alpha_n < p.beta ? -kInfinity
                                             : -p.alpha_n;
    return {.minus = {left, p.beta - p.alpha_n, 0}, .plus = {kInfinity, kInfinity, 2 * p.alpha_p}};
  }

  // With alpha_n > beta value and slope have a zero left of 0. For r = beta / alpha_n it lies between
  // -1 / (1 - r) and -2 r, since -1 - x <= e^x - 1 - x <= x^2 / 2, and at log(1 - r).
  template <class C>
  static C cancellations(int order, const Parameters<double>& p) {
    C found;
    const double r = p.beta / p.alpha_n;
    if (!(r < 1)) return found;
    if (order == 0) found.add(-2 / (1 - r), -r, 2 * p.alpha_n);
    if (order == 1) found.add(2 * std::log1p(-r), std::log1p(-r) / 2, p.beta);
    return found;
  }

  template <class T>
  static T truth(const T& x, const Parameters<T>& p) {
    if (x > 0) return (p.alpha_p * x + p.beta) * x;
    if (x > -1) return p.alpha_n * (expm1(x) - x) + p.beta * x;
    return p.alpha_n * exp(x) + ((p.beta - p.alpha_n) * x - p.alpha_n);
  }

  // e^x in twice the precision, since value and slope have zeros left of 0 where their addends cancel.
  // Between -1 and 0, e^x - 1 - x is x^2 times a polynomial.
  template <class V>
  static void kernel(V x, const Parameters<double>& p, V& y, V& dy, V& d2y) {
    using Wide = typename V::Wide;
    const V zero(0.0), one(1.0), least(-80.0);
    const Wide up(p.alpha_p), down(p.alpha_n), beta(p.beta);
    const auto right = x > zero, near = x > V(-1.0);
    const V left_x = select(right, zero, x), near_x = select(near, left_x, zero);
    const auto e = exponential(left_x);
    const auto far = left_x < least;
    const Wide precise =
        select(far, unscaled(e.wide_scaled), precise_power_of_e(select(far, least, left_x)));

    const Wide rise = (up * x + beta) * x;
    const Wide bend = down * (product(near_x, near_x) * exponential_gap(near_x)) + beta * left_x;
    const Wide line = down * (precise - Wide(one)) + (beta - down) * left_x;
    y = select(abs(x) > zero, rounded_or_infinite(select(right, rise, select(near, bend, line))),
               x);

    // Far out, beta - alpha_n is taken first: it may be small.
    const Wide fall = select(near, down * Wide(e.minus_one) + beta, down * precise + (beta - down));
    dy = rounded_or_infinite(select(right, (up + up) * x + beta, fall));
    d2y = select(right, rounded(up + up), unscaled(rounded(down * e.scaled)));
  }

  template <class V>
  static void parameter_slopes(V x, const Parameters<double>&, Parameters<V>& dp) {
    using Wide = typename V::Wide;
    const V zero(0.0), least(-80.0);
    const auto right = x > zero, near = x > V(-1.0);
    const V left_x = select(right, zero, x), near_x = select(near, left_x, zero);
    const Wide e = precise_power_of_e(select(left_x < least, least, left_x));
    dp.alpha_p = select(right, x * x, zero);
    dp.alpha_n = select(near, rounded(product(near_x, near_x) * exponential_gap(near_x)),
                        rounded(e - Wide(V(1.0)) - Wide(left_x)));
    dp.beta = x;
  }

  static std::vector<Claim> claims() {
    return {
        {Type::f32, 0, 2, 0x1.f82b7cp-9},
        {Type::f32, 1, 1.7, -0x1.a12p-2},
        {Type::f32, 2, 1.4, -0x1.036p+3},
        {Type::f32, 0, 0.5, -0x1.fd61bp+0, -3.4, -1.4, 0.8},
        {Type::f32, 1, 1.1, -0x1.f94p-1, -2, -0.5, 0.4},
        {Type::f64, 0, 1.2, -0x1.b539acb829ecp-1},
        {Type::f64, 1, 1.8, -0x1.972ed9aaf77p-2},
        {Type::f64, 2, 1.5, -0x1.7211aacd98p+3},
        {Type::f64, 0, 0.2, -0x1.8b0df19fd648p+0, -3.4, -1.4, 0.8},
        {Type::f64, 1, 1.1, -0x1.ffffffffffffep-1, -2, -0.5, 0.4},
    };
  }
};
