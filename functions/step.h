// step: 1 above a threshold, 0 up to it, the switch of the first artificial neurons. Its slope is 0
// wherever it has one, so nothing behind it learns by gradients: that is why sigmoids came.
// SPDX-License-Identifier: Apache-2.0

struct step {
  template <class T>
  struct Parameters {
    T threshold;
  };

  static constexpr bool rounds_once = true;

  static Info info() {
    return {
        .name = "step",
        .aliases = {"Step", "heaviside", "binary_step"},
        .title = "step function",
        .formula = "1 for x > threshold, 0 for x <= threshold",
        .slope = "0",
        .curvature = "0",
        .derivation = "(1)' = (0)' = 0",
        .parameters = {{.name = "threshold",
                        .value = 0,
                        .recommended = {-10, 10, false, false},
                        .any = {-kInfinity, kInfinity, true, true},
                        .meaning = "the highest x that gives 0"}},
        .kinks = {{.at = 0,
                   .at_parameter = 0,
                   .convention = "value 0, slope 0: the branch x <= threshold, as MLX; f jumps by "
                                 "1"}},
        .torch = "",
        .keras = "",
        .jax = "",
        .onnx = "",
        .onednn = "",
        .paper = "McCulloch & Pitts 1943",
    };
  }

  static Interval range(const Parameters<double>&) { return {0, 1}; }
  static Limits limits(const Parameters<double>&) {
    return {.minus = {0, 0, 0}, .plus = {1, 0, 0}};
  }

  template <class T>
  static T truth(const T& x, const Parameters<T>& p) {
    return real(x, x > p.threshold ? 1.0 : 0.0);
  }

  template <class V>
  static void kernel(V x, const Parameters<double>& p, V& y, V& dy, V& d2y) {
    y = select(x > V::at_most(p.threshold), V(1.0), zero_of(x));
    dy = V(0.0);
    d2y = V(0.0);
  }

  template <class V>
  static void parameter_slopes(V, const Parameters<double>&, Parameters<V>& dp) {
    dp.threshold = V(0.0);
  }

  static std::vector<Claim> claims() {
    return {
        {Type::f32, 0, 0, 0}, {Type::f32, 1, 0, 0}, {Type::f32, 2, 0, 0},
        {Type::f64, 0, 0, 0}, {Type::f64, 1, 0, 0}, {Type::f64, 2, 0, 0},
    };
  }
};
