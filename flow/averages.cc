// SPDX-License-Identifier: Apache-2.0
#include "flow/averages.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "flow/chebyshev.h"

namespace gradkeep::flow {
namespace {

using Averages = MeanField::Averages;

constexpr double kMostChange = 1e3;
constexpr double kResolved = 1e-13;

Averages directly(const Nonlinearity& phi, double q) {
  const Moments m = moments(phi, q);
  return {m.phi2, m.dphi2, m.z_phi_dphi, m.phi};
}

}  // namespace

LengthTerms::LengthTerms(double log_q, const Averages& a) : u(log_q), one(std::exp(-log_q)) {
  phi2 = a.phi2 * one;
  z_phi_dphi = a.z_phi_dphi * std::sqrt(one);
}

SurveyPoint LengthTerms::excess(double weight_square, double bias_square) const {
  const double v = weight_square * phi2 + bias_square * one;
  const double slope = weight_square * z_phi_dphi - v;
  return {u, std::isfinite(v) ? v - 1 : kInfinity, std::isfinite(slope) ? slope : kInfinity};
}

void Averaged::Panel::build(const Nonlinearity& f, double low) {
  const bool jumps = !f.jumps().empty();
  std::array<Averages, kTerms> value;
  for (int j = 0; j < kTerms; ++j) {
    const double t = chebyshev_point(j, kTerms);
    value[j] = directly(f, std::exp(low + 0.5 * kWidth * (1 + t)));
    if (jumps) value[j].dphi2 = 0;  // infinite at every q, and not of the series
  }
  for (double Averages::* const average : {&Averages::phi2, &Averages::dphi2}) {
    const auto [least, most] = std::minmax_element(
        value.begin(), value.end(),
        [&](const Averages& a, const Averages& b) { return a.*average < b.*average; });
    const double highest = (*most).*average;
    if (!(highest <= kMostChange * (*least).*average) || std::isinf(highest)) empty = true;
  }
  infinite =
      std::all_of(value.begin(), value.end(), [](const Averages& a) { return std::isinf(a.phi2); });
  if (empty) return;
  const auto series = [&](double Averages::* average) {
    std::array<double, kTerms> column;
    for (int j = 0; j < kTerms; ++j) column[j] = value[j].*average;
    return chebyshev_series(column);
  };
  phi2 = series(&Averages::phi2);
  dphi2 = series(&Averages::dphi2);
  z_phi_dphi = series(&Averages::z_phi_dphi);
  phi = series(&Averages::phi);
}

Averages Averaged::Panel::at(double t) const {
  return {chebyshev_sum(phi2, t), chebyshev_sum(dphi2, t), chebyshev_sum(z_phi_dphi, t),
          chebyshev_sum(phi, t)};
}

// From the greatest q down, which needs the most coefficients: where it has no sufficient series, or a
// later one has none, nothing is kept. Nor is it where polynomials in log q have not died out.
void Averaged::Panel::build_pairs(const Nonlinearity& f, double low) {
  std::vector<std::array<double, kTerms>> value;
  for (int j = 0; j < kTerms; ++j) {
    const double t = chebyshev_point(j, kTerms);
    const Pairs pairs(f, std::exp(low + 0.5 * kWidth * (1 + t)));
    const std::span<const double> squares = pairs.slope_squares();
    if (squares.empty()) return;
    if (squares.size() > value.size()) value.resize(squares.size());
    for (std::size_t k = 0; k < squares.size(); ++k) value[k][j] = squares[k];
  }
  double all = 0, last = 0;
  for (std::array<double, kTerms>& v : value) {
    v = chebyshev_series(v);
    all += std::abs(v[0]);
    last += std::abs(v[kTerms - 1]) + std::abs(v[kTerms - 2]);
  }
  if (!(last <= kResolved * all)) return;
  for (int j = 0; j < kTerms; ++j) {
    for (const std::array<double, kTerms>& v : value) slope_squares[j].push_back(v[j]);
  }
}

// Clenshaw's recurrence for all coefficients side by side.
std::vector<double> Averaged::Panel::slope_squares_at(double t) const {
  const std::size_t n = slope_squares[0].size();
  std::vector<double> now(n), before(n);
  for (int j = kTerms; j-- > 1;) {
    for (std::size_t k = 0; k < n; ++k) {
      before[k] = 2 * t * now[k] - before[k] + slope_squares[j][k];
    }
    std::swap(now, before);
  }
  for (std::size_t k = 0; k < n; ++k) now[k] = t * now[k] - before[k] + slope_squares[0][k];
  return now;
}

Averaged::Averaged(Nonlinearity phi) : phi_(std::move(phi)), grid_(kPanels * kPerPanel + 1) {}

Averaged::Place Averaged::place(double log_q) {
  const int i = std::clamp(static_cast<int>((log_q - kLow) / kWidth), 0, kPanels - 1);
  const double low = kLow + i * kWidth;
  return {panels_[i], low, std::clamp(2 * (log_q - low) / kWidth - 1, -1.0, 1.0)};
}

std::optional<Averages> Averaged::series(double log_q) {
  const Place at = place(log_q);
  std::call_once(at.panel.once, [&] { at.panel.build(phi_, at.low); });
  if (at.panel.infinite) return Averages{kInfinity, kInfinity, kInfinity, kInfinity};
  if (at.panel.empty) return {};
  return at.panel.at(at.t);
}

Averages Averaged::at(double q, double log_q) {
  if (log_q >= kLow && log_q <= kHigh) {
    if (auto a = series(log_q)) {
      if (!phi_.jumps().empty()) a->dphi2 = kInfinity;
      return *a;
    }
  }
  return directly(phi_, q);
}

Pairs Averaged::pairs(double q) {
  const double log_q = std::log(q);
  if (log_q >= kLow && log_q <= kHigh) {
    if (const auto known = series(log_q)) {
      const Place at = place(log_q);
      std::call_once(at.panel.pairs_once, [&] { at.panel.build_pairs(phi_, at.low); });
      auto squares = at.panel.slope_squares_at(at.t);
      if (!squares.empty()) return {phi_, q, *known, std::move(squares)};
    }
  }
  return {phi_, q};
}

std::span<const LengthTerms> Averaged::grid(double from, double to) {
  const auto before = [](double u) {
    return std::clamp(static_cast<int>(std::floor((u - kLow) * kPerUnit)), 0, kPanels * kPerPanel);
  };
  const int first = before(from), last = before(to);
  // From the top: what cannot be averaged anywhere cannot be there, and ends in an Error at once.
  for (int i = last / kPerPanel; i >= first / kPerPanel; --i) {
    std::call_once(panels_[i].grid_once, [&] {
      const int end = std::min((i + 1) * kPerPanel, static_cast<int>(grid_.size()));
      for (int j = i * kPerPanel; j < end; ++j) {
        const double u = kLow + j / kPerUnit;
        grid_[j] = {u, directly(phi_, std::exp(u))};
      }
    });
  }
  return std::span(grid_).subspan(first, last - first + 1);
}

}  // namespace gradkeep::flow
