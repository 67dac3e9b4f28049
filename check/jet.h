// The derivatives of a formula, by evaluating the formula itself. A jet carries the first terms of a
// Taylor series, d[k] = f^(k) / k!, with respect to one variable; each operation knows how these pass
// through it, so the textbook formula of a function yields slope, curvature and whatever lies beyond
// that nobody wrote by hand. Over balls the results are enclosures. The rules:
//
//   (a b)_k = sum a_j b_(k-j)          q = a/b:  q_k = (a_k - sum q_j b_(k-j)) / b_0, j < k
//   g(a)'   = g'(a) a', hence          k g(a)_k = sum j a_j g'(a)_(k-j), j = 1..k
//
// An elementary function therefore has to state its value and, as a formula, its slope.
//
// The variable is an exact point or a whole interval. Comparing it with a constant picks one branch of
// the formula, or throws where an interval lies on both sides.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <utility>

namespace gradkeep::check {

template <class B, int kOrder>
struct Jet {
  std::array<B, kOrder + 1> d;

  Jet() = default;
  Jet(double constant) { d[0] = B(constant); }  // NOLINT: a constant's derivatives are 0
  explicit Jet(B constant) { d[0] = std::move(constant); }

  // The variable itself, at v: derivative 1.
  static Jet variable(B v) {
    Jet x(std::move(v));
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
    for (int k = 0; k <= kOrder; ++k) {
      r.d[k] = a.d[k] * b.d[0];
      for (int j = k - 1; j >= 0; --j) r.d[k] = r.d[k] + a.d[j] * b.d[k - j];
    }
    return r;
  }
  friend Jet operator/(const Jet& a, const Jet& b) {
    Jet q;
    for (int k = 0; k <= kOrder; ++k) {
      B rest = a.d[k];
      for (int j = k - 1; j >= 0; --j) rest = rest - q.d[j] * b.d[k - j];
      q.d[k] = rest / b.d[0];
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

// The same series with its last term cut off.
template <class B, int kOrder>
Jet<B, kOrder - 1> shortened(const Jet<B, kOrder>& x) {
  Jet<B, kOrder - 1> r;
  for (int k = 0; k < kOrder; ++k) r.d[k] = x.d[k];
  return r;
}

// Term k of g(x), given those of g'(x) below k.
template <class B, int kOrder, class Slope>
B term(const Jet<B, kOrder>& x, const Slope& slope, int k) {
  B sum = x.d[1] * slope.d[k - 1];
  for (int j = 2; j <= k; ++j) sum = sum + B(double(j)) * x.d[j] * slope.d[k - j];
  return k == 1 ? sum : sum / B(double(k));
}

// g(x) from g's value and, computed only where needed, its slope: a function of jets.
template <class B, int kOrder, class Slope>
Jet<B, kOrder> chain(const Jet<B, kOrder>& x, B value, Slope slope) {
  Jet<B, kOrder> r(std::move(value));
  if constexpr (kOrder >= 1) {
    const Jet<B, kOrder - 1> g = slope(shortened(x));
    for (int k = 1; k <= kOrder; ++k) r.d[k] = term(x, g, k);
  }
  return r;
}

// e^x, or that less a constant, from its value and e = e^(x_0). It is its own slope, so each term of
// e^(x - x_0) follows from those before it; e is multiplied in last, so that a term which is 0 is known
// to be.
template <class B, int kOrder>
Jet<B, kOrder> exponential_chain(const Jet<B, kOrder>& x, const B& value, const B& e) {
  Jet<B, kOrder> r(value), relative(1.0);
  for (int k = 1; k <= kOrder; ++k) {
    relative.d[k] = term(x, relative, k);
    r.d[k] = e * relative.d[k];
  }
  return r;
}

template <class B, int kOrder>
Jet<B, kOrder> exp(const Jet<B, kOrder>& x) {
  const B e = exp(x.d[0]);
  return exponential_chain(x, e, e);
}

template <class B, int kOrder>
Jet<B, kOrder> expm1(const Jet<B, kOrder>& x) {
  return exponential_chain(x, expm1(x.d[0]), kOrder > 0 ? exp(x.d[0]) : B());
}

template <class B, int kOrder>
Jet<B, kOrder> log(const Jet<B, kOrder>& x) {
  return chain(x, log(x.d[0]), [](const auto& u) { return 1.0 / u; });
}

template <class B, int kOrder>
Jet<B, kOrder> log1p(const Jet<B, kOrder>& x) {
  return chain(x, log1p(x.d[0]), [](const auto& u) { return 1.0 / (1.0 + u); });
}

// Whether the middle of x lies near 0, where it matters not what exactly is near.
template <class B>
bool is_near_zero(const B& x) {
  return middle_sign(x - B(0.5)) < 0 && middle_sign(x + B(0.5)) > 0;
}

// tanh' = 1 - tanh^2 near 0, whose own slope does not cancel there; beyond, where this would,
// 4 e / (1 + e)^2 with e = exp(-2|x|). Both hold with either sign in the exponent, so x need not be
// known to be on one side of anything.
template <class B, int kOrder>
Jet<B, kOrder> tanh(const Jet<B, kOrder>& x) {
  return chain(x, tanh(x.d[0]), [](const auto& u) {
    if (is_near_zero(u.d[0])) {
      const auto t = tanh(u);
      return 1.0 - t * t;
    }
    const auto e = exp((middle_sign(u.d[0]) < 0 ? 2.0 : -2.0) * u);
    const auto sum = 1.0 + e;
    return 4.0 * e / (sum * sum);
  });
}

// 1 / (1 + e^-x), whose slope is e / (1 + e)^2 with e = e^x or e^-x: the one that does not overflow; or,
// near 0, (1 - tanh^2(x/2)) / 4.
template <class B, int kOrder>
Jet<B, kOrder> logistic(const Jet<B, kOrder>& x) {
  return chain(x, logistic(x.d[0]), [](const auto& u) {
    if (is_near_zero(u.d[0])) {
      const auto t = tanh(u * 0.5);
      return (1.0 - t * t) * 0.25;
    }
    const auto e = exp(middle_sign(u.d[0]) < 0 ? u : -u);
    const auto sum = 1.0 + e;
    return e / (sum * sum);
  });
}

// log(1 + e^x).
template <class B, int kOrder>
Jet<B, kOrder> log1p_exp(const Jet<B, kOrder>& x) {
  return chain(x, log1p_exp(x.d[0]), [](const auto& u) { return logistic(u); });
}

// For the definition whose own name is tanh, and hides the function.
template <class B, int kOrder>
Jet<B, kOrder> hyperbolic_tangent(const Jet<B, kOrder>& x) {
  return tanh(x);
}

// 2/sqrt(pi) exp(-u^2), the slope of erf.
template <class B, int kOrder>
Jet<B, kOrder> error_density(const Jet<B, kOrder>& u) {
  const B& v = u.d[0];
  return Jet<B, kOrder>(B(2.0) / sqrt(pi(v))) * exp(-(u * u));
}

template <class B, int kOrder>
Jet<B, kOrder> erf(const Jet<B, kOrder>& x) {
  return chain(x, erf(x.d[0]), [](const auto& u) { return error_density(u); });
}

// For the definition whose own name is erf.
template <class B, int kOrder>
Jet<B, kOrder> error_function(const Jet<B, kOrder>& x) {
  return erf(x);
}

template <class B, int kOrder>
Jet<B, kOrder> erfc(const Jet<B, kOrder>& x) {
  return chain(x, erfc(x.d[0]), [](const auto& u) { return -error_density(u); });
}

template <class B, int kOrder>
Jet<B, kOrder> atan(const Jet<B, kOrder>& x) {
  return chain(x, atan(x.d[0]), [](const auto& u) { return 1.0 / (1.0 + u * u); });
}

template <class B, int kOrder>
Jet<B, kOrder> cos(const Jet<B, kOrder>& x);
template <class B, int kOrder>
Jet<B, kOrder> sin(const Jet<B, kOrder>& x) {
  return chain(x, sin(x.d[0]), [](const auto& u) { return cos(u); });
}
template <class B, int kOrder>
Jet<B, kOrder> cos(const Jet<B, kOrder>& x) {
  return chain(x, cos(x.d[0]), [](const auto& u) { return -sin(u); });
}

template <class B, int kOrder>
Jet<B, kOrder> sqrt(const Jet<B, kOrder>& x) {
  return chain(x, sqrt(x.d[0]), [](const auto& u) { return 0.5 / sqrt(u); });
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
