// gaussian: e^(-x^2), a bell of height 1. It answers to inputs near 0 and to no others, as the units of
// a radial basis network do: its slope fades on both sides, and an input far out teaches it nothing.
// SPDX-License-Identifier: Apache-2.0

struct gaussian {
  template <class T>
  struct Parameters {};

  static Info info() {
    return {
        .name = "gaussian",
        .aliases = {"Gaussian"},
        .title = "Gaussian bell",
        .formula = "e^(-x^2)",
        .slope = "-2 x e^(-x^2)",
        .curvature = "(4 x^2 - 2) e^(-x^2)",
        .derivation = "(e^(-x^2))' = e^(-x^2) (-x^2)'. Other bells are this one at x / (s sqrt(2))",
        .symmetry = Symmetry::even,
        .paper = "Broomhead & Lowe 1988, Complex Systems 2, 321-355",
    };
  }

  static Interval range(const Parameters<double>&) { return {0, 1, true, false}; }
  static Limits limits(const Parameters<double>&) {
    return {.minus = {0, 0, 0}, .plus = {0, -0.0, 0}};
  }

  template <class T>
  static T truth(const T& x, const Parameters<T>&) {
    return exp(-(x * x));
  }

  // The square in twice the precision: its error would be multiplied by the square itself, and
  // 4 x^2 - 2 cancels at sqrt(1/2).
  template <class V>
  static void kernel(V x, const Parameters<double>&, V& y, V& dy, V& d2y) {
    using Wide = typename V::Wide;
    const V a = abs(x), near_a = select(a > V(100.0), V(100.0), a);
    const Wide square = product(near_a, near_a);
    const auto e = exponential(-square);
    y = unscaled(e.scaled);
    dy = copysign(unscaled(e.scaled * (near_a + near_a)), -x);
    const Wide bend = square * V(4.0) - Wide(V(2.0));
    d2y = copysign(unscaled(rounded(e.wide_scaled * bend)), rounded(bend));
  }

  static std::vector<Claim> claims() {
    return {
        {Type::f32, 0, 1.6, -0x1.72a524p+2},        {Type::f32, 1, 1.5, -0x1.486p+1},
        {Type::f32, 2, 0.8, -0x1.362p+3},           {Type::f64, 0, 0.9, -0x1.1245b9307fe78p+2},
        {Type::f64, 1, 1.5, -0x1.4c5a461e8f425p+4}, {Type::f64, 2, 0.8, -0x1.ac4682932a26cp+4},
    };
  }
};
