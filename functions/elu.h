// elu, the exponential linear unit: x for x > 0, alpha (e^x - 1) below. Linear where relu is, but
// the negative side bends smoothly down to -alpha instead of dying: its slope alpha e^x becomes
// small, never zero. With alpha = 1 the two slopes meet at 0 and only the curvature jumps there.
// SPDX-License-Identifier: Apache-2.0

struct elu {
  template <class T>
  struct Parameters {
    T alpha;
  };

  static Info info() {
    return {
        .name = "elu",
        .aliases = {"ELU", "Elu"},
        .title = "exponential linear unit",
        .formula = "x for x > 0, alpha (e^x - 1) for x <= 0",
        .slope = "1 for x > 0, alpha e^x for x <= 0",
        .curvature = "0 for x > 0, alpha e^x for x <= 0",
        .derivation = "(x)' = 1;  (alpha (e^x - 1))' = alpha e^x = f(x) + alpha",
        .parameters = {{.name = "alpha",
                        .value = 1,
                        .recommended = {0, 10, true, false},
                        .any = {0, kInfinity, true, true},
                        .meaning = "minus the limit at -inf"}},
        .kinks = {{.at = 0,
                   .convention = "slope alpha, curvature alpha: the branch x <= 0, as PyTorch"}},
        .slope_from_output = true,
        .from_output_note = "1 for y > 0, y + alpha below: cancels as y nears -alpha",
        .torch = "torch.nn.ELU",
        .keras = "keras.activations.elu",
        .jax = "jax.nn.elu",
        .onnx = "Elu",
        .onednn = "eltwise_elu",
        .paper = "Clevert, Unterthiner & Hochreiter 2016, arXiv:1511.07289",
    };
  }

  static Interval range(const Parameters<double>& p) { return {-p.alpha, kInfinity, true, true}; }
  static Limits limits(const Parameters<double>& p) {
    return {.minus = {-p.alpha, 0, 0}, .plus = {kInfinity, 1, 0}};
  }

  template <class T>
  static T truth(const T& x, const Parameters<T>& p) {
    return x > 0 ? x : p.alpha * expm1(x);
  }

  // The exponential carries a factor 2^64 (core/vocabulary.h) until alpha has been multiplied in,
  // so that a tail below the smallest normal number is rounded once.
  template <class V>
  static void kernel(V x, const Parameters<double>& p, V& y, V& dy, V& d2y) {
    const auto right = x > V(0.0);
    const V alpha(p.alpha);
    const auto e = exponential(select(right, V(0.0), x));
    const V tail = unscaled(alpha * e.scaled);
    y = select(x < V(0.0), alpha * e.minus_one, x);  // -0 stays -0
    dy = select(right, V(1.0), tail);
    d2y = select(right, V(0.0), tail);
  }

  template <class V>
  static void from_output(V y, const Parameters<double>& p, V& dy, V& d2y) {
    const auto right = y > V(0.0);
    dy = select(right, V(1.0), y + V(p.alpha));
    d2y = select(right, V(0.0), y + V(p.alpha));
  }

  template <class V>
  static void parameter_slopes(V x, const Parameters<double>&, Parameters<V>& dp) {
    const auto right = x > V(0.0);
    dp.alpha = select(right, V(0.0), exponential(select(right, V(0.0), x)).minus_one);
  }

  static std::vector<Claim> claims() {
    return {
        {Type::f32, 0, 1.1, -0x1.04492p-130},       {Type::f32, 1, 1.4, -0x1.bfdd88p+1},
        {Type::f32, 2, 1.4, -0x1.bfdd88p+1},        {Type::f64, 0, 0.8, -0x1.972ed9aaf77p-2},
        {Type::f64, 1, 0.8, -0x1.1d209005378d8p+2}, {Type::f64, 2, 0.8, -0x1.1d209005378d8p+2},
    };
  }
};
