// SPDX-License-Identifier: Apache-2.0
#include "check/row_truth.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace gradkeep::check {
namespace {

using Balls = std::vector<ArbBall>;

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
// Bits of the working precision, one after the other. The second settles what cancels in float32, the third what
// is next to nothing in float64.
constexpr long kPrecisions[] = {128, 384, 1536, Truth::kPrecisionCap};
// Differences and sums of doubles are exact with so many.
constexpr long kExact = 2400;

// Errors of a 0 count in ulps of `size`.
Expected exactly(double v, const Format& format, double size = 1) {
  return {.truth = {.rounded = v, .unit = ulp(v, format), .any_zero = v == 0},
          .unit = ulp(size, format)};
}

double largest_size(std::span<const double> v) {
  double most = 0;
  for (const double each : v) most = std::max(most, std::abs(each));
  return most;
}

// Less than a millionth of the least number: no format tells it from 0.
bool is_nothing(const ArbBall& ball, const Format& format) {
  return arb_is_finite(ball.get()) &&
         mag_cmp_2exp_si(arb_radref(ball.get()), format.least_exponent() - 21) < 0 &&
         arf_cmpabs_2exp_si(arb_midref(ball.get()), format.least_exponent() - 21) < 0;
}

std::optional<Reference> found(const ArbBall& ball, long precision, const Format& format) {
  if (is_nothing(ball, format)) return Reference{.unit = ulp(0, format), .any_zero = true};
  return settle(ball, precision, format);
}

// Asks for all balls at growing precision until each is settled.
template <class Compute>
std::vector<Expected> settled(std::size_t size, const Format& format, const Compute& compute) {
  std::vector<Expected> all(size);
  for (Expected& e : all) e.known = false;
  for (const long precision : kPrecisions) {
    const ArbBall::Precision working(precision);
    const Balls balls = compute();
    bool open = false;
    for (std::size_t j = 0; j < size; ++j) {
      if (all[j].known) continue;
      const auto reference = found(balls[j], precision, format);
      if (reference) all[j] = {.truth = *reference};
      open = open || !reference;
    }
    if (!open) break;
  }
  return all;
}

// softmin is softmax of -x.
std::vector<double> turned(RowFunction f, std::span<const double> x) {
  std::vector<double> v(x.begin(), x.end());
  if (f == RowFunction::softmin) {
    for (double& each : v) each = -each;
  }
  return v;
}

bool has_numbers(std::span<const double> v) {
  const bool wrong = std::any_of(v.begin(), v.end(),
                                 [](double each) { return std::isnan(each) || each == kInfinity; });
  return !wrong && *std::max_element(v.begin(), v.end()) > -kInfinity;
}

ArbBall difference(double a, double b) { return ArbBall(a) - ArbBall(b); }

// e^(v_j - max), 0 for -inf. The first of the largest is 1.
Balls exponentials(std::span<const double> v) {
  const double most = *std::max_element(v.begin(), v.end());
  Balls e(v.size());
  for (std::size_t j = 0; j < v.size(); ++j) {
    if (v[j] > -kInfinity) e[j] = exp(difference(v[j], most));
  }
  return e;
}

ArbBall sum_of(const Balls& balls) {
  ArbBall sum(0.0);
  for (const ArbBall& ball : balls) sum = sum + ball;
  return sum;
}

Balls shares(std::span<const double> v) {
  Balls e = exponentials(v);
  const ArbBall sum = sum_of(e);
  for (ArbBall& each : e) each = each / sum;
  return e;
}

// (v_j - max) - log(1 + rest); what is -inf stays unused.
Balls logarithms(std::span<const double> v) {
  const auto most = std::max_element(v.begin(), v.end());
  Balls e = exponentials(v);
  e[static_cast<std::size_t>(most - v.begin())] = ArbBall(0.0);
  const ArbBall tail = log1p(sum_of(e));
  Balls y(v.size());
  for (std::size_t j = 0; j < v.size(); ++j) {
    if (v[j] > -kInfinity) y[j] = difference(v[j], *most) - tail;
  }
  return y;
}

// Where t cuts a row: sum over those within of (v - max), less 1, and how many they are.
struct Cut {
  ArbBall sum;
  std::size_t count = 0;
};

// At kExact bits. The largest go in one after the other while 1 + k v_k > v_1 + ... + v_k.
Cut cut_of(std::span<const double> v) {
  std::vector<double> sorted(v.begin(), v.end());
  std::sort(sorted.begin(), sorted.end(), std::greater<>());
  Cut cut{.sum = ArbBall(-1.0)};
  for (std::size_t k = 0; k < sorted.size() && sorted[k] - sorted[0] >= -1; ++k) {
    const ArbBall here = difference(sorted[k], sorted[0]);
    if ((ArbBall(static_cast<double>(k)) * here).above(cut.sum) <= 0) break;
    cut.sum = cut.sum + here;
    cut.count = k + 1;
  }
  return cut;
}

// k (v_j - max) - sum, whose sign says whether j is within, and whose k-th part is the share.
ArbBall share_of(const Cut& cut, double v, double most) {
  return ArbBall(static_cast<double>(cut.count)) * difference(v, most) - cut.sum;
}

std::vector<Expected> sparse_values(std::span<const double> v, const Format& format) {
  const ArbBall::Precision exact(kExact);
  const double most = *std::max_element(v.begin(), v.end());
  const Cut cut = cut_of(v);
  const ArbBall count(static_cast<double>(cut.count));
  const double threshold = std::abs(arf_get_d(arb_midref((cut.sum / count).get()), ARF_RND_NEAR));
  std::vector<Expected> all(v.size());
  for (std::size_t j = 0; j < v.size(); ++j) {
    all[j] = exactly(0, format);
    if (!(v[j] - most >= -1)) continue;
    const ArbBall share = share_of(cut, v[j], most);
    all[j].unit = ulp(std::max(most - v[j], threshold), format);
    if (share.above(ArbBall(0.0)) <= 0) continue;
    const auto reference = settle(share / count, kExact, format);
    all[j].known = reference.has_value();
    if (reference) all[j].truth = *reference;
  }
  return all;
}

std::vector<Expected> hard_values(std::span<const double> x, const Format& format) {
  std::size_t first = 0;
  for (std::size_t j = 1; j < x.size() && !std::isnan(x[first]); ++j) {
    if (x[j] > x[first] || std::isnan(x[j])) first = j;
  }
  std::vector<Expected> all(x.size(), exactly(0, format));
  all[first] = exactly(1, format);
  return all;
}

double middle(const ArbBall& ball) { return arf_get_d(arb_midref(ball.get()), ARF_RND_NEAR); }

std::vector<double> middles(const Balls& balls) {
  std::vector<double> v(balls.size());
  std::transform(balls.begin(), balls.end(), v.begin(), middle);
  return v;
}

std::vector<Expected> softmax_gradients(std::span<const double> v, std::span<const double> dy,
                                        double sign, const Format& format, double forgotten) {
  std::vector<double> p;
  const auto compute = [&] {
    Balls share = shares(v);
    if (p.empty()) p = middles(share);
    ArbBall mean(0.0);
    for (std::size_t i = 0; i < v.size(); ++i) mean = mean + share[i] * ArbBall(dy[i]);
    for (std::size_t j = 0; j < v.size(); ++j) {
      share[j] = ArbBall(sign) * share[j] * (ArbBall(dy[j]) - mean);
    }
    return share;
  };
  std::vector<Expected> all = settled(v.size(), format, compute);
  std::vector<double> unit(v.size());
  for (std::size_t i = 0; i < v.size(); ++i) unit[i] = ulp(p[i], format);
  for (std::size_t j = 0; j < v.size(); ++j) {
    double size = 0, lost = 0;
    for (std::size_t i = 0; i < v.size(); ++i) {
      const double apart = std::abs(dy[j] - dy[i]);
      size += apart * p[i];
      lost += apart * (p[j] * unit[i] + p[i] * unit[j]);
    }
    all[j].unit = ulp(size * p[j], format);
    all[j].slack = forgotten * lost;
  }
  return all;
}

std::vector<Expected> log_softmax_gradients(std::span<const double> v, std::span<const double> dy,
                                            const Format& format, double forgotten) {
  std::vector<double> p, y;
  const auto compute = [&] {
    Balls share = shares(v);
    if (p.empty()) p = middles(share), y = middles(logarithms(v));
    ArbBall sum(0.0);
    for (const double each : dy) sum = sum + ArbBall(each);
    for (std::size_t j = 0; j < v.size(); ++j) share[j] = ArbBall(dy[j]) - share[j] * sum;
    return share;
  };
  std::vector<Expected> all = settled(v.size(), format, compute);
  double size = 0, sum = 0;
  for (const double each : dy) size += std::abs(each), sum += each;
  for (std::size_t j = 0; j < v.size(); ++j) {
    all[j].unit = ulp(std::abs(dy[j]) + p[j] * size, format);
    all[j].slack = forgotten * p[j] * std::abs(sum) * ulp(y[j], format);
  }
  return all;
}

// dy_j less the mean over those within. One whose share is next to nothing may be in or out.
std::vector<Expected> sparse_gradients(std::span<const double> v, std::span<const double> dy,
                                       const Format& format) {
  const ArbBall::Precision exact(kExact);
  const double most = *std::max_element(v.begin(), v.end());
  const Cut cut = cut_of(v);
  std::vector<Expected> all(v.size(), exactly(0, format, largest_size(dy)));
  std::vector<std::size_t> within;
  ArbBall sum(0.0);
  double size = 0;
  for (std::size_t j = 0; j < v.size(); ++j) {
    const double share = v[j] - most > -1.5 ? middle(share_of(cut, v[j], most)) : -1;
    if (std::abs(share) < 8 * static_cast<double>(cut.count) * ulp(1, format)) {
      for (Expected& e : all) e.known = false;
      return all;
    }
    if (share < 0) continue;
    within.push_back(j);
    sum = sum + ArbBall(dy[j]);
    size += std::abs(dy[j]);
  }
  const ArbBall mean = sum / ArbBall(static_cast<double>(cut.count));
  for (const std::size_t j : within) {
    const auto reference = found(ArbBall(dy[j]) - mean, kExact, format);
    all[j].known = reference.has_value();
    if (reference) all[j].truth = *reference;
    all[j].unit = ulp(std::abs(dy[j]) + size / static_cast<double>(cut.count), format);
  }
  return all;
}

}  // namespace

