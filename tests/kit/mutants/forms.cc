// The formulas, in the order of their names. At a kink they take the branch that gradkeep names, which is
// PyTorch's; a zero keeps the sign of the x that it came from.
// SPDX-License-Identifier: Apache-2.0
#include "tests/kit/mutants/forms.h"

#include <limits>
#include <numbers>

namespace mutants {
namespace {

constexpr Real kLambda = 1.05070098735548049341933498529460635L;
constexpr Real kLambdaAlpha = kLambda * 1.67326324235437728481704299167165204L;

constexpr auto swish = [](auto x, auto beta) {
  const auto z = beta * x, s = sigma(z), t = s * sigma(-z);
  return Jet{times(x, s), s + times(z, t), times(beta * (2 - z * std::tanh(z / 2)), t)};
};

// x - tanh(x) = (x cosh(x) - sinh(x)) / cosh(x), whose numerator is a series of positive terms.
template <class R>
R tanh_shrink(R x) {
  if (!(std::abs(x) < 1)) return x - std::tanh(x);
  R power = x, sum = 0 * x;  // power = x^(2k + 1) / (2k + 1)!; 0 with the sign of x
  for (int k = 1; k < 14; ++k) {
    power *= x * x / static_cast<R>(2 * k * (2 * k + 1));
    sum += static_cast<R>(2 * k) * power;
  }
  return sum / std::cosh(x);
}

const std::vector<Form>& forms() {
  static const std::vector<Form> all{
      {"celu",
       {{"alpha", 1}},
       [](auto x, const double* p) {
         const auto alpha = decltype(x)(p[0]), z = x / alpha;
         return x > 0 ? Jet{x, level(x, 1), level(x, 0)}
                      : Jet{alpha * std::expm1(z), std::exp(z), std::exp(z) / alpha};
       }},
      Form("elu", {{"alpha", 1}},
           [](auto x, const double* p) {
             const auto alpha = decltype(x)(p[0]);
             return x > 0 ? Jet{x, level(x, 1), level(x, 0)}
                          : Jet{alpha * std::expm1(x), alpha * std::exp(x), alpha * std::exp(x)};
           })
          .with_output([](Real y, const double* p) {
            return y > 0 ? Jet{y, level(y, 1), level(y, 0)} : Jet{y, y + p[0], y + p[0]};
          })
          .with_parameter_slope(
              [](Real x, const double*) { return x > 0 ? level(x, 0) : std::expm1(x); }),
      {"erf",
       {},
       [](auto x, const double*) {
         const auto dy = 2 * std::numbers::inv_sqrtpi_v<decltype(x)> * std::exp(-x * x);
         return Jet{std::erf(x), dy, times(-2 * x, dy)};
       }},
      {"gelu",
       {},
       [](auto x, const double*) {
         using R = decltype(x);
         const R tail = std::erfc(-x / std::numbers::sqrt2_v<R>) / 2;
         const R bell =
             std::exp(-x * x / 2) * std::numbers::inv_sqrtpi_v<R> / std::numbers::sqrt2_v<R>;
         return Jet{times(x, tail), tail + times(x, bell), times(2 - x * x, bell)};
       }},
      {"gelu_tanh",
       {},
       [](auto x, const double*) {
         using R = decltype(x);
         const R root = std::numbers::sqrt2_v<R> * std::numbers::inv_sqrtpi_v<R>, c = R(0.044715L);
         const R u = root * (x + c * x * x * x), du = root * (1 + 3 * c * x * x),
                 d2u = root * 6 * c * x, s = sigma(2 * u), t = s * sigma(-2 * u);
         return Jet{times(x, s), s + times(2 * x * du, t),
                    times(4 * du + 2 * x * d2u - 4 * x * du * du * std::tanh(u), t)};
       }},
      {"hard_shrink",
       {{"lambda", 0.5}},
       [](auto x, const double* p) {
         const bool outside = std::abs(x) > p[0];
         return Jet{outside || x == 0 ? x : level(x, 0), level(x, outside), level(x, 0)};
       }},
      {"hard_sigmoid",
       {{"low", -3}, {"high", 3}},
       [](auto x, const double* p) {
         const auto low = decltype(x)(p[0]), high = decltype(x)(p[1]), width = high - low;
         if (x <= low || x >= high) return Jet{level(x, x >= high), level(x, 0), level(x, 0)};
         return Jet{(x - low) / width, level(x, 1) / width, level(x, 0)};
       }},
      {"hard_swish",
       {},
       [](auto x, const double*) {
         if (x <= -3) return Jet{level(x, 0), level(x, 0), level(x, 0)};
         if (x >= 3) return Jet{x, level(x, 1), level(x, 0)};
         return Jet{x * (x + 3) / 6, (2 * x + 3) / 6, level(x, 1) / 3};
       }},
      Form("hard_tanh", {{"min", -1}, {"max", 1}},
           [](auto x, const double* p) {
             const bool inside = x > p[0] && x < p[1];
             return Jet{x <= p[0]   ? level(x, p[0])
                        : x >= p[1] ? level(x, p[1])
                                    : x,
                        level(x, inside), level(x, 0)};
           })
          .with_output([](Real y, const double* p) {
            return Jet{y, level(y, y > p[0] && y < p[1]), level(y, 0)};
          }),
      Form("leaky_relu", {{"negative_slope", 0.01}},
           [](auto x, const double* p) {
             return Jet{x > 0 ? x : times(x, decltype(x)(p[0])), level(x, x > 0 ? 1 : p[0]),
                        level(x, 0)};
           })
          .with_output([](Real y, const double* p) {
            return Jet{y, level(y, y > 0 ? 1 : p[0]), level(y, 0)};
          })
          .with_parameter_slope([](Real x, const double*) { return x > 0 ? level(x, 0) : x; }),
      {"log_sigmoid",
       {},
       [](auto x, const double*) {
         const auto tail = std::log1p(std::exp(-std::abs(x)));
         return Jet{x > 0 ? -tail : x - tail, sigma(-x), -sigma(x) * sigma(-x)};
       }},
      {"mish",
       {},
       [](auto x, const double*) {
         using R = decltype(x);
         const R most = R(std::numeric_limits<R>::max_exponent) / 8;  // e^(4 most) is finite
         const R near = x > most ? most : x, e = std::exp(near), v = e * (e + 2), t = v / (v + 2),
                 turn = 4 * e * (1 + e) / (v + 2), dt = turn / (v + 2);
         return Jet{times(x, t), t + times(near, dt),
                    2 * dt + times(near * (1 + sigma(x) - turn), dt)};
       }},
      Form("prelu", {{"a", 0.25}},
           [](auto x, const double* p) {
             return Jet{x > 0 ? x : times(x, decltype(x)(p[0])), level(x, x > 0 ? 1 : p[0]),
                        level(x, 0)};
           })
          .with_parameter_slope([](Real x, const double*) { return x > 0 ? level(x, 0) : x; }),
      {"quick_gelu", {}, [](auto x, const double*) { return swish(x, decltype(x)(1.702L)); }},
      Form("relu", {},
           [](auto x, const double*) {
             return Jet{x >= 0 ? x : level(x, 0), level(x, x > 0), level(x, 0)};
           })
          .with_output([](Real y, const double*) { return Jet{y, level(y, y > 0), level(y, 0)}; }),
      {"relu6",
       {},
       [](auto x, const double*) {
         return Jet{x >= 6   ? level(x, 6)
                    : x >= 0 ? x
                             : level(x, 0),
                    level(x, x > 0 && x < 6), level(x, 0)};
       }},
      {"selu",
       {},
       [](auto x, const double*) {
         using R = decltype(x);
         const R slope = R(kLambdaAlpha) * std::exp(x);
         return x > 0 ? Jet{R(kLambda) * x, R(kLambda), R(0)}
                      : Jet{R(kLambdaAlpha) * std::expm1(x), slope, slope};
       }},
      Form("sigmoid", {},
           [](auto x, const double*) {
             const auto dy = sigma(x) * sigma(-x);
             return Jet{sigma(x), dy, -dy * std::tanh(x / 2)};
           })
          .with_output(
              [](Real y, const double*) { return Jet{y, y * (1 - y), y * (1 - y) * (1 - 2 * y)}; }),
      {"silu", {}, [](auto x, const double*) { return swish(x, decltype(x)(1)); }},
      {"soft_shrink",
       {{"lambda", 0.5}},
       [](auto x, const double* p) {
         const auto lambda = decltype(x)(p[0]);
         const bool outside = std::abs(x) > lambda;
         return Jet{outside  ? std::copysign(std::abs(x) - lambda, x)
                    : x == 0 ? x
                             : level(x, 0),
                    level(x, outside), level(x, 0)};
       }},
      Form("softplus", {{"beta", 1}},
           [](auto x, const double* p) {
             const auto beta = decltype(x)(p[0]), z = beta * x;
             const auto tail = std::log1p(std::exp(-std::abs(z))) / beta;
             return Jet{x > 0 ? x + tail : tail, sigma(z), beta * sigma(z) * sigma(-z)};
           })
          .with_output([](Real y, const double* p) {
            const Real dy = -std::expm1(-p[0] * y);
            return Jet{y, dy, p[0] * dy * std::exp(-p[0] * y)};
          }),
      {"softsign",
       {},
       [](auto x, const double*) {
         using R = decltype(x);
         const R sum = 1 + std::abs(x), y = std::isinf(x) ? std::copysign(R(1), x) : x / sum;
         return Jet{y, 1 / (sum * sum), (x > 0 ? -2 : 2) / (sum * sum * sum)};
       }},
      Form("swish", {{"beta", 1}},
           [](auto x, const double* p) { return swish(x, decltype(x)(p[0])); })
          .with_parameter_slope([](Real x, const double* p) {
            return times(x * x, sigma(p[0] * x) * sigma(-p[0] * x));
          }),
      Form("tanh", {},
           [](auto x, const double*) {
             const auto e = std::exp(-2 * std::abs(x)), dy = 4 * e / ((1 + e) * (1 + e));
             return Jet{std::tanh(x), dy, -2 * std::tanh(x) * dy};
           })
          .with_output([](Real y, const double*) {
            const Real dy = (1 - y) * (1 + y);
            return Jet{y, dy, -2 * y * dy};
          }),
      {"tanh_shrink",
       {},
       [](auto x, const double*) {
         const auto t = std::tanh(x), e = std::exp(-2 * std::abs(x));
         return Jet{tanh_shrink(x), t * t, 8 * t * e / ((1 + e) * (1 + e))};
       }},
  };
  return all;
}

}  // namespace

const Form* find_form(std::string_view name) {
  for (const Form& form : forms()) {
    if (form.name == name) return &form;
  }
  return nullptr;
}

}  // namespace mutants
