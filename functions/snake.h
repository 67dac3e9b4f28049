// snake: x plus a wave of the frequency f, which lets a network continue periodic data beyond where it was
// trained, as neither relu nor tanh can. The slope touches 0 once in each period but never changes sign,
// so the function is monotone for all its waves; the frequency is learned.
// SPDX-License-Identifier: Apache-2.0

struct snake {
  template <class T>
  struct Parameters {
    T frequency;
  };

  static Info info() {
    return {
        .name = "snake",
        .aliases = {"Snake"},
        .title = "snake",
        .formula = "x + (1 - cos(2 f x)) / (2 f) = x + sin(f x)^2 / f",
        .slope = "1 + sin(2 f x) = 2 sin(f x + pi/4)^2",
        .curvature = "2 f cos(2 f x)",
        .derivation = "(sin(f x)^2 / f)' = 2 sin(f x) cos(f x) = sin(2 f x)",
        .parameters = {{.name = "frequency",
                        .value = 1,
                        .recommended = {0.01, 100, false, false},
                        .any = {0, kInfinity, true, true},
                        .learned = true,
                        .meaning = "radians of half a wave for each unit of x"}},
        .torch = "",
        .keras = "tfa.activations.snake",
        .jax = "",
        .onnx = "",
        .onednn = "",
        .paper = "Ziyin, Hartwig & Ueda 2020, arXiv:2006.08195",
    };
  }

  static Interval range(const Parameters<double>&) { return {-kInfinity, kInfinity, true, true}; }
  static Limits limits(const Parameters<double>&) {
    constexpr double none = std::numeric_limits<double>::quiet_NaN();
    return {.minus = {-kInfinity, none, none}, .plus = {kInfinity, none, none}};
  }

  template <class T>
  static T truth(const T& x, const Parameters<T>& p) {
    const T s = sin(p.frequency * x);
    return x + s * s / p.frequency;
  }

  // Products of sines, in which nothing cancels: 1 - cos(2z) = 2 sin(z)^2, 1 + sin(2z) =
  // 2 sin(z + pi/4)^2, cos(2z) = 2 sin(z + pi/4) sin(z + 3 pi/4).
  template <class V>
  static void kernel(V x, const Parameters<double>& p, V& y, V& dy, V& d2y) {
    using Wide = typename V::Wide;
    const Wide s = sinusoid(x, p.frequency, 0), frequency(p.frequency);
    const Wide wave = s * s * (Wide(V(1.0)) / frequency);
    y = select(abs(x) > V(0.0), rounded(Wide(x) + wave), x);  // -0 stays -0

    const Wide t = sinusoid(x, p.frequency, 1), u = sinusoid(x, p.frequency, 3);
    dy = rounded(t * t * V(2.0));
    d2y = rounded(t * u * frequency * V(4.0));
  }

  template <class V>
  static void parameter_slopes(V x, const Parameters<double>& p, Parameters<V>& dp) {
    dp.frequency = frequency_slope(x, p.frequency);
  }

  static std::vector<Claim> claims() {
    return {
        {Type::f32, 0, 1.9, 0x1.e4055ap-6},        {Type::f32, 1, 0.51, -0x1.bf2p+21},
        {Type::f32, 2, 0.51, -0x1.1de308p+6},      {Type::f64, 0, 0.9, -0x1.947222f4812p+0},
        {Type::f64, 1, 0.9, 0x1.441d64ed46c4cp+3}, {Type::f64, 2, 0.8, -0x1.1abe4b73fefbcp+5},
    };
  }
};
