// arctan_sigmoid: an S from 0 to 1 made of an arc tangent, the distribution function of a Cauchy
// variable. It has the heaviest tails of its kind here: its slope dies as 1/(pi x^2) only, so a unit
// that sits far out still hears something, but a probability of 99 % takes an input of 32.
// SPDX-License-Identifier: Apache-2.0

struct arctan_sigmoid {
  template <class T>
  struct Parameters {};

  static Info info() {
    return {
        .name = "arctan_sigmoid",
        .aliases = {"ArctanSigmoid"},
        .title = "arc tangent sigmoid",
        .formula = "1/2 + arctan(x) / pi",
        .slope = "1 / (pi (1 + x^2))",
        .curvature = "-2 x / (pi (1 + x^2)^2)",
        .derivation =
            "x = tan(t) gives dx/dt = 1 + tan(t)^2 = 1 + x^2, so arctan'(x) = 1 / (1 + x^2)",
        .symmetry = Symmetry::point,
        .torch = "",
        .keras = "",
        .jax = "",
        .onnx = "",
        .onednn = "",
    };
  }

  static Interval range(const Parameters<double>&) { return {0, 1, true, true}; }
  static Limits limits(const Parameters<double>&) {
    return {.minus = {0, 0, 0}, .plus = {1, 0, -0.0}};
  }

  // Beyond 1 by arctan(x) = pi/2 - arctan(1/x), for in the left tail 1/2 + arctan(x)/pi cancels.
  template <class T>
  static T truth(const T& x, const Parameters<T>&) {
    if (x > 1.0) return 1.0 - atan(1.0 / x) / pi(x);
    if (x < -1.0) return atan(-1.0 / x) / pi(x);
    return 0.5 + atan(x) / pi(x);
  }

  // From 2^60 on arctan(1/x) is 1/x, and 1 + x^2 is x^2 and would overflow.
  template <class V>
  static void kernel(V x, const Parameters<double>&, V& y, V& dy, V& d2y) {
    using W = typename V::Wide;
    const V a = abs(x), one(1.0);
    const auto outside = a > one, far = a > V(0x1p60);
    const W over_pi(0x1.45f306dc9c883p-2, -0x1.6b01ec5417056p-56);
    const V angle = arctangent(select(outside, one / a, a));
    const W r = over_pi / W(a), r2 = r / W(a);
    const V part = rounded(select(far, r, over_pi * angle));
    const V tail = select(outside, part, V(0.5) - part);
    y = select(x > V(0.0), select(outside, one - part, V(0.5) + part), tail);
    const V near_a = select(far, V(0.0), a);
    const W q = W(one) + product(near_a, near_a);
    const W slope = over_pi / q;
    dy = rounded(select(far, r2, slope));
    // Next to 0 the curvature is -2x/pi, whose low half a subnormal number has no room for.
    const V start = V(0x1.45f306dc9c883p-1, -0x1.6b01ec5417056p-55) * a;
    const V bend = rounded(select(far, r2 * V(2.0) / W(a), slope * (V(2.0) * near_a) / q));
    d2y = copysign(select(a < V(0x1p-60), start, bend), -x);
  }

  static std::vector<Claim> claims() {
    return {
        {Type::f32, 0, 2, -0x1.7b3f06p-15},          {Type::f32, 1, 1.7, -0x1.ef2c4ep-2},
        {Type::f32, 2, 1.9, -0x1.7ee318p+0},         {Type::f64, 0, 1.7, -0x1.463756c6aaaa5p+5},
        {Type::f64, 1, 0.6, -0x1.093b2356ea6bp+509}, {Type::f64, 2, 1.1, 0x1.88cb3c16d7807p-776},
    };
  }
};
