// gelu_10: gelu cut off at 10, so that 8-bit integers can hold what it gives. As gelu nowhere falls below
// -0.17, the lower cut at -10 that its definition names as well is never reached.
// SPDX-License-Identifier: Apache-2.0

#include "functions/gelu.h"

struct gelu_10 {
  template <class T>
  struct Parameters {};

  static Info info() {
    return {
        .name = "gelu_10",
        .aliases = {"clipped_gelu", "ClippedGELU"},
        .title = "Gaussian error linear unit cut at 10",
        .formula = "min(max(x Phi(x), -10), 10)",
        .slope = "gelu'(x) while gelu(x) <= 10, 0 beyond",
        .curvature = "gelu''(x) while gelu(x) <= 10, 0 beyond",
        .derivation =
            "gelu(10) = 10 - 7.6e-23, and 10 is passed before the next number of any type",
        .kinks = {{.at = 10,
                   .convention = "slope 1: gelu(10) is still below 10, so gelu's branch x <= 10"}},
        .torch = "",
        .keras = "",
        .jax = "",
        .onnx = "",
        .onednn = "",
        .paper = "Wu, Judd, Zhang, Isaev & Micikevicius 2020, arXiv:2004.09602",
    };
  }

  static Interval range(const Parameters<double>&) {
    return {-0.16997120747990369, 10, false, false};
  }
  static Limits limits(const Parameters<double>&) {
    return {.minus = {-0.0, -0.0, -0.0}, .plus = {10, 0, 0}};
  }

  template <class T>
  static T truth(const T& x, const Parameters<T>&) {
    const T y = gelu::truth(x, gelu::Parameters<T>());
    return y > 10.0 ? T(10.0) : y;
  }

  template <class V>
  static void kernel(V x, const Parameters<double>&, V& y, V& dy, V& d2y) {
    gelu::kernel(x, gelu::Parameters<double>(), y, dy, d2y);
    const auto cut = x > V(10.0);
    y = select(cut, V(10.0), y);
    dy = select(cut, V(0.0), dy);
    d2y = select(cut, V(0.0), d2y);
  }

  static std::vector<Claim> claims() { return gelu::claims(); }
};
