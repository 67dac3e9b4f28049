// sparse_sigmoid: sigmoid drawn with three straight lines, 0 up to -1 and 1 from 1 on. Unlike the
// sigmoid it reaches its limits, so its outputs can be exactly 0 (sparse), and so can its slope.
// SPDX-License-Identifier: Apache-2.0

struct sparse_sigmoid {
  template <class T>
  struct Parameters {};

  static constexpr bool rounds_once = true;

  static Info info() {
    return {
        .name = "sparse_sigmoid",
        .aliases = {"SparseSigmoid"},
        .title = "sparse sigmoid",
        .formula = "0 for x <= -1, (x + 1) / 2 for -1 < x < 1, 1 for x >= 1",
        .slope = "1/2 for -1 < x < 1, 0 elsewhere",
        .curvature = "0",
        .derivation = "((x + 1) / 2)' = 1/2;  (0)' = (1)' = 0",
        .symmetry = Symmetry::point,
        .kinks = {{.at = -1, .convention = "slope 0: the branch x <= -1, as jax.nn defines it"},
                  {.at = 1, .convention = "slope 0: the branch x >= 1, as jax.nn defines it"}},
        .torch = "",
        .keras = "keras.activations.sparse_sigmoid",
        .jax = "jax.nn.sparse_sigmoid",
        .onnx = "HardSigmoid",
        .onednn = "eltwise_hardsigmoid",
        .paper = "Blondel, Martins & Niculae 2020, arXiv:1901.02324",
    };
  }

  static Interval range(const Parameters<double>&) { return {0, 1}; }
  static Limits limits(const Parameters<double>&) {
    return {.minus = {0, 0, 0}, .plus = {1, 0, 0}};
  }

  template <class T>
  static T truth(const T& x, const Parameters<T>&) {
    return x <= -1.0 ? real(x, 0.0) : x >= 1.0 ? real(x, 1.0) : (x + 1.0) / 2.0;
  }

  template <class V>
  static void kernel(V x, const Parameters<double>&, V& y, V& dy, V& d2y) {
    const V none(0.0), one(1.0), half(0.5);
    const auto above = x > -one, below = x < one;
    y = select(above, select(below, (x + one) * half, one), none);
    dy = select(above & below, half, none);
    d2y = none;
  }

  static std::vector<Claim> claims() {
    return {
        {Type::f32, 0, 0.5, 0}, {Type::f32, 1, 0, 0}, {Type::f32, 2, 0, 0},
        {Type::f64, 0, 0.5, 0}, {Type::f64, 1, 0, 0}, {Type::f64, 2, 0, 0},
    };
  }
};
