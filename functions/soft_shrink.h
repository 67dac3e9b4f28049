// soft_shrink: every x moves towards 0 by lambda, and what would cross it becomes 0. It is the step by
// which a penalty lambda |x| makes coefficients sparse, and unlike hard_shrink it does not jump.
// SPDX-License-Identifier: Apache-2.0

struct soft_shrink {
  template <class T>
  struct Parameters {
    T lambda;
  };

  static constexpr bool rounds_once = true;

  static Info info() {
    return {
        .name = "soft_shrink",
        .aliases = {"Softshrink", "softshrink"},
        .title = "soft shrinkage",
        .formula = "x - lambda for x > lambda, x + lambda for x < -lambda, 0 between",
        .slope = "1 for |x| > lambda, 0 for |x| <= lambda",
        .curvature = "0",
        .derivation = "(x - lambda)' = (x + lambda)' = 1;  (0)' = 0",
        .parameters = {{.name = "lambda",
                        .value = 0.5,
                        .recommended = {0, 10, false, false},
                        .any = {0, kInfinity, false, true},
                        .meaning = "how far every x moves towards 0"}},
        .symmetry = Symmetry::odd,
        .kinks = {{.at = -0.5,
                   .at_parameter = 0,
                   .times = -1,
                   .convention = "slope 0: the branch x >= -lambda, as PyTorch"},
                  {.at = 0.5,
                   .at_parameter = 0,
                   .convention = "slope 0: the branch x <= lambda, as PyTorch"}},
        .slope_from_output = true,
        .from_output_note = "0 for y = 0, 1 elsewhere: loses nothing",
        .torch = "torch.nn.Softshrink",
        .keras = "keras.activations.soft_shrink",
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
    return x > p.lambda ? x - p.lambda : x < -p.lambda ? x + p.lambda : real(x, 0.0);
  }

  template <class V>
  static void kernel(V x, const Parameters<double>& p, V& y, V& dy, V& d2y) {
    using Wide = typename V::Wide;
    const V a = abs(x);
    const auto on = a > V::at_most(p.lambda);
    y = select(on, copysign(rounded(Wide(a) - Wide(p.lambda)), x), zero_of(x));
    dy = select(on, V(1.0), V(0.0));
    d2y = V(0.0);
  }

  template <class V>
  static void from_output(V y, const Parameters<double>&, V& dy, V& d2y) {
    dy = select(abs(y) > V(0.0), V(1.0), V(0.0));
    d2y = V(0.0);
  }

  template <class V>
  static void parameter_slopes(V x, const Parameters<double>& p, Parameters<V>& dp) {
    const auto on = abs(x) > V::at_most(p.lambda);
    dp.lambda = select(on, copysign(V(1.0), -x), V(0.0));
  }

  static std::vector<Claim> claims() {
    return {
        {Type::f32, 0, 0.5, 0}, {Type::f32, 1, 0, 0}, {Type::f32, 2, 0, 0},
        {Type::f64, 0, 0.5, 0}, {Type::f64, 1, 0, 0}, {Type::f64, 2, 0, 0},
    };
  }
};
