// ramped_softsign: the mean of x and softsign x / (1 + |x|), an S shape on a ramp. It is odd, has slope
// 1 at 0 and never less than 1/2, so that it saturates nowhere. No library has it: this file is all
// that gradkeep needs to know of a new function. It holds information, truth (the formula as in a
// book, from which references are computed), kernel (how SIMD lanes compute value, slope and
// curvature) and claims (how accurate that is, which the tests check).
// SPDX-License-Identifier: Apache-2.0

struct ramped_softsign {
  template <class T>
  struct Parameters {};

  static Info info() {
    return {
        .name = "ramped_softsign",
        .aliases = {"RampedSoftsign"},
        .title = "softsign on a ramp",
        .formula = "(x + x / (1 + |x|)) / 2",
        .slope = "(1 + 1 / (1 + |x|)^2) / 2",
        .curvature = "-sign(x) / (1 + |x|)^3",
        .derivation = "(x)' = 1;  for x > 0: (x / (1 + x))' = 1 / (1 + x)^2;  odd",
        .symmetry = Symmetry::odd,
        .kinks = {{.at = 0,
                   .convention = "slope 1 from both sides; curvature 1: the branch x <= 0"}},
    };
  }

  static Interval range(const Parameters<double>&) { return {}; }
  static Limits limits(const Parameters<double>&) {
    return {.minus = {-kInfinity, 0.5, 0}, .plus = {kInfinity, 0.5, -0.0}};
  }

  template <class T>
  static T truth(const T& x, const Parameters<T>&) {
    return (x + x / (1.0 + abs(x))) / 2.0;
  }

  // The addends have one sign: nothing cancels. (1 + a)^2 is multiplied out, which rounds once less,
  // up to 2^60, from where on it could overflow and 1 + a is a. Its cube is taken in twice the
  // precision, and scaled by a power of two so that no part of it underflows on the way.
  template <class V>
  static void kernel(V x, const Parameters<double>&, V& y, V& dy, V& d2y) {
    using Wide = typename V::Wide;
    const V one(1.0), half(0.5), a = abs(x), r = one / (one + a);
    const auto far = a > V(0x1p60);
    const V near_a = select(far, V(0.0), a);
    const V square = select(far, r * r, one / fma(near_a, near_a, fma(V(2.0), near_a, one)));
    y = x * fma(half, r, half);
    dy = fma(half, square, half);
    const Wide inverse = Wide(one) / (Wide(one) + Wide(a));
    const V cube = unscaled(rounded(inverse * scaled(one) * inverse * inverse));
    d2y = copysign(cube, select(x > V(0.0), -one, one));
  }

  static std::vector<Claim> claims() {
    return {
        {.type = Type::f32, .order = 0, .ulp = 2}, {.type = Type::f32, .order = 1, .ulp = 2},
        {.type = Type::f32, .order = 2, .ulp = 1}, {.type = Type::f64, .order = 0, .ulp = 2},
        {.type = Type::f64, .order = 1, .ulp = 2}, {.type = Type::f64, .order = 2, .ulp = 1},
    };
  }
};
