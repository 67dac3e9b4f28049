// The words of the comparison table: each column's cell, and the remark that sums a row up.
// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include "cli/numbers.h"
#include "cli/traits.h"

namespace gradkeep::cli {
namespace {

std::string joined(const std::vector<std::string>& parts, const char* between) {
  std::string out;
  for (const std::string& part : parts) out += (out.empty() ? "" : between) + part;
  return out;
}

std::string points(const std::vector<double>& at) {
  std::vector<std::string> parts;
  for (const double v : at) parts.push_back(rounded(v, 4));
  return joined(parts, " and ");
}

bool saturates(const Traits& t) {
  return std::isfinite(t.saturates_below) || std::isfinite(t.saturates_above);
}

std::string half_line(const Interval& i) {
  if (std::isinf(i.low) && std::isinf(i.high)) return "everywhere";
  if (std::isinf(i.low)) return std::string(i.high_open ? "x < " : "x <= ") + rounded(i.high, 4);
  if (std::isinf(i.high)) return std::string(i.low_open ? "x > " : "x >= ") + rounded(i.low, 4);
  return rounded(i.low, 4) + (i.low_open ? " < x" : " <= x") + (i.high_open ? " < " : " <= ") +
         rounded(i.high, 4);
}

std::string gradient_remark(const Traits& t) {
  const double top = std::max(std::abs(t.slope.low.value), std::abs(t.slope.high.value));
  if (top == 0) return "lets no gradient pass";
  if (top < 1) {
    return "every layer shrinks the gradient, to at most " + rounded(top, 4) + " of it";
  }
  if (top > 1 + 1e-9)
    return "a layer can enlarge the gradient, up to " + in_double(top, 4) + " times";
  return "passes gradients on unchanged at best";
}

}  // namespace

std::string range_text(const Traits& t) {
  const Interval& r = t.range;
  return (r.low_open ? "(" : "[") + rounded(r.low, 4) + ", " + rounded(r.high, 4) +
         (r.high_open ? ")" : "]");
}

bool everywhere(const Interval& domain) {
  return std::isinf(domain.low) && std::isinf(domain.high);
}

std::string limits_text(const Traits& t) {
  const auto at = [](double end) { return std::isinf(end) ? "" : " at " + rounded(end, 4); };
  return rounded(t.limits.minus[0], 4) + at(t.domain.low) + ", " + rounded(t.limits.plus[0], 4) +
         at(t.domain.high);
}

std::string saturation_text(const Traits& t) {
  std::vector<std::string> parts;
  if (std::isfinite(t.saturates_below)) parts.push_back("x < " + rounded(t.saturates_below, 4));
  if (std::isfinite(t.saturates_above)) parts.push_back("x > " + rounded(t.saturates_above, 4));
  return parts.empty() ? "no" : joined(parts, " or ");
}

std::string slope_range_text(const Traits& t) {
  const auto& [low, high] = t.slope;
  if (low.value == high.value) return rounded(low.value, 4);
  return (low.attained ? "[" : "(") + in_double(low.value, 4) + ", " + in_double(high.value, 4) +
         (high.attained ? "]" : ")");
}

std::string mean_text(const Traits& t) {
  if (!t.mean) return everywhere(t.domain) ? "unknown, its mean overflows" : "no, it has no mean";
  return t.zero_centred ? "yes" : "no, mean " + rounded(*t.mean, 4);
}

std::string monotone_text(const Traits& t) {
  return t.monotone > 0 ? "yes" : t.monotone < 0 ? "yes, falling" : "no";
}

std::string bounded_text(const Traits& t) {
  if (t.bounded_below && t.bounded_above) return "yes";
  return t.bounded_below ? "below" : t.bounded_above ? "above" : "no";
}

std::string dead_text(const Traits& t) {
  std::vector<std::string> parts;
  for (const Interval& i : t.dead) parts.push_back(half_line(i));
  return parts.empty() ? "none" : joined(parts, " or ");
}

std::string smooth_text(const Traits& t) {
  if (!t.value_jumps.empty()) return "jumps at " + points(t.value_jumps);
  if (!t.slope_jumps.empty()) return "kink at " + points(t.slope_jumps);
  if (!t.curvature_jumps.empty()) return "f'' jumps at " + points(t.curvature_jumps);
  return "smooth";
}

std::string curvature_text(const Traits& t) { return in_double(t.curvature.value, 4); }

std::string learned_text(const Traits& t) {
  return t.learned.empty() ? "none" : joined(t.learned, ", ");
}

std::string remark(const Traits& t) {
  std::vector<std::string> parts{gradient_remark(t)};
  if (!everywhere(t.domain)) {
    parts.insert(parts.begin(), "for " + half_line(t.domain) + " only, NaN elsewhere");
  }
  if (t.probability) parts.push_back("its output can be read as a probability");
  if (!t.dead.empty()) {
    parts.push_back("a unit with " + dead_text(t) + " for all data gets no gradient");
  } else if (std::isfinite(t.saturates_below) && std::isfinite(t.saturates_above)) {
    parts.push_back("saturates on both sides");
  } else if (saturates(t)) {
    parts.push_back(std::string("saturates on the ") +
                    (std::isfinite(t.saturates_below) ? "left" : "right"));
  } else {
    parts.push_back("does not saturate");
  }
  if (t.zero_centred) {
    parts.push_back("zero-centred");
  } else if (t.range.low >= 0) {
    parts.push_back("outputs never negative");
  } else if (t.mean) {
    parts.push_back("not zero-centred");
  }
  if (!t.learned.empty()) parts.push_back("learns " + learned_text(t));
  return joined(parts, "; ");
}

}  // namespace gradkeep::cli
