// arctan: an S from -pi/2 to pi/2, the angle whose tangent is x. Its tails are heavy: the slope dies as
// 1/x^2 only, so a unit that sits far out still hears something; and it is odd, so zero stays zero.
// SPDX-License-Identifier: Apache-2.0

struct arctan {
  template <class T>
  struct Parameters {};

  static Info info() {
    return {
        .name = "arctan",
        .aliases = {"atan", "Atan"},
        .title = "arc tangent",
        .formula = "arctan(x)",
        .slope = "1 / (1 + x^2)",
        .curvature = "-2 x / (1 + x^2)^2",
        .derivation = "x = tan(t) gives dx/dt = 1 + tan(t)^2 = 1 + x^2, so dt/dx = 1 / (1 + x^2)",
        .symmetry = Symmetry::odd,
        .torch = "torch.atan",
        .keras = "keras.ops.arctan",
        .jax = "jax.numpy.arctan",
        .onnx = "Atan",
        .onednn = "",
    };
  }

  static Interval range(const Parameters<double>&) {
    return {-0x1.921fb54442d18p+0, 0x1.921fb54442d18p+0, true, true};
  }
  static Limits limits(const Parameters<double>&) {
    return {.minus = {-0x1.921fb54442d18p+0, 0, 0}, .plus = {0x1.921fb54442d18p+0, 0, -0.0}};
  }

  template <class T>
  static T truth(const T& x, const Parameters<T>&) {
    return atan(x);
  }

  // Beyond 1 as pi/2 - arctan(1/x), where the rounding of 1/x is put back to first order. From 2^60 on
  // 1 + x^2 is x^2 and would overflow.
  template <class V>
  static void kernel(V x, const Parameters<double>&, V& y, V& dy, V& d2y) {
    using W = typename V::Wide;
    const V a = abs(x), one(1.0);
    const auto outside = a > one, far = a > V(0x1p60);
    const V near_a = select(far, V(0.0), a);

    const V inverse = one / a;
    const W unit = product(inverse, near_a);
    const V rest = rounded(W(one) - unit) * inverse;
    const V angle = arctangent(select(outside, inverse, a));
    const V nudge = select(far, V(0.0), rest * fma(V(-0.5) * inverse, inverse, one));
    const V inside = rounded(W(0x1.921fb54442d18p+0, 0x1.1a62633145c07p-54) - W(angle) - W(nudge));
    y = copysign(select(outside, inside, angle), x);

    // With a power of two to come off again, since far out both are subnormal.
    const W r = W(one) / W(a), near = W(one) / (W(one) + product(near_a, near_a));
    const W slope = select(far, r * scaled(one) * r, near * scaled(one));
    dy = unscaled(rounded(slope));
    d2y = copysign(unscaled(rounded(select(far, r, near * near_a) * V(2.0) * slope)), -x);
  }

  static std::vector<Claim> claims() {
    return {
        {Type::f32, 0, 1.3, -0x1.14p+0},
        {Type::f32, 1, 0.8, -0x1.1d2p+63},
        {Type::f32, 2, 1.6, 0x1.f43076p-1},
        {Type::f64, 0, 1.2, 0x1.1fbc761c42f4p+0},
        {Type::f64, 1, 0.6, -0x1.ffffffffffffep+511},
        {Type::f64, 2, 0.6, -0x1.fffffffffffffp-1},
    };
  }
};