std::vector<Expected> row_values(RowFunction f, std::span<const double> x, const Format& format) {
  if (x.empty()) return {};
  if (f == RowFunction::hardmax) return hard_values(x, format);
  const std::vector<double> v = turned(f, x);
  if (!has_numbers(v)) {
    return std::vector<Expected>(v.size(), {.truth = {.rounded = kNaN}});
  }
  if (f == RowFunction::sparsemax) return sparse_values(v, format);
  if (f != RowFunction::log_softmax) {
    return settled(v.size(), format, [&] { return shares(v); });
  }
  std::vector<Expected> all = settled(v.size(), format, [&] { return logarithms(v); });
  for (std::size_t j = 0; j < v.size(); ++j) {
    if (v[j] == -kInfinity) all[j] = {.truth = {.rounded = -kInfinity}};
  }
  return all;
}

std::vector<Expected> row_gradients(RowFunction f, std::span<const double> x,
                                    std::span<const double> dy, const Format& format,
                                    double forgotten) {
  if (f == RowFunction::hardmax)
    return std::vector<Expected>(x.size(), exactly(0, format, largest_size(dy)));
  const std::vector<double> v = turned(f, x);
  if (v.empty() || !has_numbers(v))
    return std::vector<Expected>(x.size(), {.truth = {}, .known = false});
  switch (f) {
    case RowFunction::log_softmax:
      return log_softmax_gradients(v, dy, format, forgotten);
    case RowFunction::sparsemax:
      return sparse_gradients(v, dy, format);
    default:
      return softmax_gradients(v, dy, f == RowFunction::softmin ? -1 : 1, format, forgotten);
  }
}

Expected settled_product(std::span<const double> factors,
                         const std::function<ArbBall(long precision)>& ball, const Format& format) {
  for (const long precision : kPrecisions) {
    const ArbBall::Precision working(precision);
    ArbBall product = ball(precision);
    for (const double factor : factors) product = product * ArbBall(factor);
    if (const auto reference = found(product, precision, format)) return {.truth = *reference};
  }
  return {.truth = {}, .known = false};
}

}  // namespace gradkeep::check
