// All mutants at a glance: the bugs that people really write in activation kernels, each of which the
// conformance kit has to find, and implementations that look odd and are right, which it has to pass.
// A lambda over Real has a wrong formula and no other error; one over T is wrong because of T.
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <bit>
#include <limits>
#include <numbers>

#include "tests/kit/mutants/mutant.h"

namespace mutants {
namespace {

// The next numbers away from 0, or towards it.
template <class T>
T moved(T v, int steps) {
  const T end = std::copysign(steps < 0 ? T(0) : std::numeric_limits<T>::infinity(), v);
  for (int k = 0; k < std::abs(steps); ++k) v = std::nextafter(v, end);
  return v;
}

// True for one number in four, always the same ones.
template <class T>
bool picked(T v) {
  const auto bits = static_cast<std::uint64_t>(
      std::bit_cast<std::conditional_t<sizeof(T) == 4, std::uint32_t, std::uint64_t>>(std::abs(v)));
  return (bits * 0x9e3779b97f4a7c15u) >> 62 == 0;
}

// A float without its lower 16 bits, which is a bfloat16 rounded towards 0.
float cut(float v) { return std::bit_cast<float>(std::bit_cast<std::uint32_t>(v) & 0xffff0000u); }

constexpr Real kRoot2 = std::numbers::sqrt2_v<Real>;

template <class T>
void right_loop(const Call<T>& call, std::size_t from, std::size_t to) {
  for (std::size_t i = from; i < to; ++i) call.out[i] = call.right(call.x[i]);
}

const Mutant kTable[] = {
    // ---- constants ----
    {bug, "gelu_tanh_digit", "gelu_tanh", "0.0447151 for 0.044715", value([](Real x) {
       return times(
           x, sigma(2 * std::sqrt(2 / std::numbers::pi_v<Real>) * (x + 0.0447151L * x * x * x)));
     })},
    {bug, "gelu_half_root", "gelu", "1/sqrt(2) with two digits exchanged",
     value([](Real x) { return times(x, std::erfc(-x * 0.7071086L) / 2); })},
    {bug, "erf_slope_digits", "erf", "2/sqrt(pi) = 1.128379 with two digits exchanged",
     slope([](Real x) { return 1.128397L * std::exp(-x * x); })},
    {bug, "erf_slope_float", "erf", "2/sqrt(pi) as a float in the kernel for double",
     slope([](Real x) { return 1.1283792F * std::exp(-x * x); })},
    {bug, "selu_alpha_digit", "selu", "alpha wrong in its 7th digit",
     value([](Real x) { return 1.0507009873554805L * (x > 0 ? x : 1.6732622L * std::expm1(x)); })},
    {bug, "selu_six_digits", "selu", "1.0507 and 1.67326 for lambda and alpha",
     value([](Real x) { return 1.0507L * (x > 0 ? x : 1.67326L * std::expm1(x)); })},
    {bug, "quick_gelu_two_digits", "quick_gelu", "1.7 for 1.702",
     value([](Real x) { return times(x, sigma(1.7L * x)); })},
    {bug, "hard_sigmoid_fifth", "hard_sigmoid", "the slope 0.2 of other libraries",
     value([](Real x) { return std::clamp(0.2L * x + 0.5L, 0.0L, 1.0L); })},
    {bug, "hard_swish_sixth", "hard_swish", "0.1667 for 1/6", value([](Real x) {
       return x <= -3 ? 0 : x >= 3 ? x : x * (x + 3) * 0.1667L;
     })},
    {bug, "leaky_relu_fifth", "leaky_relu", "negative_slope is 0.2 whatever is asked",
     value([](Real x) { return x > 0 ? x : 0.2L * x; })},

    // ---- kinks and branches ----
    {bug, "relu_slope_at_zero", "relu", ">= for > at the kink",
     slope([](Real x) { return level(x, x >= 0); })},
    {bug, "relu_slope_maximum", "relu", "max(1, x), by a slip for max(0, x)'s 1 and 0",
     slope([](Real x) { return x > 0 ? std::max(1.0L, x) : level(x, 0); })},
    {bug, "relu6_slope_at_six", "relu6", "<= for < at the upper kink",
     slope([](Real x) { return level(x, x > 0 && x <= 6); })},
    {bug, "hard_tanh_slope_at_ends", "hard_tanh", ">= for > at both kinks",
     slope([](Real x, const double* p) { return level(x, x >= p[0] && x <= p[1]); })},
    {bug, "hard_swish_slope_at_ends", "hard_swish", "-1/2 and 3/2 at the knees, from inside",
     slope([](Real x) { return level(x, 0) + (x < -3  ? 0
                                              : x > 3 ? 1
                                                      : (2 * x + 3) / 6); })},
    {bug, "hard_sigmoid_slope_everywhere", "hard_sigmoid", "1/6 beyond the ends of the ramp too",
     slope([](Real x) { return level(x, 1) / 6; })},
    {bug, "hard_shrink_at_lambda", "hard_shrink", ">= for > at lambda",
     value([](Real x, const double* p) { return std::abs(x) >= p[0] ? x : level(x, 0) * x; })},
    {bug, "soft_shrink_branches", "soft_shrink", "the branches left and right of 0 are swapped",
     value([](Real x, const double* p) {
       return x > p[0] ? x + p[0] : x < -p[0] ? x - p[0] : level(x, 0) * x;
     })},
    {bug, "prelu_maximum", "prelu(a=1.5)", "max(x, a x), another function where a > 1",
     value([](Real x, const double* p) { return std::max(x, times(x, Real(p[0]))); })},
    {bug, "prelu_slope_at_zero", "prelu", "1 at 0, the branch x >= 0",
     slope([](Real x, const double* p) { return level(x, x >= 0 ? 1 : p[0]); })},
    {bug, "erf_sign", "erf", "1 - erfc(|x|) without the sign of x, left of -1",
     value([](Real x) { return x < -1 ? 1 - std::erfc(-x) : std::erf(x); })},

    // ---- parameters ----
    {bug, "elu_slope_without_alpha", "elu(alpha=0.5)", "e^x for alpha e^x",
     slope([](Real x) { return x > 0 ? 1 : std::exp(x); })},
    {bug, "softplus_ignores_beta", "softplus(beta=2)", "beta is 1 whatever is asked",
     value([](Real x) { return std::max(x, 0 * x) + std::log1p(std::exp(-std::abs(x))); })},
    {bug, "celu_is_elu", "celu(alpha=2)", "alpha (e^x - 1): alpha does not divide x",
     value([](Real x, const double* p) { return x > 0 ? x : p[0] * std::expm1(x); })},
    {bug, "swish_slope_without_beta", "swish(beta=2)", "x for beta x in one of its two places",
     slope([](Real x, const double* p) {
       const Real s = sigma(p[0] * x), t = sigma(-p[0] * x) * s;
       return s + times(x, t);
     })},
    {bug, "softplus_threshold_unscaled", "softplus(beta=0.1)", "x > 20 for beta x > 20",
     each([](const auto& call, auto x) {
       return call.what == kValue && x > 20 ? x : call.right(x);
     })},

    // ---- tails and saturation ----
    {bug, "sigmoid_clamp", "sigmoid", "x is cut off at +-11.5",
     value([](Real x) { return sigma(std::clamp(x, -11.5L, 11.5L)); })},
    {bug, "sigmoid_one_minus", "sigmoid", "1 - sigma(-x) left of 0, where it cancels",
     value([]<class T>(T x) { return x < 0 ? 1 - 1 / (1 + std::exp(x)) : sigma(x); })},
    {bug, "sigmoid_by_tanh", "sigmoid", "tanh(x/2)/2 + 1/2, which has no left tail",
     value([]<class T>(T x) { return std::tanh(x / 2) / 2 + T(0.5); })},
    {bug, "sigmoid_overflow", "sigmoid", "e^x / (1 + e^x) is inf/inf for large x",
     value([]<class T>(T x) { return std::exp(x) / (1 + std::exp(x)); })},
    {bug, "sigmoid_slope_of_output", "sigmoid", "y (1 - y), of a y that has been rounded",
     each([]<class T>(const Call<T>& call, T x) {
       const T y = call.right(x, kValue);
       return call.what == kSlope ? y * (1 - y) : call.right(x);
     })},
    {bug, "sigmoid_waves", "sigmoid", "a continued fraction, cut where it is not yet monotone",
     value([]<class T>(T x) {
       const T z = std::clamp(x, T(-18), T(18)) / 2, q = z * z;
       const T t = z / (1 + q / (3 + q / (5 + q / (7 + q / 9))));
       return T(0.5) + t / 2;
     })},
    {bug, "tanh_quotient", "tanh", "(e^2x - 1) / (e^2x + 1) cancels at 0 and overflows",
     value([]<class T>(T x) {
       const T e = std::exp(2 * x);
       return (e - 1) / (e + 1);
     })},
    {bug, "tanh_slope_of_output", "tanh", "1 - y^2, of a y that has been rounded",
     each([]<class T>(const Call<T>& call, T x) {
       const T y = call.right(x, kValue);
       return call.what == kSlope ? 1 - y * y : call.right(x);
     })},
    {bug, "tanh_slope_negative", "tanh", "1 - y^2 of a y one ULP beyond 1",
     each([]<class T>(const Call<T>& call, T x) {
       const T y = moved(std::tanh(x), 1);
       return call.what == kSlope && std::abs(y) > 1 ? 1 - y * y : call.right(x);
     })},
    {bug, "gelu_lost_tail", "gelu", "x/2 (1 + erf), which has no left tail",
     value([]<class T>(T x) { return times(x, (1 + std::erf(x * T(1 / kRoot2))) / 2); })},
    {bug, "gelu_slope_lost_tail", "gelu", "1 + erf in the slope alone", slope([]<class T>(T x) {
       return (1 + std::erf(x * T(1 / kRoot2))) / 2 +
              times(x, T(0.3989422804014327) * std::exp(-x * x / 2));
     })},
    {bug, "gelu_by_tanh", "gelu", "the tanh form under the name of the erf form", value([](Real x) {
       return times(
           x, sigma(2 * std::sqrt(2 / std::numbers::pi_v<Real>) * (x + 0.044715L * x * x * x)));
     })},
    {bug, "elu_exp_minus_one", "elu", "e^x - 1 for expm1, which cancels next to 0",
     value([]<class T>(T x) { return x > 0 ? x : std::exp(x) - 1; })},
    {bug, "softplus_naive", "softplus", "log(1 + e^x) loses the left tail and overflows",
     value([]<class T>(T x) { return std::log(1 + std::exp(x)); })},
    {bug, "softplus_slope_quotient", "softplus", "z / (z + 1) with z = e^x is inf/inf",
     slope([]<class T>(T x) { return std::exp(x) / (std::exp(x) + 1); })},
    {bug, "softplus_threshold", "softplus", "x beyond 20, the slope not so: too early for double",
     each([](const auto& call, auto x) {
       return call.what == kValue && x > 20 ? x : call.right(x);
     })},
    {bug, "softplus_slope_threshold", "softplus", "the threshold is applied on the wrong side",
     each([](const auto& call, auto x) {
       return call.what == kSlope && x < -20 ? decltype(x)(0) : call.right(x);
     })},
    {bug, "silu_overflow", "silu", "x / (1 + e^-x) is 0 as soon as e^-x overflows",
     value([]<class T>(T x) { return x / (1 + std::exp(-x)); })},
    {bug, "mish_overflow", "mish", "v / (v + 2) is inf/inf where v = e^x (e^x + 2) overflows",
     value([]<class T>(T x) {
       const T e = std::exp(x), v = e * (e + 2);
       return x * (v / (v + 2));
     })},
    {bug, "log_sigmoid_two_steps", "log_sigmoid", "log(sigmoid(x)) is -inf where sigmoid is 0",
     value([]<class T>(T x) { return std::log(sigma(x)); })},
    {bug, "tanh_shrink_difference", "tanh_shrink", "x - tanh(x), which cancels next to 0",
     value([]<class T>(T x) { return x - std::tanh(x); })},

    // ---- slopes and curvatures ----
    {bug, "softsign_slope_without_abs", "softsign", "(1 + x)^-2 for (1 + |x|)^-2",
     slope([](Real x) { return 1 / ((1 + x) * (1 + x)); })},
    {bug, "selu_slope_scaled_twice", "selu", "lambda once more in the negative branch",
     slope([](Real x) {
       return 1.0507009873554805L * (x > 0 ? 1 : 1.7580993408473766L * std::exp(x));
     })},
    {bug, "gelu_tanh_slope_inner", "gelu_tanh", "the factor 3 of the inner derivative is missing",
     slope([](Real x) {
       const Real root = std::sqrt(2 / std::numbers::pi_v<Real>), cube = 0.044715L * x * x;
       const Real u = root * (x + cube * x), s = sigma(2 * u);
       return s + times(2 * x * root * (1 + cube), s * sigma(-2 * u));
     })},
    {bug, "silu_slope_factor", "silu", "s + x (1 - s) for s + x s (1 - s)",
     slope([](Real x) { return sigma(x) + times(x, sigma(-x)); })},
    {bug, "log_sigmoid_slope_side", "log_sigmoid", "sigma(x) for sigma(-x)",
     slope([](Real x) { return sigma(x); })},
    {bug, "tanh_curvature_sign", "tanh", "+2 y (1 - y^2)",
     curvature([](Real x) { return 2 * std::tanh(x) / (std::cosh(x) * std::cosh(x)); })},
    {bug, "gelu_curvature_constant", "gelu", "phi (1 - x^2) for phi (2 - x^2)",
     curvature([](Real x) {
       return times(1 - x * x, std::exp(-x * x / 2) / std::sqrt(2 * std::numbers::pi_v<Real>));
     })},

    // ---- from the output, and by parameter ----
    {bug, "tanh_from_output_square", "tanh", "1 - y for 1 - y^2",
     only<kSlopeFromOutput>([](Real y) { return 1 - y; })},
    {bug, "tanh_from_output_curvature", "tanh", "-2 y for -2 y (1 - y^2)",
     only<kCurvatureFromOutput>([](Real y) { return -2 * y; })},
    {bug, "elu_from_output_alpha", "elu(alpha=0.5)", "y + 1 for y + alpha",
     only<kSlopeFromOutput>([](Real y) { return y > 0 ? 1 : y + 1; })},
    {bug, "prelu_parameter_everywhere", "prelu", "df/da = x right of 0 too",
     only<kParameterSlope>([](Real x) { return x; })},
    {bug, "swish_parameter_factor", "swish", "df/dbeta = x s (1 - s) for x^2 s (1 - s)",
     only<kParameterSlope>(
         [](Real x, const double* p) { return times(x, sigma(p[0] * x) * sigma(-p[0] * x)); })},

    // ---- NaN, infinities, signed zeros, subnormals ----
    {bug, "relu_eats_nan", "relu", "x > 0 ? x : 0 gives 0 for NaN", value([]<class T>(T x) {
       return x > 0 ? x : x == 0 ? x : T(0);
     })},
    {bug, "hard_tanh_eats_nan", "hard_tanh", "fmin and fmax prefer the number to the NaN",
     value(
         [](Real x, const double* p) { return std::fmin(std::fmax(x, Real(p[0])), Real(p[1])); })},
    {bug, "relu_slope_eats_nan", "relu", "the slope at NaN is 0",
     slope([]<class T>(T x) { return x > 0 ? T(1) : T(0); })},
    {bug, "tanh_loses_minus_zero", "tanh", "t < 0 ? -f(-t) : f(t), where -0 is no t < 0",
     value([](Real x) { return x == 0 ? 0 : std::tanh(x); })},
    {bug, "tanh_flushes", "tanh", "subnormal numbers are 0", value([]<class T>(T x) {
       return std::abs(x) < std::numeric_limits<T>::min() ? std::copysign(T(0), x) : std::tanh(x);
     })},
    {bug, "softsign_infinity", "softsign", "inf / (1 + inf) is NaN",
     value([](Real x) { return x / (1 + std::abs(x)); })},
    {bug, "gelu_infinity", "gelu", "-inf times 0 is NaN",
     value([](Real x) { return x * std::erfc(-x / kRoot2) / 2; })},
    {bug, "hard_swish_infinity", "hard_swish", "-inf times 0 is NaN", value([](Real x) {
       return x * (x <= -3 ? 0 : x >= 3 ? 1 : (x + 3) / 6);
     })},

    // ---- a place that samples easily miss ----
    {bug, "sigmoid_table_entry", "sigmoid",
     "one entry of a table: 2^-7 <= |x| < 2^-6 is off by 1e-6", value([](Real x) {
       return sigma(x) * (std::abs(x) >= 0x1p-7L && std::abs(x) < 0x1p-6L ? 1 + 1e-6L : 1);
     })},
    {bug, "tanh_band", "tanh", "3 ULP off where 2^-12 <= |x| < 2^-11",
     each([]<class T>(const Call<T>& call, T x) {
       const bool there = std::abs(x) >= T(0x1p-12) && std::abs(x) < T(0x1p-11);
       return call.what == kValue && there ? moved(call.right(x), 3) : call.right(x);
     })},

    // ---- arrays: lanes, tails, places, runs ----
    {bug, "lanes_swapped", "sigmoid", "lanes 3 and 4 of a full vector of 8 are exchanged",
     whole([](const auto& call) {
       right_loop(call, 0, call.n);
       for (std::size_t i = 0; i + 8 <= call.n; i += 8) std::swap(call.out[i + 3], call.out[i + 4]);
     })},
    {bug, "tail_cruder", "silu", "the last n % 8 elements by x / (1 + e^-x)",
     whole([]<class T>(const Call<T>& call) {
       for (std::size_t i = 0; i < call.n; ++i) {
         const T x = call.x[i];
         const bool tail = i >= call.n / 8 * 8 && call.what == kValue;
         call.out[i] = tail ? x / (1 + std::exp(-x)) : call.right(x);
       }
     })},
    {bug, "tail_left_out", "tanh", "the last n % 8 elements are not written",
     whole([](const auto& call) { right_loop(call, 0, call.n / 8 * 8); })},
    {bug, "one_too_many", "softplus", "one element is written past the end",
     whole([]<class T>(const Call<T>& call) {
       right_loop(call, 0, call.n);
       if (call.n % 8 != 0) call.out[call.n] = T(0);
     })},
    {bug, "head_cruder", "gelu", "elements before the first aligned address by x/2 (1 + erf)",
     whole([]<class T>(const Call<T>& call) {
       std::size_t head = reinterpret_cast<std::uintptr_t>(call.x) / sizeof(T) % 8;
       head = std::min(call.n, (8 - head) % 8);
       right_loop(call, head, call.n);
       for (std::size_t i = 0; i < head; ++i) {
         const T x = call.x[i];
         call.out[i] =
             call.what == kValue ? times(x, (1 + std::erf(x * T(1 / kRoot2))) / 2) : call.right(x);
       }
     })},
    {bug, "zero_by_lane", "gelu", "-0 stays -0 in a tail and becomes 0 in full vectors of 8",
     whole([](const auto& call) {
       right_loop(call, 0, call.n);
       for (std::size_t i = 0; i < call.n / 8 * 8; ++i) call.out[i] += 0;
     })},
    {bug, "slope_of_neighbour", "gelu", "slopes of a pair are both those of its first element",
     whole([](const auto& call) {
       const std::vector x(call.x, call.x + call.n);
       for (std::size_t i = 0; i < call.n; ++i)
         call.out[i] = call.right(x[call.what == kSlope ? i - i % 2 : i]);
     })},
    {bug, "in_place", "silu", "x is read again after y has been written over it",
     whole([]<class T>(const Call<T>& call) {
       if (call.what != kValue) return right_loop(call, 0, call.n);
       for (std::size_t i = 0; i < call.n; ++i) call.out[i] = sigma(call.x[i]);
       for (std::size_t i = 0; i < call.n; ++i)
         call.out[i] = call.x == call.out ? times(call.x[i], call.out[i]) : call.right(call.x[i]);
     })},
    {bug, "state", "elu", "a call begins with the last number of the call before",
     whole([]<class T>(const Call<T>& call) {
       static T last = 0;
       right_loop(call, 0, call.n);
       if (call.n > 0) std::swap(call.out[0], last);
     })},
    {bug, "runs_differ", "tanh", "one ULP that changes from call to call",
     whole([](const auto& call) {
       static unsigned calls = 0;
       ++calls;
       for (std::size_t i = 0; i < call.n; ++i) {
         const auto right = call.right(call.x[i]);
         call.out[i] = (i + calls) % 3 == 0 ? moved(right, -1) : right;
       }
     })},

    // ---- 16 bits ----
    {bug, "bf16_steps_cut", "gelu_tanh", "every step in bfloat16, cut off instead of rounded",
     each([](const auto& call, auto x) {
       if (call.type != GRADKEEP_BF16 || call.what != kValue || std::isinf(x)) return call.right(x);
       const float v = static_cast<float>(x), cube = cut(cut(v * v) * v);
       const float u = cut(1.5957691F * cut(v + cut(0.044715F * cube)));
       return static_cast<decltype(x)>(cut(v / cut(1 + cut(std::exp(-u)))));
     })},
    {bug, "bf16_slope_of_output", "tanh", "1 - y^2 of a y that has been rounded to bfloat16",
     each([]<class T>(const Call<T>& call, T x) {
       const T y = call.stored(call.right(x, kValue));
       const bool wrong = call.type == GRADKEEP_BF16 && call.what == kSlope;
       return wrong ? 1 - y * y : call.right(x);
     })},
    {bug, "bf16_lambda", "soft_shrink(lambda=0.7)", "lambda is rounded to bfloat16 first",
     each([](const auto& call, auto x) {
       if (call.type != GRADKEEP_BF16 || call.what != kValue) return call.right(x);
       const auto lambda = call.stored(static_cast<decltype(x)>(call.p[0]));
       return std::abs(x) > lambda ? std::copysign(std::abs(x) - lambda, x) : call.right(x) * 0;
     })},
    {bug, "f16_overflow", "softplus", "e^x is held as a float16, infinite from 11.09",
     each([]<class T>(const Call<T>& call, T x) {
       if (call.type != GRADKEEP_F16 || call.what != kValue) return call.right(x);
       return std::isinf(call.stored(std::exp(x))) ? std::exp(x) * T(INFINITY) : call.right(x);
     })},
    {bug, "f16_flushes", "sigmoid", "subnormal float16 results are 0",
     each([]<class T>(const Call<T>& call, T x) {
       const T right = call.right(x);
       return call.type == GRADKEEP_F16 && std::abs(right) < T(0x1p-14) ? right * 0 : right;
     })},

    // ---- odd, but right ----
    {fine, "long_double", "*", "the formulas in long double, rounded once",
     whole([](const auto& call) { right_loop(call, 0, call.n); })},
    {fine, "in_double", "elu silu", "float through formulas in double",
     each([](const auto& call, auto x) {
       if (sizeof(x) == 8 || call.what > kCurvature) return call.right(x);
       const Jet<double> jet = call.form.in_double(x, call.p);
       return static_cast<decltype(x)>(call.what == kValue   ? jet.y
                                       : call.what == kSlope ? jet.dy
                                                             : jet.d2y);
     })},
    {fine, "in_float", "softsign elu", "values in the arithmetic of the type",
     each([]<class T>(const Call<T>& call, T x) {
       if (call.what != kValue || std::isinf(x)) return call.right(x);
       if (call.form.name == "softsign") return x / (1 + std::abs(x));
       return x > 0 ? x : T(call.p[0]) * std::expm1(x);
     })},
    {fine, "one_ulp", "elu silu", "one ULP nearer to 0 in a quarter of the places",
     each([](const auto& call, auto x) {
       const auto right = call.right(x);
       return picked(x) && std::isfinite(right) ? moved(right, -1) : right;
     })},
    {fine, "other_nans", "relu prelu", "NaN comes back with another sign and payload",
     each([]<class T>(const Call<T>& call, T x) {
       return std::isnan(x) ? std::copysign(T(std::nan("0x7b")), -x) : call.right(x);
     })},
    {fine, "values_only", "gelu", "no slope, no curvature", whole([](const auto& call) {
       right_loop(call, 0, call.n);
       return call.what == kValue;
     })},
    {fine, "float32_only", "silu", "no other type", whole([](const auto& call) {
       right_loop(call, 0, call.n);
       return call.type == GRADKEEP_F32;
     })},
    {fine, "chunks_of_eight", "silu", "full vectors of 8 by way of a buffer, then the rest",
     whole([]<class T>(const Call<T>& call) {
       T lanes[8];
       for (std::size_t i = 0; i < call.n; i += 8) {
         const std::size_t count = std::min<std::size_t>(8, call.n - i);
         for (std::size_t k = 0; k < count; ++k) lanes[k] = call.right(call.x[i + k]);
         std::copy_n(lanes, count, call.out + i);
       }
     })},
    {fine, "backwards", "celu hard_swish", "blocks of 64, the last one first",
     whole([](const auto& call) {
       for (std::size_t end = call.n; end > 0;) {
         const std::size_t start = (end - 1) / 64 * 64;
         right_loop(call, start, end);
         end = start;
       }
     })},
    {fine, "zero_slopes_signed", "relu hard_tanh hard_sigmoid", "a slope of 0 has any sign",
     each([](const auto& call, auto x) {
       const auto right = call.right(x);
       return call.what != kValue && right == 0 && picked(x) ? -right : right;
     })},
    {fine, "float32_threshold", "softplus", "x beyond 20 in float, where that is the right float",
     each([](const auto& call, auto x) {
       return sizeof(x) == 4 && call.what == kValue && x > 20 && call.p[0] == 1 ? x : call.right(x);
     })},
};

}  // namespace

std::span<const Mutant> mutants() { return kTable; }

}  // namespace mutants
