// hard_sigmoid: sigmoid drawn with three straight lines, 0 up to low, 1 from high on, a ramp between.
// Frameworks agree on the shape and not on the ramp: PyTorch, Keras 3 and JAX have low = -3 and high =
// 3 (slope 1/6), ONNX's default and older Keras -2.5 and 2.5 (slope 0.2), binary networks -1 and 1.
// Given by its ends, all of these are exact; by slope and offset, low = -offset / slope and high =
// (1 - offset) / slope.
// SPDX-License-Identifier: Apache-2.0

struct hard_sigmoid {
  template <class T>
  struct Parameters {
    T low;
    T high;
  };

  static Info info() {
    return {
        .name = "hard_sigmoid",
        .aliases = {"Hardsigmoid", "hardsigmoid", "HardSigmoid"},
        .title = "hard sigmoid",
        .formula = "0 for x <= low, (x - low) / (high - low) between, 1 for x >= high",
        .slope = "1 / (high - low) for low < x < high, 0 elsewhere",
        .curvature = "0",
        .derivation = "((x - low) / (high - low))' = 1 / (high - low);  (0)' = (1)' = 0",
        .parameters = {{.name = "low",
                        .value = -3,
                        .recommended = {-10, 0, false, false},
                        .any = {-kInfinity, kInfinity, true, true},
                        .meaning = "where it leaves 0"},
                       {.name = "high",
                        .value = 3,
                        .recommended = {0, 10, false, false},
                        .any = {-kInfinity, kInfinity, true, true},
                        .meaning = "where it reaches 1"}},
        .kinks = {{.at = -3,
                   .at_parameter = 0,
                   .convention = "slope 0: the branch x <= low, as PyTorch and JAX"},
                  {.at = 3,
                   .at_parameter = 1,
                   .convention = "slope 0: the branch x >= high, as PyTorch and JAX"}},
        .torch = "torch.nn.Hardsigmoid",
        .keras = "keras.activations.hard_sigmoid",
        .jax = "jax.nn.hard_sigmoid",
        .onnx = "HardSigmoid",
        .onednn = "eltwise_hardsigmoid",
        .paper = "Courbariaux, Bengio & David 2015, arXiv:1511.00363",
    };
  }

  static std::string complaint(const Parameters<double>& p) {
    return p.low < p.high ? "" : "low is not below high; expected low < high";
  }

  static Interval range(const Parameters<double>&) { return {0, 1}; }
  static Limits limits(const Parameters<double>&) {
    return {.minus = {0, 0, 0}, .plus = {1, 0, 0}};
  }

  template <class T>
  static T truth(const T& x, const Parameters<T>& p) {
    return x <= p.low ? real(x, 0.0) : x >= p.high ? real(x, 1.0) : (x - p.low) / (p.high - p.low);
  }

  template <class V>
  static void kernel(V x, const Parameters<double>& p, V& y, V& dy, V& d2y) {
    using Wide = typename V::Wide;
    const V one(1.0);
    const auto above = x > V::at_most(p.low), below = x < V::at_least(p.high);
    const Wide low(p.low), width = Wide(p.high) - low;
    const V ramp = rounded(divided(Wide(x) - low, width));
    y = select(above, select(below, ramp, one), zero_of(x));
    dy = select(above & below, rounded(divided(Wide(one), width)), V(0.0));
    d2y = V(0.0);
  }

  template <class V>
  static void parameter_slopes(V x, const Parameters<double>& p, Parameters<V>& dp) {
    using Wide = typename V::Wide;
    const auto inside = both(x > V::at_most(p.low), x < V::at_least(p.high));
    const Wide low(p.low), high(p.high), width = high - low;
    const V from_high = rounded(divided(divided(Wide(x) - high, width), width));
    const V to_low = rounded(divided(divided(low - Wide(x), width), width));
    dp.low = select(inside, from_high, V(0.0));
    dp.high = select(inside, to_low, V(0.0));
  }

  static std::vector<Claim> claims() {
    return {
        {Type::f32, 0, 0.6, -0x1.fffffep-2},
        {Type::f32, 1, 0.4, -0x1.732p-2},
        {Type::f32, 2, 0, 0},
        {Type::f64, 0, 0.6, -0x1.ffffffffffffep-3},
        {Type::f64, 1, 0.4, -0x1.1d5ea0b0ffb8p+0},
        {Type::f64, 2, 0, 0},
    };
  }
};
