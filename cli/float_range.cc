// What becomes of a function's limits in arithmetic, found by bisection over a format's numbers.
// SPDX-License-Identifier: Apache-2.0
#include "cli/float_range.h"

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "check/truth.h"

namespace gradkeep::cli {
namespace {

struct Named {
  const char* name;
  check::Format format;
};
constexpr Named kFormats[] = {{"float32", check::kBinary32},
                              {"float64", check::kBinary64},
                              {"bfloat16", check::kBfloat16},
                              {"float16", check::kBinary16}};

// A format's finite numbers in their order: neighbours differ by 1 and 0 is number 0.
std::int64_t largest(const check::Format& f) {
  return ((std::int64_t{f.max_exponent} - f.min_exponent + 2) << (f.precision - 1)) - 1;
}

double number(const check::Format& f, std::int64_t index) {
  const std::int64_t hidden = std::int64_t{1} << (f.precision - 1);
  const std::int64_t magnitude = std::abs(index), exponent = magnitude / hidden;
  const std::int64_t significand = magnitude % hidden + (exponent > 0 ? hidden : 0);
  const double v =
      std::ldexp(static_cast<double>(significand),
                 f.least_exponent() + static_cast<int>(std::max<std::int64_t>(exponent - 1, 0)));
  return index < 0 ? -v : v;
}

std::optional<double> find(const check::Truth& truth, int order, const check::Format& format,
                           bool plus, double limit) {
  const std::int64_t outward = plus ? 1 : -1;
  const auto reached = [&](std::int64_t index) {
    return truth.at(check::ask_order(order), number(format, index), format).rounded == limit;
  };
  std::int64_t inside = outward * largest(format);
  if (!reached(inside)) return std::nullopt;
  // Quarter octaves inwards until the limit is left, beyond 0 if need be.
  const std::int64_t step = std::int64_t{1} << (format.precision - 3);
  const std::int64_t far = -inside;
  std::int64_t outside = inside;
  while (reached(outside)) {
    if (outside == far) return number(format, far);
    inside = outside;
    outside -= outward * std::min(step, std::abs(outside - far));
  }
  while (std::abs(inside - outside) > 1) {
    const std::int64_t middle = inside + (outside - inside) / 2;
    (reached(middle) ? inside : outside) = middle;
  }
  return number(format, inside);
}

}  // namespace

std::vector<Tail> tails(const Activation& f) {
  std::vector<Tail> out;
  const Limits limits = f.limits();
  const Interval domain = f.domain();
  const check::Truth truth(f);
  for (const int order : {0, 1}) {
    for (const bool plus : {false, true}) {
      const double limit = (plus ? limits.plus : limits.minus)[order];
      if (!std::isfinite(limit) || std::isfinite(plus ? domain.high : domain.low)) continue;
      for (const auto& [name, format] : kFormats) {
        const double rounded = check::round_to(limit, format);
        out.push_back({name, order, plus, rounded, find(truth, order, format, plus, rounded)});
      }
    }
  }
  return out;
}

}  // namespace gradkeep::cli
