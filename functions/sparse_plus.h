// sparse_plus: softplus with a finite bend, a parabola between -1 and 1 that joins 0 to x. Its slope is
// sparse_sigmoid: continuous, exactly 0 on the left and exactly 1 on the right.
// SPDX-License-Identifier: Apache-2.0

struct sparse_plus {
  template <class T>
  struct Parameters {};

  static Info info() {
    return {
        .name = "sparse_plus",
        .aliases = {"SparsePlus"},
        .title = "sparse plus",
        .formula = "0 for x <= -1, (x + 1)^2 / 4 for -1 < x < 1, x for x >= 1",
        .slope = "0 for x <= -1, (x + 1) / 2 for -1 < x < 1, 1 for x >= 1",
        .curvature = "1/2 for -1 < x < 1, 0 elsewhere",
        .derivation = "((x + 1)^2 / 4)' = (x + 1) / 2;  (0)' = 0;  (x)' = 1",
        .kinks = {{.at = -1,
                   .convention =
                       "slope 0 from both sides; curvature 0: the branch x <= -1, as JAX"},
                  {.at = 1,
                   .convention =
                       "slope 1 from both sides; curvature 0: the branch x >= 1, as JAX"}},
        .slope_from_output = true,
        .from_output_note = "sqrt(y) up to y = 1, 1 above: loses nothing",
        .torch = "",
        .keras = "keras.activations.sparse_plus",
        .jax = "jax.nn.sparse_plus",
        .onnx = "",
        .onednn = "",
        .paper = "Blondel, Martins & Niculae 2020, arXiv:1901.02324",
    };
  }

  static Interval range(const Parameters<double>&) { return {0, kInfinity, false, true}; }
  static Limits limits(const Parameters<double>&) {
    return {.minus = {0, 0, 0}, .plus = {kInfinity, 1, 0}};
  }

  template <class T>
  static T truth(const T& x, const Parameters<T>&) {
    const T t = x + 1.0;
    return x <= -1.0 ? real(x, 0.0) : x >= 1.0 ? x : t * t / 4.0;
  }

  template <class V>
  static void kernel(V x, const Parameters<double>&, V& y, V& dy, V& d2y) {
    using Wide = typename V::Wide;
    const V none(0.0), one(1.0), half(0.5);
    const auto above = x > -one, below = x < one;
    const V inner = select(above & below, x, none);
    const Wide t = (Wide(inner) + Wide(one)) * half;
    y = select(above, select(below, rounded(t * t), x), none);
    dy = select(above, select(below, (inner + one) * half, one), none);
    d2y = select(above & below, half, none);
  }

  template <class V>
  static void from_output(V y, const Parameters<double>&, V& dy, V& d2y) {
    dy = select(y < V(1.0), sqrt(y), V(1.0));
    d2y = select(both(y > V(0.0), y < V(1.0)), V(0.5), V(0.0));
  }

  static std::vector<Claim> claims() {
    return {
        {Type::f32, 0, 0.6, 0x1p-26}, {Type::f32, 1, 0.5, 0}, {Type::f32, 2, 0, 0},
        {Type::f64, 0, 0.6, 0x1p-54}, {Type::f64, 1, 0.5, 0}, {Type::f64, 2, 0, 0},
    };
  }
};
