// One function's averages over q, each found once: Chebyshev series in log q, for any q, and a grid on
// which surveys (survey.h) start, so that one costs a few operations a point whatever the scales.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gradkeep/mean_field.h>

#include <array>
#include <mutex>
#include <optional>
#include <span>
#include <vector>

#include "flow/pairs.h"
#include "flow/survey.h"

namespace gradkeep::flow {

// At q = e^u, what the length map's relative excess V(q)/q - 1 and its slope over u are made of.
struct LengthTerms {
  double u;
  double phi2;        // E phi^2 / q
  double z_phi_dphi;  // E z phi phi' / sqrt(q)
  double one;         // 1 / q

  LengthTerms() = default;
  LengthTerms(double u, const MeanField::Averages& a);
  SurveyPoint excess(double weight_square, double bias_square) const;
};

class Averaged {
 public:
  explicit Averaged(Nonlinearity phi);

  const Nonlinearity& phi() const { return phi_; }
  MeanField::Averages at(double q, double log_q);
  // Averages over two inputs. Keeps a reference to phi.
  Pairs pairs(double q);
  // The points of the grid from the last one below or at `from`, or its first one, up to `to`.
  std::span<const LengthTerms> grid(double from, double to);

 private:
  static constexpr double kWidth = 2;  // of a panel, in log q
  static constexpr int kPanels = static_cast<int>((kHigh - kLow) / kWidth);
  static constexpr int kPerPanel = static_cast<int>(kWidth * kPerUnit);  // points of the grid
  // Averages over a normal distribution are analytic in log q up to a distance of pi/2 from the real
  // line, whatever the function: so many terms leave 1e-15.
  static constexpr int kTerms = 28;

  // One panel of the series. Where an average changes too much within it (e^(2q) for exponential) a
  // series cannot hold the smallest values, and the panel stays empty.
  struct Panel {
    std::once_flag once, pairs_once, grid_once;
    std::array<double, kTerms> phi2{}, dphi2{}, z_phi_dphi{}, phi{};
    bool empty = false, infinite = false;
    // The squares of the Hermite coefficients of phi', one after the other, in row j times polynomial j:
    // as many as suffice, which is none for a function with kinks.
    std::array<std::vector<double>, kTerms> slope_squares;

    void build(const Nonlinearity& f, double low);
    MeanField::Averages at(double t) const;  // t in [-1, 1]
    void build_pairs(const Nonlinearity& f, double low);
    std::vector<double> slope_squares_at(double t) const;
  };

  struct Place {
    Panel& panel;
    double low, t;  // the panel's low end; log q within it, -1 to 1
  };
  Place place(double log_q);
  std::optional<MeanField::Averages> series(double log_q);

  Nonlinearity phi_;
  std::array<Panel, kPanels + 1>
      panels_;  // the last one has a single point of the grid, and no series
  std::vector<LengthTerms> grid_;
};

}  // namespace gradkeep::flow
