// bent_identity: x plus half the height of a hyperbola, (sqrt(x^2 + 1) - 1) / 2. Almost a straight
// line: its slope runs from 1/2 on the left to 3/2 on the right and never comes near 0.
// SPDX-License-Identifier: Apache-2.0

struct bent_identity {
  template <class T>
  struct Parameters {};

  static Info info() {
    return {
        .name = "bent_identity",
        .aliases = {"BentIdentity"},
        .title = "bent identity",
        .formula = "x + (sqrt(x^2 + 1) - 1) / 2",
        .slope = "1 + x / (2 sqrt(x^2 + 1))",
        .curvature = "1/2 (x^2 + 1)^(-3/2)",
        .derivation = "s' = x / s for s = sqrt(x^2 + 1);  (x / s)' = 1/s - x^2 / s^3 = 1 / s^3",
        .torch = "",
        .keras = "",
        .jax = "",
        .onnx = "",
        .onednn = "",
    };
  }

  static Interval range(const Parameters<double>&) { return {-kInfinity, kInfinity, true, true}; }
  static Limits limits(const Parameters<double>&) {
    return {.minus = {-kInfinity, 0.5, 0}, .plus = {kInfinity, 1.5, 0}};
  }

  // s - 1 would cancel near 0; x^2 / (s + 1) is the same number.
  template <class T>
  static T truth(const T& x, const Parameters<T>&) {
    const T s = sqrt(x * x + 1.0);
    return x + x * x / (s + 1.0) / 2.0;
  }

  // |x| (|x| / (s + 1)) / 2 is added in one rounding; far out (s - 1) / 2, so that what tells the half
  // of a tie is not lost. Beyond `end` x^2 would overflow, and 1 is nothing beside it. For the curvature
  // q = x^2 + 1 and its root are carried to twice the precision, with a power of two taken off.
  template <class V>
  static void kernel(V x, const Parameters<double>&, V& y, V& dy, V& d2y) {
    using Wide = typename V::Wide;
    const V a = abs(x), one(1.0), half(0.5);
    const V end(sizeof(typename V::Scalar) == 4 ? 0x1p62 : 0x1p500);
    const auto far = a > V(0x1p40), beyond = a > end;
    const V near_a = select(beyond, end, a);
    const Wide q = product(near_a, near_a) + Wide(one);
    const V root = sqrt(rounded(q)), s = select(beyond, a, root);
    const Wide fine_root = Wide(root) + Wide(rounded(q - product(root, root)) / (root + root));
    const Wide bend = near_a / (Wide(one) + fine_root) * (a * half);
    const V bent = select(far, fma(s - one, half, x), rounded(Wide(x) + bend));
    y = select(a > V(0.0), bent, x);  // -0 stays -0
    dy = fma(copysign(near_a / root, x), half, one);
    d2y = unscaled(half / rounded_or_infinite(unscaled(q) * fine_root));
  }

  static std::vector<Claim> claims() {
    return {
        {Type::f32, 0, 1.8, -0x1.c34p+2},           {Type::f32, 1, 1.6, -0x1.90d47p-6},
        {Type::f32, 2, 1.5, -0x1.954p-5},           {Type::f64, 0, 1.9, -0x1.effc47a259d59p+4},
        {Type::f64, 1, 1.4, -0x1.04954a84695c2p+4}, {Type::f64, 2, 1.4, -0x1.8946e870c6cp-4},
    };
  }
};
