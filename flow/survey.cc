// SPDX-License-Identifier: Apache-2.0
#include "flow/survey.h"

#include <algorithm>
#include <cmath>

#include "flow/root.h"

namespace gradkeep::flow {
namespace {

constexpr double kHighestOscillation = 8;

template <class Iterator>
int sign_of_first(Iterator first, Iterator last) {
  const auto at = std::find_if(first, last, [](const SurveyPoint& p) { return p.sign() != 0; });
  return at == last ? 0 : at->sign();
}

}  // namespace

std::vector<SurveyPoint> with_turns(const Surveyed& f, const std::vector<SurveyPoint>& points) {
  std::vector<SurveyPoint> out;
  out.reserve(points.size());
  for (const SurveyPoint& here : points) {
    if (!out.empty()) {
      const SurveyPoint& before = out.back();
      // It comes nearer to 0 and goes away again.
      if (before.sign() == here.sign() && before.slope * before.sign() < 0 &&
          here.slope * here.sign() > 0) {
        out.push_back(f(root([&](double u) { return f(u).slope; }, before.u, here.u, before.slope,
                             here.slope)));
      }
    }
    out.push_back(here);
  }
  return out;
}

std::vector<SurveyPoint> survey(const Surveyed& f, double from, double to) {
  const int steps = std::max(1, static_cast<int>(std::ceil((to - from) * kPerUnit)));
  std::vector<SurveyPoint> points(steps + 1);
  // From the top, as Averaged::grid: an Error is soon there.
  for (int i = steps; i >= 0; --i) points[i] = f(from + (to - from) * i / steps);
  return with_turns(f, points);
}

std::vector<Crossing> crossings(const Surveyed& f, const std::vector<SurveyPoint>& points) {
  std::vector<Crossing> out;
  const SurveyPoint* last = nullptr;  // with a sign
  const SurveyPoint* flat = nullptr;  // the one nearest to 0 since
  for (const SurveyPoint& p : points) {
    if (p.sign() == 0) {
      if (!flat || std::abs(p.value) < std::abs(flat->value)) flat = &p;
      continue;
    }
    if (last && last->sign() != p.sign()) {
      const auto value = [&](double u) { return f(u).value; };
      out.push_back({root(value, last->u, p.u, last->value, p.value), last->sign(), p.sign()});
    } else if (last && flat) {
      out.push_back({flat->u, p.sign(), p.sign()});
    }
    last = &p;
    flat = nullptr;
  }
  return out;
}

double highest(const Nonlinearity& phi) {
  return std::isnan(phi.mean_square_slope_at_infinity()) ? kHighestOscillation : kHigh;
}

double depth_scale(double factor) {
  const double log = std::abs(std::log(std::abs(factor)));
  return log <= kRounding ? kInfinity : 1 / log;
}

int first_sign(const std::vector<SurveyPoint>& points) {
  return sign_of_first(points.begin(), points.end());
}
int last_sign(const std::vector<SurveyPoint>& points) {
  return sign_of_first(points.rbegin(), points.rend());
}

}  // namespace gradkeep::flow
