// cloglog: 1 - e^(-e^x), the inverse of the complementary log-log: the probability that something
// happens at least once when it happens e^x times on average. An S like the sigmoid's, but it leaves 0
// slowly, as e^x, and reaches 1 at a stroke.
// SPDX-License-Identifier: Apache-2.0

struct cloglog {
  template <class T>
  struct Parameters {};

  static Info info() {
    return {
        .name = "cloglog",
        .aliases = {"complementary_log_log"},
        .title = "complementary log-log",
        .formula = "1 - e^(-e^x)",
        .slope = "e^(x - e^x)",
        .curvature = "(1 - e^x) e^(x - e^x)",
        .derivation = "(e^(-t))' = -t' e^(-t) with t = e^x = t', and (x - e^x)' = 1 - e^x",
        .paper = "Gomes & Ludermir 2008, HIS 2008",
    };
  }

  static Interval range(const Parameters<double>&) { return {0, 1, true, true}; }
  static Limits limits(const Parameters<double>&) {
    return {.minus = {0, 0, 0}, .plus = {1, 0, -0.0}};
  }

  // Beyond x = 40 what is left of e^(-e^x) is below e^(-10^17), and soon no ball can hold it: another
  // number that small, of the same signs, stands for it there.
  template <class T>
  static T truth(const T& x, const Parameters<T>&) {
    return x > 40 ? 1.0 - exp(-1e17 * x) : -expm1(-exp(x));
  }

  // With t = e^x: 1 - e^(-t), which is t itself far out on the left; the slope e^(x - t), whose
  // exponent wants more of t than a result would.
  template <class V>
  static void kernel(V x, const Parameters<double>&, V& y, V& dy, V& d2y) {
    using Wide = typename V::Wide;
    const V most(8.0), least(-80.0);  // e^8 is so much that nothing is left of e^(-t)
    const V near_x = select(x > most, most, x);
    const auto e = exponential(near_x);
    y = select(x < least, unscaled(e.scaled), -exponential(-e.wide).minus_one);
    const Wide t = precise_power_of_e(select(x < least, least, near_x));
    const auto slope = exponential(Wide(near_x) - t);
    dy = unscaled(slope.scaled);
    d2y = -unscaled(slope.scaled * e.minus_one);
  }

  static std::vector<Claim> claims() {
    return {
        {Type::f32, 0, 1, -0x1.5c4p+0},
        {Type::f32, 1, 0.9, 0x1.20ap+2},
        {Type::f32, 2, 2.2, 0x1.4a2p-4},
        {Type::f64, 0, 0.8, -0x1p+0},
        {Type::f64, 1, 0.9, -0x1.54d697367765fp+5},
        {Type::f64, 2, 2, 0x1.51a5bace4b2ep+0},
    };
  }
};
