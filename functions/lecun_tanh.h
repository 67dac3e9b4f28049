// lecun_tanh: 1.7159 tanh(2x/3), tanh stretched so that +-1 are mapped to +-1, where the curvature is
// greatest, and not to its limits: targets of +-1 can be reached, and inputs of variance 1 keep about
// variance 1.
// SPDX-License-Identifier: Apache-2.0

struct lecun_tanh {
  template <class T>
  struct Parameters {};

  static Info info() {
    return {
        .name = "lecun_tanh",
        .aliases = {"LeCunTanh", "scaled_tanh"},
        .title = "LeCun's scaled tanh",
        .formula = "1.7159 tanh(2x/3)",
        .slope = "1.1439333... (1 - tanh(2x/3)^2)",
        .curvature = "-1.5252444... tanh(2x/3) (1 - tanh(2x/3)^2)",
        .derivation = "(c tanh(b x))' = c b (1 - tanh(b x)^2)",
        .symmetry = Symmetry::odd,
        .slope_from_output = true,
        .from_output_note = "2/3 (c - y) (c + y) / c, c = 1.7159: 0 once |y| has rounded to c",
        .paper = "LeCun, Bottou, Orr & Mueller 1998, Efficient BackProp",
    };
  }

  static Interval range(const Parameters<double>&) { return {-1.7159, 1.7159, true, true}; }
  static Limits limits(const Parameters<double>&) {
    return {.minus = {-1.7159, 0, 0}, .plus = {1.7159, 0, -0.0}};
  }

  template <class T>
  static T truth(const T& x, const Parameters<T>&) {
    return decimal(x, "1.7159") * tanh(2.0 * x / 3.0);
  }

  // With z = 2|x|/3 in twice the precision and e = exp(-2z): tanh(z) is z (1 - z^2 P(z^2)) up to 1 and
  // 1 - 2 e / (1 + e) beyond.
  template <class V>
  static void kernel(V x, const Parameters<double>&, V& y, V& dy, V& d2y) {
    using Wide = typename V::Wide;
    const Wide height(0x1.b74538ef34d6ap+0, 0x1.61e4f765fd8aep-56);     // 1.7159
    const Wide steepness(0x1.24d8d09f788f1p+0, 0x1.9050d3e654ec8p-54);  // 2/3 of it
    const Wide two_thirds(0x1.5555555555555p-1, 0x1.5555555555555p-55);
    const V one(1.0);
    const Wide wide_z = two_thirds * abs(x);
    const V z = rounded(wide_z), w = z * z;
    const auto near = z < one;
    const auto e = exponential(wide_z * V(-2.0));
    const Wide s = Wide(one) + e.wide;

    const Wide lead = steepness * scaled(abs(x));
    const V bent = unscaled(rounded(lead - Wide(rounded(lead) * (w * tanh_gap(w)))));
    const V flat = rounded(height * (Wide(one) - Wide(rounded((e.wide + e.wide) / s))));
    y = copysign(select(near, bent, flat), x);

    const Wide square = s * s;
    dy = unscaled(rounded(e.wide_scaled * V(4.0) * steepness / square));
    // 8 e (1 - e) / (1 + e)^3 times the height and (2/3)^2.
    const Wide top = e.wide_scaled * (V(-8.0) * e.minus_one) * (steepness * two_thirds);
    d2y = copysign(unscaled(rounded(top / (square * s))), -x);
  }

  template <class V>
  static void from_output(V y, const Parameters<double>&, V& dy, V& d2y) {
    const V height(1.7159), two_thirds(2.0 / 3);
    const V t = y / height;
    dy = two_thirds * (height - y) * (V(1.0) + t);
    d2y = V(-2.0) * two_thirds * t * dy;
  }

  static std::vector<Claim> claims() {
    return {
        {Type::f32, 0, 1.9, 0x1.bc8c2ap-126},      {Type::f32, 1, 1.2, 0x1.7b465cp+0},
        {Type::f32, 2, 2.4, -0x1.7fecep-127},      {Type::f64, 0, 0.9, 0x1.4f52d1c76bcap+0},
        {Type::f64, 1, 0.7, 0x1.5f5cfd0466a9cp+5}, {Type::f64, 2, 1.6, -0x0.007ffffffffffp-1022},
    };
  }
};
