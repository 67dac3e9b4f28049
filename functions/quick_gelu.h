// quick_gelu: x sigma(1.702 x), silu sharpened until it lies close to gelu (within 0.0203). It costs one
// exponential, and some language and vision models (GPT-2, CLIP) were trained with it.
// SPDX-License-Identifier: Apache-2.0

struct quick_gelu {
  template <class T>
  struct Parameters {};

  static Info info() {
    return {
        .name = "quick_gelu",
        .aliases = {"QuickGELU", "gelu_quick"},
        .title = "gelu by a sigmoid",
        .formula = "x sigma(1.702 x)",
        .slope = "sigma(z) (1 + z sigma(-z)), z = 1.702 x",
        .curvature = "1.702 sigma(z) sigma(-z) (2 - z tanh(z/2)), z = 1.702 x",
        .derivation = "(x sigma(c x))' = sigma + c x sigma', and sigma' = sigma(z) sigma(-z)",
        .onednn = "eltwise_swish, alpha = 1.702",
        .paper = "Hendrycks & Gimpel 2016, arXiv:1606.08415",
    };
  }

  static Interval range(const Parameters<double>&) {
    return {-0.16361018963635358, kInfinity, false, true};
  }
  static Limits limits(const Parameters<double>&) {
    return {.minus = {-0.0, -0.0, -0.0}, .plus = {kInfinity, 1, -0.0}};
  }

  template <class T>
  static T truth(const T& x, const Parameters<T>&) {
    return x * logistic(decimal(x, "1.702") * x);
  }

  // As silu, with z = 1.702 |x| and e = exp(-z): the slope is (1 + e (1 + z)) / (1 + e)^2 right of 0 and
  // e (1 - z + e) / (1 + e)^2 left of it; it and the curvature have zeros, near which their sums cancel.
  template <class V>
  static void kernel(V x, const Parameters<double>&, V& y, V& dy, V& d2y) {
    using Wide = typename V::Wide;
    const Wide factor(0x1.b3b645a1cac08p+0, 0x1.89374bc6a7efap-55);  // 1.702
    const V a = abs(x), one(1.0);
    const auto right = x > V(0.0);
    const V near_a = select(a > V(2000.0), V(2000.0), a);
    const Wide z = factor * near_a;
    const auto e = exponential(-z);
    const Wide s = Wide(one) + e.wide;

    const V part = rounded(select(right, Wide(a), e.wide_scaled * near_a) / s);
    y = copysign(select(right, part, unscaled(part)), x);

    const Wide top = select(right, s + e.wide * z, s - z);
    const V slope = rounded(select(right, top, e.wide_scaled * top) / (s * s));
    dy = select(right, slope, copysign(unscaled(slope), rounded(top)));

    // 1.702 e (2 (1 + e) - z (1 - e)) / (1 + e)^3, even in x.
    const Wide bend = s + s - (Wide(one) - e.wide) * z;
    d2y = copysign(unscaled(rounded(e.wide_scaled * (bend / (s * s * s)) * factor)), rounded(bend));
  }

  static std::vector<Claim> claims() {
    return {
        {Type::f32, 0, 1.9, 0x1.eac8bap-6},
        {Type::f32, 1, 1.7, -0x1.4adebp-6},
        {Type::f32, 2, 0.8, -0x1.b3c6b8p+5},
        {Type::f32, 1, 1, -0x1.73faep-1, -1.2, -0.4, 0.25},
        {Type::f32, 2, 0.4, -0x1.02p+0, -2, -1, 0.35},
        {Type::f32, 2, 0.4, 0x1.02p+0, 1, 2, 0.35},
        {Type::f64, 0, 0.7, -0x1.e0024b01c3ca8p+2},
        {Type::f64, 1, 0.7, -0x1.8861c3d8189fep+5},
        {Type::f64, 2, 0.7, 0x1.07d2d193bfe5cp+4},
        {Type::f64, 1, 0.3, -0x1.f4c6e0a66d1p-2, -1.2, -0.4, 0.25},
        {Type::f64, 2, 0.3, -0x1.1509f40b288p+0, -2, -1, 0.35},
        {Type::f64, 2, 0.3, 0x1.137518c3c088p+0, 1, 2, 0.35},
    };
  }
};
