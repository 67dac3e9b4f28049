// hard_shrink: x where it is larger than lambda in size, 0 where it is not. Small coefficients count
// as noise and are dropped, large ones are kept as they are; f jumps by lambda at both ends.
// SPDX-License-Identifier: Apache-2.0

struct hard_shrink {
  template <class T>
  struct Parameters {
    T lambda;
  };

  static constexpr bool rounds_once = true;

  static Info info() {
    return {
        .name = "hard_shrink",
        .aliases = {"Hardshrink", "hardshrink", "Shrink"},
        .title = "hard shrinkage",
        .formula = "x for |x| > lambda, 0 for |x| <= lambda",
        .slope = "1 for |x| > lambda, 0 for |x| <= lambda",
        .curvature = "0",
        .derivation = "(x)' = 1;  (0)' = 0",
        .parameters = {{.name = "lambda",
                        .value = 0.5,
                        .recommended = {0, 10, false, false},
                        .any = {0, kInfinity, false, true},
                        .meaning = "the largest size that becomes 0"}},
        .symmetry = Symmetry::odd,
        .kinks = {{.at = -0.5,
                   .at_parameter = 0,
                   .times = -1,
                   .convention = "slope 0: the branch x >= -lambda, as PyTorch; f jumps by lambda"},
                  {.at = 0.5,
                   .at_parameter = 0,
                   .convention = "slope 0: the branch x <= lambda, as PyTorch; f jumps by lambda"}},
        .slope_from_output = true,
        .from_output_note = "0 for y = 0, 1 elsewhere: loses nothing",
        .torch = "torch.nn.Hardshrink",
        .keras = "keras.activations.hard_shrink",
        .jax = "",
        .onnx = "Shrink",
        .onednn = "",
    };
  }

  static Interval range(const Parameters<double>&) { return {-kInfinity, kInfinity, true, true}; }
  static Limits limits(const Parameters<double>&) {
    return {.minus = {-kInfinity, 1, 0}, .plus = {kInfinity, 1, 0}};
  }

  template <class T>
  static T truth(const T& x, const Parameters<T>& p) {
    return abs(x) > p.lambda ? x : real(x, 0.0);
  }

  template <class V>
  static void kernel(V x, const Parameters<double>& p, V& y, V& dy, V& d2y) {
    const auto on = abs(x) > V::at_most(p.lambda);
    y = select(on, x, zero_of(x));
    dy = select(on, V(1.0), V(0.0));
    d2y = V(0.0);
  }

  template <class V>
  static void from_output(V y, const Parameters<double>&, V& dy, V& d2y) {
    dy = select(abs(y) > V(0.0), V(1.0), V(0.0));
    d2y = V(0.0);
  }

  template <class V>
  static void parameter_slopes(V, const Parameters<double>&, Parameters<V>& dp) {
    dp.lambda = V(0.0);
  }

  static std::vector<Claim> claims() {
    return {
        {Type::f32, 0, 0, 0}, {Type::f32, 1, 0, 0}, {Type::f32, 2, 0, 0},
        {Type::f64, 0, 0, 0}, {Type::f64, 1, 0, 0}, {Type::f64, 2, 0, 0},
    };
  }
};
