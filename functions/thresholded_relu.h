// thresholded_relu: x above alpha, 0 up to it. What is let through is not made smaller, as relu(x -
// alpha) would; the price is a jump of alpha in the value, of which the slope knows nothing.
// SPDX-License-Identifier: Apache-2.0

struct thresholded_relu {
  template <class T>
  struct Parameters {
    T alpha;
  };

  static constexpr bool rounds_once = true;

  static Info info() {
    return {
        .name = "thresholded_relu",
        .aliases = {"ThresholdedRelu", "ThresholdedReLU"},
        .title = "thresholded rectified linear unit",
        .formula = "x for x > alpha, 0 for x <= alpha",
        .slope = "1 for x > alpha, 0 for x <= alpha",
        .curvature = "0",
        .derivation = "(x)' = 1;  (0)' = 0",
        .parameters = {{.name = "alpha",
                        .value = 1,
                        .recommended = {0, 10, false, false},
                        .any = {-kInfinity, kInfinity, true, true},
                        .meaning = "the highest x that becomes 0"}},
        .kinks = {{.at = 1,
                   .at_parameter = 0,
                   .convention = "slope 0: the branch x <= alpha, as PyTorch's threshold; f jumps "
                                 "by alpha"}},
        .slope_from_output = true,
        .from_output_note = "0 for y = 0, 1 elsewhere: loses nothing, but needs alpha >= 0",
        .torch = "",
        .keras = "",
        .jax = "",
        .onnx = "ThresholdedRelu",
        .onednn = "",
        .paper = "Konda, Memisevic & Krueger 2015, arXiv:1402.3337",
    };
  }

  static Interval range(const Parameters<double>& p) {
    return {p.alpha < 0 ? p.alpha : 0, kInfinity, p.alpha < 0, true};
  }
  static Limits limits(const Parameters<double>&) {
    return {.minus = {0, 0, 0}, .plus = {kInfinity, 1, 0}};
  }

  template <class T>
  static T truth(const T& x, const Parameters<T>& p) {
    return x > p.alpha ? x : real(x, 0.0);
  }

  template <class V>
  static void kernel(V x, const Parameters<double>& p, V& y, V& dy, V& d2y) {
    const auto on = x > V::at_most(p.alpha);
    y = select(on, x, zero_of(x));
    dy = select(on, V(1.0), V(0.0));
    d2y = V(0.0);
  }

  static bool invertible(const Parameters<double>& p) { return p.alpha >= 0; }

  template <class V>
  static void from_output(V y, const Parameters<double>&, V& dy, V& d2y) {
    dy = select(abs(y) > V(0.0), V(1.0), V(0.0));
    d2y = V(0.0);
  }

  template <class V>
  static void parameter_slopes(V, const Parameters<double>&, Parameters<V>& dp) {
    dp.alpha = V(0.0);
  }

  static std::vector<Claim> claims() {
    return {
        {Type::f32, 0, 0, 0}, {Type::f32, 1, 0, 0}, {Type::f32, 2, 0, 0},
        {Type::f64, 0, 0, 0}, {Type::f64, 1, 0, 0}, {Type::f64, 2, 0, 0},
    };
  }
};
