// bent_identity: x bent upwards by half a hyperbola, (sqrt(x^2 + 1) - 1) / 2 + x. Its slope climbs
// from 1/2 to 3/2 and never vanishes. It is no part of gradkeep: the tests add it from here, to
// show that one file is enough.
// SPDX-License-Identifier: Apache-2.0

struct bent_identity {
  template <class T>
  struct Parameters {};

  static Info info() {
    return {
        .name = "bent_identity",
        .aliases = {"BentIdentity"},
        .title = "bent identity",
        .formula = "(sqrt(x^2 + 1) - 1) / 2 + x",
        .slope = "x / (2 sqrt(x^2 + 1)) + 1",
        .curvature = "1 / (2 (x^2 + 1)^(3/2))",
        .derivation = "(sqrt(u))' = u' / (2 sqrt(u)) with u = x^2 + 1, u' = 2 x",
    };
  }

  static Interval range(const Parameters<double>&) { return {}; }
  static Limits limits(const Parameters<double>&) {
    return {.minus = {-kInfinity, 0.5, 0}, .plus = {kInfinity, 1.5, 0}};
  }

  // sqrt(x^2 + 1) - 1 = x^2 / (sqrt(x^2 + 1) + 1), which does not cancel near 0.
  template <class T>
  static T truth(const T& x, const Parameters<T>&) {
    return x * (1.0 + x / (2.0 * (sqrt(x * x + 1.0) + 1.0)));
  }

  // Beyond 1 in size the square is taken of 1/x instead, so that it cannot overflow.
  template <class V>
  static void kernel(V x, const Parameters<double>&, V& y, V& dy, V& d2y) {
    const V one(1.0), half(0.5);
    const auto outer = abs(x) > one;
    const V q = select(outer, one / x, x);
    const V s = sqrt(q * q + one);
    const V top = select(outer, copysign(one, x), x);
    const V bottom = select(outer, abs(q), one);
    y = x * (one + half * top / (bottom + s));
    dy = one + half * top / s;
    const V w = bottom / s;
    d2y = half * w * w * w;
  }

  static std::vector<Claim> claims() {
    return {
        {.type = Type::f32, .order = 0, .ulp = 3}, {.type = Type::f32, .order = 1, .ulp = 3},
        {.type = Type::f32, .order = 2, .ulp = 4}, {.type = Type::f64, .order = 0, .ulp = 3},
        {.type = Type::f64, .order = 1, .ulp = 3}, {.type = Type::f64, .order = 2, .ulp = 4},
    };
  }
};
