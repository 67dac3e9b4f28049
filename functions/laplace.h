// laplace: the distribution function of a normal variable of mean mu and deviation sigma, whose defaults
// bring it closest to the square of relu. It came out of a search for an attention that needs no
// softmax. Despite its name no Laplace distribution is involved.
// SPDX-License-Identifier: Apache-2.0

struct laplace {
  template <class T>
  struct Parameters {
    T mu, sigma;
  };

  static Info info() {
    return {
        .name = "laplace",
        .aliases = {"LaplaceActivation"},
        .title = "Laplace activation of Mega",
        .formula = "Phi(t) = (1 + erf(t / sqrt(2))) / 2, t = (x - mu) / sigma",
        .slope = "phi(t) / sigma, phi(t) = e^(-t^2/2) / sqrt(2 pi)",
        .curvature = "-t phi(t) / sigma^2",
        .derivation = "Phi' = phi, phi' = -t phi, and dt/dx = 1/sigma",
        .parameters = {{.name = "mu",
                        .value = 0.707107,
                        .recommended = {-100, 100, false, false},
                        .any = {-kInfinity, kInfinity, true, true},
                        .meaning = "where it passes 1/2"},
                       {.name = "sigma",
                        .value = 0.282095,
                        .recommended = {0.01, 100, false, false},
                        .any = {0, kInfinity, true, true},
                        .meaning = "how far it takes to rise"}},
        .torch = "",
        .keras = "",
        .jax = "",
        .onnx = "",
        .onednn = "",
        .paper = "Ma, Zhou, Kong et al. 2022, arXiv:2209.10655",
    };
  }

  static Interval range(const Parameters<double>&) { return {0, 1, true, true}; }
  static Limits limits(const Parameters<double>&) {
    return {.minus = {0, 0, 0}, .plus = {1, 0, -0.0}};
  }

  template <class T>
  static T truth(const T& x, const Parameters<T>& p) {
    return erfc((p.mu - x) / (p.sigma * sqrt(real(x, 2.0)))) / 2.0;
  }

  // t, held within 100 sigma, where everything has long been 0.
  template <class V>
  static typename V::Wide standardised(V x, const Parameters<double>& p) {
    using Wide = typename V::Wide;
    const Wide d = difference(x, p.mu), most(V(100.0));
    const V end(100 * p.sigma), size = rounded(d);
    const Wide t = d * (Wide(V(1.0)) / Wide(p.sigma));
    return select(size > end, most, select(size < -end, -most, t));
  }
  // e^(-t^2/2) times the power of two that exponentials carry; for floats 0 beyond `end`, where so are the
  // results: their products would be subnormal, which take a hundred cycles each.
  template <class V>
  static typename V::Wide decay(typename V::Wide t, double end) {
    using Wide = typename V::Wide;
    const V most(sizeof(typename V::Scalar) == 4 ? end : 100.0);
    const auto gone = abs(rounded(t)) > most;
    const Wide nothing(V(0.0));
    return select(gone, nothing, exponential(select(gone, nothing, t * t * V(-0.5))).wide_scaled);
  }
  // phi(t) / sigma, times the same power. Divided by sigma once more it is 0 beyond 15.9 for any
  // sigma >= 2^-14, below which float lanes are not asked.
  template <class V>
  static typename V::Wide density(typename V::Wide t, const Parameters<double>& p) {
    using Wide = typename V::Wide;
    const Wide top(0x1.9884533d43651p-2, -0x1.cbc0d30ebfd15p-56);  // phi(0)
    return decay<V>(t, 15.9) * (top / Wide(p.sigma));
  }

  // Left of mu Phi(-a) = e^(-a^2/2) R(a) is a product in which nothing cancels; right of it that is
  // taken off 1.
  template <class V>
  static void kernel(V x, const Parameters<double>& p, V& y, V& dy, V& d2y) {
    using Wide = typename V::Wide;
    const Wide t = standardised(x, p);
    const V at = rounded(t);
    const Wide e = decay<V>(t, 14.5);
    // R at the nearest number to a, and its slope a R - phi(0) for the rest.
    const V near = abs(at), rest = rounded(select(at > V(0.0), t, -t) - Wide(near));
    const Wide tail = normal_tail(near);
    const V tilt = rounded(tail) * near - V(0x1.9884533d43651p-2);
    const V below = unscaled(rounded(e * (tail + Wide(tilt * rest))));
    y = select(at > V(0.0), V(1.0) - below, below);
    const Wide slope = density<V>(t, p);
    dy = unscaled(rounded(slope));
    // Next to mu t may be subnormal: there the factor 2^shift goes into the product before 1/sigma.
    const Wide over_sigma = Wide(V(1.0)) / Wide(p.sigma);
    const Wide moved =
        select(abs(at) < V(1.0), slope * difference(x, p.mu) * over_sigma, slope * t);
    d2y = copysign(unscaled(rounded(moved * over_sigma)), -at);
  }

  template <class V>
  static void parameter_slopes(V x, const Parameters<double>& p, Parameters<V>& dp) {
    const typename V::Wide t = standardised(x, p), slope = density<V>(t, p);
    dp.mu = -unscaled(rounded(slope));
    dp.sigma = copysign(unscaled(rounded(slope * t)), -rounded(t));
  }

  static std::vector<Claim> claims() {
    return {
        {Type::f32, 0, 1.5, -0x1.e71854p-2},        {Type::f32, 1, 0.8, -0x1.48p-17},
        {Type::f32, 2, 1.4, 0x1.6a09eep-1},         {Type::f64, 0, 1.6, -0x1.52c37ac177ac8p+2},
        {Type::f64, 1, 0.8, -0x1.0000000000002p-9}, {Type::f64, 2, 0.8, -0x1.dcc67a1262d8p-2},
    };
  }
};
