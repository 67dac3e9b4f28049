// threshold: x above a threshold, a fixed value up to it. relu with both of its zeros to choose: where
// the input switches on, and what stands in for it when off. Unless the two agree, f jumps there, and
// no derivative tells of the jump.
// SPDX-License-Identifier: Apache-2.0

struct threshold {
  template <class T>
  struct Parameters {
    T threshold;
    T value;
  };

  static constexpr bool rounds_once = true;

  static Info info() {
    return {
        .name = "threshold",
        .aliases = {"Threshold"},
        .title = "threshold",
        .formula = "x for x > threshold, value for x <= threshold",
        .slope = "1 for x > threshold, 0 for x <= threshold",
        .curvature = "0",
        .derivation = "(x)' = 1;  (value)' = 0",
        .parameters = {{.name = "threshold",
                        .value = 0,
                        .recommended = {-10, 10, false, false},
                        .any = {-kInfinity, kInfinity, true, true},
                        .meaning = "the highest x that is replaced"},
                       {.name = "value",
                        .value = 0,
                        .recommended = {-20, 20, false, false},
                        .any = {-kInfinity, kInfinity, true, true},
                        .meaning = "what replaces it"}},
        .kinks = {{.at = 0,
                   .at_parameter = 0,
                   .convention = "slope 0: the branch x <= threshold, as PyTorch; f jumps unless "
                                 "value is threshold"}},
        .slope_from_output = true,
        .from_output_note =
            "0 for y = value, 1 elsewhere: loses nothing, but needs value <= threshold",
        .torch = "torch.nn.Threshold",
        .keras = "keras.activations.threshold",
        .jax = "",
        .onnx = "",
        .onednn = "",
    };
  }

  static Interval range(const Parameters<double>& p) {
    const bool value_is_least = p.value <= p.threshold;
    return {value_is_least ? p.value : p.threshold, kInfinity, !value_is_least, true};
  }
  static Limits limits(const Parameters<double>& p) {
    return {.minus = {p.value, 0, 0}, .plus = {kInfinity, 1, 0}};
  }

  template <class T>
  static T truth(const T& x, const Parameters<T>& p) {
    return x > p.threshold ? x : p.value;
  }

  // Where x is the value that would replace it, it stays: -0 is not replaced by 0.
  template <class V>
  static void kernel(V x, const Parameters<double>& p, V& y, V& dy, V& d2y) {
    const V value(p.value);
    const auto on = x > V::at_most(p.threshold);
    y = select(either(on, both(x >= value, x <= value)), x, value);
    dy = select(on, V(1.0), V(0.0));
    d2y = V(0.0);
  }

  static bool invertible(const Parameters<double>& p) { return p.value <= p.threshold; }

  template <class V>
  static void from_output(V y, const Parameters<double>& p, V& dy, V& d2y) {
    const V value(p.value);
    dy = select(either(y > value, y < value), V(1.0), V(0.0));
    d2y = V(0.0);
  }

  template <class V>
  static void parameter_slopes(V x, const Parameters<double>& p, Parameters<V>& dp) {
    dp.threshold = V(0.0);
    dp.value = select(x > V::at_most(p.threshold), V(0.0), V(1.0));
  }

  static std::vector<Claim> claims() {
    return {
        {Type::f32, 0, 0, 0}, {Type::f32, 1, 0, 0}, {Type::f32, 2, 0, 0},
        {Type::f64, 0, 0, 0}, {Type::f64, 1, 0, 0}, {Type::f64, 2, 0, 0},
    };
  }
};
