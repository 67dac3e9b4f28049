// The derivatives of a formula, by evaluating the formula itself. A jet carries a value with its
// first (and second) derivative with respect to one variable; each operation knows how these pass
// through it, so the textbook formula of a function yields slope and curvature that nobody wrote by
// hand. Over balls the results are enclosures. The rules:
//
//   (a b)'  = a' b + a b'              (a b)'' = a'' b + 2 a' b' + a b''
//   q = a/b:  q' = (a' - q b') / b         q'' = (a'' - 2 q' b' - q b'') / b
//   g(a)'   = g'(a) a'                 g(a)''  = g''(a) a'^2 + g'(a) a''
//
// The variable is an exact point, so comparing it with a constant picks one branch of the formula.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <utility>

namespace gradkeep::check {

template <class B, int kOrder>
struct Jet {
  std::array<B, kOrder + 1> d;  // value, first and second derivative

  Jet() = default;
  Jet(double constant) { d[0] = B(constant); }  // NOLINT: a constant's derivatives are 0
  explicit Jet(B constant) { d[0] = std::move(constant); }

  // The variable itself, at v: derivative 1.
  static Jet variable(double v) {
    Jet x(v);
    if constexpr (kOrder >= 1) x.d[1] = B(1.0);
    return x;
  }

  friend Jet operator-(const Jet& a) {
    Jet r;
    for (int k = 0; k <= kOrder; ++k) r.d[k] = -a.d[k];
    return r;
  }
  friend Jet operator+(const Jet& a, const Jet& b) {
    Jet r;
    for (int k = 0; k <= kOrder; ++k) r.d[k] = a.d[k] + b.d[k];
    return r;
  }
  friend Jet operator-(const Jet& a, const Jet& b) {
    Jet r;
    for (int k = 0; k <= kOrder; ++k) r.d[k] = a.d[k] - b.d[k];
    return r;
  }
  friend Jet operator*(const Jet& a, const Jet& b) {
    Jet r;
    r.d[0] = a.d[0] * b.d[0];
    if constexpr (kOrder >= 1) r.d[1] = a.d[1] * b.d[0] + a.d[0] * b.d[1];
    if constexpr (kOrder >= 2) {
      r.d[2] = a.d[2] * b.d[0] + B(2.0) * (a.d[1] * b.d[1]) + a.d[0] * b.d[2];
    }
    return r;
  }
  friend Jet operator/(const Jet& a, const Jet& b) {
    Jet q;
    q.d[0] = a.d[0] / b.d[0];
    if constexpr (kOrder >= 1) q.d[1] = (a.d[1] - q.d[0] * b.d[1]) / b.d[0];
    if constexpr (kOrder >= 2) {
      q.d[2] = (a.d[2] - B(2.0) * (q.d[1] * b.d[1]) - q.d[0] * b.d[2]) / b.d[0];
    }
    return q;
  }

  friend Jet operator+(Jet a, double b) {
    a.d[0] = a.d[0] + B(b);
    return a;
  }
  friend Jet operator+(double a, const Jet& b) { return b + a; }
  friend Jet operator-(const Jet& a, double b) { return a + -b; }
  friend Jet operator-(double a, const Jet& b) { return -b + a; }
  friend Jet operator*(const Jet& a, double b) {
    Jet r;
    for (int k = 0; k <= kOrder; ++k) r.d[k] = a.d[k] * B(b);
    return r;
  }
  friend Jet operator*(double a, const Jet& b) { return b * a; }
  friend Jet operator/(const Jet& a, double b) {
    Jet r;
    for (int k = 0; k <= kOrder; ++k) r.d[k] = a.d[k] / B(b);
    return r;
  }
  friend Jet operator/(double a, const Jet& b) { return Jet(a) / b; }

