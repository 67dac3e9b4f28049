// log1mexp: log(1 - e^-x), the log of the probability that is left when something of log-probability -x
// is taken away. It is defined for x > 0 alone, from -inf at 0 up to -0; elsewhere value, slope and
// curvature are NaN (jax.nn.log1mexp's slope goes on left of 0, where it has no value).
// SPDX-License-Identifier: Apache-2.0

struct log1mexp {
  template <class T>
  struct Parameters {};

  static Info info() {
    return {
        .name = "log1mexp",
        .title = "logarithm of 1 - e^-x",
        .formula = "log(1 - e^-x), x > 0",
        .slope = "1 / (e^x - 1)",
        .curvature = "-e^x / (e^x - 1)^2",
        .derivation = "(log(1 - e^-x))' = e^-x / (1 - e^-x) = 1 / (e^x - 1)",
        .jax = "jax.nn.log1mexp",
        .paper = "Maechler 2012, Accurately computing log(1 - exp(-|a|)), R package Rmpfr",
    };
  }

  static Interval domain(const Parameters<double>&) { return {0, kInfinity, true, true}; }
  static Interval range(const Parameters<double>&) { return {-kInfinity, 0, true, true}; }
  static Limits limits(const Parameters<double>&) {
    return {.minus = {-kInfinity, kInfinity, -kInfinity}, .plus = {-0.0, 0, -0.0}};
  }

  template <class T>
  static T truth(const T& x, const Parameters<T>&) {
    return x > 1 ? log1p(-exp(-x)) : log(-expm1(-x));
  }

  // With e = e^-x, u = 1 - e and t = e / u: log(u), where u > 1/2 as -e (log(1 - e) / -e); t; -t (1 + t).
  template <class V>
  static void kernel(V x, const Parameters<double>&, V& y, V& dy, V& d2y) {
    using Wide = typename V::Wide;
    const Wide one(1.0);
    const auto left = x < V(0.6931471805599453);
    const auto e = exponential(-x);
    const Wide u = select(x < V(0x1p-5), Wide(-e.minus_one), one - e.wide);
    const Wide tail = e.wide_scaled * log1p_ratio(-e.plain);
    y = select(left, rounded(logarithm(rounded(u))), -unscaled(rounded(tail)));
    // Left 1 / x may overflow, as may halves of products on the way to 1 / x^2; right e^-x underflows.
    const Wide t = select(left, e.wide, e.wide_scaled) / u;
    const Wide part = t * select(left, V(0x1p-10), V(1.0));
    const Wide bend = part * (one + select(left, t, unscaled(t)));
    dy = select(left, rounded_or_infinite(t), unscaled(rounded(t)));
    d2y = -select(left, V(0x1p10) * rounded_or_infinite(bend), unscaled(rounded(bend)));
  }

  static std::vector<Claim> claims() {
    return {
        {Type::f32, 0, 1.7, 0x1.649302p-1},         {Type::f32, 1, 1.6, 0x1.031fap-23},
        {Type::f32, 2, 2.6, 0x1.018p-15},           {Type::f64, 0, 1.5, 0x1.04515acaecc4p+0},
        {Type::f64, 1, 1.1, 0x1.0000000000001p-52}, {Type::f64, 2, 2.1, 0x1.0000000000001p-52},
    };
  }
};
