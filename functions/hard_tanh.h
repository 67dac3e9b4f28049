// hard_tanh: x cut off at min and max, tanh drawn with three straight lines. Inside, gradients pass
// unchanged; outside, the slope is exactly 0.
// SPDX-License-Identifier: Apache-2.0

struct hard_tanh {
  template <class T>
  struct Parameters {
    T min;
    T max;
  };

  static constexpr bool rounds_once = true;

  static Info info() {
    return {
        .name = "hard_tanh",
        .aliases = {"Hardtanh", "hardtanh", "Clip", "clip"},
        .title = "hard hyperbolic tangent",
        .formula = "min for x <= min, x for min < x < max, max for x >= max",
        .slope = "1 for min < x < max, 0 elsewhere",
        .curvature = "0",
        .derivation = "(x)' = 1;  (min)' = (max)' = 0",
        .parameters = {{.name = "min",
                        .value = -1,
                        .recommended = {-10, 0, false, false},
                        .any = {-kInfinity, kInfinity, true, true},
                        .meaning = "the lowest value"},
                       {.name = "max",
                        .value = 1,
                        .recommended = {0, 10, false, false},
                        .any = {-kInfinity, kInfinity, true, true},
                        .meaning = "the highest value"}},
        .kinks = {{.at = -1,
                   .at_parameter = 0,
                   .convention = "slope 0: the branch x <= min, as PyTorch"},
                  {.at = 1,
                   .at_parameter = 1,
                   .convention = "slope 0: the branch x >= max, as PyTorch"}},
        .slope_from_output = true,
        .from_output_note = "1 for min < y < max, 0 at the ends: loses nothing",
        .torch = "torch.nn.Hardtanh",
        .keras = "keras.activations.hard_tanh",
        .jax = "jax.nn.hard_tanh",
        .onnx = "Clip",
        .onednn = "eltwise_clip_v2",
    };
  }

  static std::string complaint(const Parameters<double>& p) {
    return p.min <= p.max ? "" : "min is above max; expected min <= max";
  }

  static Interval range(const Parameters<double>& p) { return {p.min, p.max}; }
  static Limits limits(const Parameters<double>& p) {
    return {.minus = {p.min, 0, 0}, .plus = {p.max, 0, 0}};
  }

  template <class T>
  static T truth(const T& x, const Parameters<T>& p) {
    return x <= p.min ? p.min : x >= p.max ? p.max : x;
  }

  template <class V>
  static void kernel(V x, const Parameters<double>& p, V& y, V& dy, V& d2y) {
    const V min(p.min), max(p.max);
    const auto low = x <= V::at_most(p.min), high = x >= V::at_least(p.max);
    // A zero that is a cut keeps its sign: y is x where the two are equal.
    y = select(x < V::at_least(p.min), min, select(x > V::at_most(p.max), max, x));
    dy = select(low | high, V(0.0), V(1.0));
    d2y = V(0.0);
  }

  template <class V>
  static void from_output(V y, const Parameters<double>& p, V& dy, V& d2y) {
    dy = select(y > V(p.min), select(y < V(p.max), V(1.0), V(0.0)), V(0.0));
    d2y = V(0.0);
  }

  template <class V>
  static void parameter_slopes(V x, const Parameters<double>& p, Parameters<V>& dp) {
    const auto low = x <= V::at_most(p.min);
    dp.min = select(low, V(1.0), V(0.0));
    dp.max = select(low, V(0.0), select(x >= V::at_least(p.max), V(1.0), V(0.0)));
  }

  static std::vector<Claim> claims() {
    return {
        {Type::f32, 0, 0, 0}, {Type::f32, 1, 0, 0}, {Type::f32, 2, 0, 0},
        {Type::f64, 0, 0, 0}, {Type::f64, 1, 0, 0}, {Type::f64, 2, 0, 0},
    };
  }
};