  friend bool operator>(const Jet& a, const Jet& b) { return a.d[0].above(b.d[0]) > 0; }
  friend bool operator<=(const Jet& a, const Jet& b) { return !(a > b); }
  friend bool operator<(const Jet& a, const Jet& b) { return b > a; }
  friend bool operator>=(const Jet& a, const Jet& b) { return !(b > a); }
  friend bool operator>(const Jet& a, double b) { return a.d[0].above(B(b)) > 0; }
  friend bool operator<=(const Jet& a, double b) { return !(a > b); }
  friend bool operator<(const Jet& a, double b) { return B(b).above(a.d[0]) > 0; }
  friend bool operator>=(const Jet& a, double b) { return !(a < b); }
};

// g(x) from g's value and, computed only where needed, its first derivative g1 and second(g1) at x.
template <class B, int kOrder, class First, class Second>
Jet<B, kOrder> chain(const Jet<B, kOrder>& x, const B& value, First first, Second second) {
  Jet<B, kOrder> r;
  r.d[0] = value;
  if constexpr (kOrder >= 1) {
    const B g1 = first();
    r.d[1] = g1 * x.d[1];
    if constexpr (kOrder >= 2) r.d[2] = second(g1) * (x.d[1] * x.d[1]) + g1 * x.d[2];
  }
  return r;
}

template <class B, int kOrder>
Jet<B, kOrder> exp(const Jet<B, kOrder>& x) {
  const B e = exp(x.d[0]);
  return chain(x, e, [&] { return e; }, [](const B& g1) { return g1; });
}

template <class B, int kOrder>
Jet<B, kOrder> expm1(const Jet<B, kOrder>& x) {
  return chain(x, expm1(x.d[0]), [&] { return exp(x.d[0]); }, [](const B& g1) { return g1; });
}

template <class B, int kOrder>
Jet<B, kOrder> log(const Jet<B, kOrder>& x) {
  const B& v = x.d[0];
  return chain(x, log(v), [&] { return B(1.0) / v; }, [](const B& g1) { return -(g1 * g1); });
}

template <class B, int kOrder>
Jet<B, kOrder> log1p(const Jet<B, kOrder>& x) {
  const B v = B(1.0) + x.d[0];
  return chain(
      x, log1p(x.d[0]), [&] { return B(1.0) / v; }, [](const B& g1) { return -(g1 * g1); });
}

// tanh' = 1 - tanh^2 would cancel; 4 e / (1 + e)^2 with e = exp(-2|x|) does not.
template <class B, int kOrder>
Jet<B, kOrder> tanh(const Jet<B, kOrder>& x) {
  const B t = tanh(x.d[0]);
  const auto slope = [&] {
    const B e = exp(B(-2.0) * abs(x.d[0]));
    const B sum = B(1.0) + e;
    return B(4.0) * e / (sum * sum);
  };
  return chain(x, t, slope, [&](const B& g1) { return B(-2.0) * t * g1; });
}

// For the definition whose own name is tanh, and hides the function.
template <class B, int kOrder>
Jet<B, kOrder> hyperbolic_tangent(const Jet<B, kOrder>& x) {
  return tanh(x);
}

// 2/sqrt(pi) exp(-v^2), the slope of erf.
template <class B>
B error_density(const B& v) {
  return B(2.0) / sqrt(pi(v)) * exp(-(v * v));
}

template <class B, int kOrder>
Jet<B, kOrder> erf(const Jet<B, kOrder>& x) {
  const B& v = x.d[0];
  return chain(
      x, erf(v), [&] { return error_density(v); }, [&](const B& g1) { return B(-2.0) * v * g1; });
}

template <class B, int kOrder>
Jet<B, kOrder> erfc(const Jet<B, kOrder>& x) {
  const B& v = x.d[0];
  return chain(
      x, erfc(v), [&] { return -error_density(v); }, [&](const B& g1) { return B(-2.0) * v * g1; });
}

template <class B, int kOrder>
Jet<B, kOrder> atan(const Jet<B, kOrder>& x) {
  const B& v = x.d[0];
  return chain(
      x, atan(v), [&] { return B(1.0) / (B(1.0) + v * v); },
      [&](const B& g1) { return B(-2.0) * v * (g1 * g1); });
}

template <class B, int kOrder>
Jet<B, kOrder> sqrt(const Jet<B, kOrder>& x) {
  const B s = sqrt(x.d[0]);
  return chain(
      x, s, [&] { return B(0.5) / s; }, [&](const B& g1) { return B(-0.5) * g1 / x.d[0]; });
}

// At 0 the branch x <= 0, as everywhere in this library: |x| = -x.
template <class B, int kOrder>
Jet<B, kOrder> abs(const Jet<B, kOrder>& x) {
  return x > 0.0 ? x : -x;
}

template <class B, int kOrder>
Jet<B, kOrder> real(const Jet<B, kOrder>&, double v) {
  return Jet<B, kOrder>(v);
}
template <class B, int kOrder>
Jet<B, kOrder> pi(const Jet<B, kOrder>& like) {
  return Jet<B, kOrder>(pi(like.d[0]));
}
template <class B, int kOrder>
Jet<B, kOrder> decimal(const Jet<B, kOrder>& like, const char* digits) {
  return Jet<B, kOrder>(decimal(like.d[0], digits));
}

}  // namespace gradkeep::check
