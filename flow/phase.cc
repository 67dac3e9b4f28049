// Forty thousand fixed points a second: the averages over one input come from MeanField's series, those
// over two from series in log q and in theta = acos(c), built once for the q that occur.
// SPDX-License-Identifier: Apache-2.0
#include <gradkeep/phase.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cmath>
#include <exception>
#include <iterator>
#include <latch>
#include <limits>
#include <map>
#include <memory>
#include <mutex>
#include <numbers>
#include <string>
#include <thread>

#include "flow/chebyshev.h"
#include "flow/numbers.h"
#include "flow/pairs.h"
#include "flow/root.h"
#include "flow/survey.h"

namespace gradkeep {
namespace {

using flow::chebyshev_point;
using flow::chebyshev_series;
using flow::chebyshev_sum;
using flow::number;
using flow::square;

using flow::kLow;
constexpr double kStep = 0.125;
constexpr double kPanel = 2;  // of log q, for which so many terms leave 1e-9
constexpr int kTerms = 16;
constexpr int kAngles = 72;  // terms in theta
constexpr int kFewAngles =
    kAngles / 3;  // which suffice for most, and whose points are among the others
constexpr double kResolved = 1e-8;
constexpr double kRightAngle = std::numbers::pi / 2;

using Angles = std::array<double, kAngles>;

// Of one q, over theta: E phi'(u) phi'(v), and its mean over correlations from cos(theta) to 1. Where
// phi jumps both grow like 1 / theta, which is taken out.
struct Curves {
  Angles at, mean;
};

// A curve's value, of phi with or without jumps.
double read(const Angles& curve, double theta, bool jumps) {
  const double v = chebyshev_sum(curve, 2 * std::sqrt(theta / kRightAngle) - 1);
  return jumps ? v / theta : v;
}

// Where point j of n stands.
double angle(int j, int n) { return kRightAngle * square(0.5 * (1 + chebyshev_point(j, n))); }

// The curve through values at N points; whether its last terms have died out.
template <std::size_t N>
bool expand(const std::array<double, N>& value, Angles& out) {
  const std::array<double, N> series = chebyshev_series(value);
  out.fill(0);
  std::copy(series.begin(), series.end(), out.begin());
  return std::abs(series[N - 1]) + std::abs(series[N - 2]) <= kResolved * std::abs(series[0]);
}

template <std::size_t N, class F>
std::array<double, N> at_angles(const F& f) {
  std::array<double, N> out;
  for (std::size_t j = 0; j < N; ++j) out[j] = f(angle(static_cast<int>(j), N));
  return out;
}

Curves curves(const Nonlinearity& phi, double q) {
  const flow::Pairs pairs(phi, q);
  const flow::Rule& rule = flow::legendre_rule();
  const bool jumps = !phi.jumps().empty();
  Curves out;
  const auto product = [&](double theta) {
    const double c = std::cos(theta);
    return (jumps ? std::acos(c) : 1) * pairs.at(c).dphi_dphi;  // of the c that double holds
  };
  const auto mean = [&](double theta) {
    double integral = 0;
    for (int k = 0; k < flow::kNodes; ++k) {
      // Evenly in the root of theta, in which the curve is a polynomial.
      const double root = 0.5 * (1 + rule.node[k]), t = theta * square(root);
      integral += rule.weight[k] * root * theta * std::sin(t) * read(out.at, t, jumps);
    }
    const double average = integral / (2 * square(std::sin(theta / 2)));
    return jumps ? theta * average : average;
  };
  const std::array<double, kFewAngles> few = at_angles<kFewAngles>(product);
  if (expand(few, out.at)) {
    expand(at_angles<kFewAngles>(mean), out.mean);
    return out;
  }
  std::array<double, kAngles> all;
  for (int j = 0; j < kAngles; ++j) {
    all[j] = j % 3 == 1 ? few[j / 3] : product(angle(j, kAngles));
  }
  expand(all, out.at);
  expand(at_angles<kAngles>(mean), out.mean);
  return out;
}

// The curves of every q in one panel of log q.
class PairPanel {
 public:
  // From the curves at Chebyshev's points.
  PairPanel(const std::array<Curves, kTerms>& known, double low) : low_(low) {
    for (int a = 0; a < kAngles; ++a) {
      std::array<double, kTerms> at{}, mean{};
      for (int i = 0; i < kTerms; ++i) {
        at[i] = known[i].at[a];
        mean[i] = known[i].mean[a];
      }
      at_[a] = chebyshev_series(at);
      mean_[a] = chebyshev_series(mean);
    }
  }

  Curves of(double log_q) const {
    const double t = 2 * (log_q - low_) / kPanel - 1;
    Curves out;
    for (int a = 0; a < kAngles; ++a) {
      out.at[a] = chebyshev_sum(at_[a], t);
      out.mean[a] = chebyshev_sum(mean_[a], t);
    }
    return out;
  }

 private:
  double low_;
  std::array<std::array<double, kTerms>, kAngles> at_, mean_;
};

class Diagram {
 public:
  Diagram(const MeanField& field, double input_variance)
      : field_(field), phi_(field.phi()), input_variance_(input_variance) {
    high_ = flow::highest(phi_);
    for (double u = kLow; u <= high_; u += kStep) {
      grid_.push_back(field.averages(std::exp(u)));
      const double log = std::log(grid_.back().phi2);
      log_squares_.push_back(std::isfinite(log) ? log : std::numeric_limits<double>::quiet_NaN());
    }
  }

  PhasePoint at(double weight_std, double bias_std) {
    const double w = square(weight_std), b = square(bias_std);
    const double q = w * input_variance_ + b;
    PhasePoint out;
    if (q == 0) {
      out.status = FixedPointStatus::zero;
      return finish(out, 0);
    }
    const auto excess = [&](double u) {
      const double v = std::exp(u);
      return (w * field_.averages(v).phi2 + b) / v - 1;
    };
    const auto on_grid = [&](int i) {
      return (w * grid_[i].phi2 + b) / std::exp(kLow + i * kStep) - 1;
    };
    const double u = std::clamp(std::log(q), kLow, high_);
    const int size = static_cast<int>(grid_.size());
    const int below = std::min(static_cast<int>((u - kLow) / kStep), size - 2);
    // Between two points of one sign the length map keeps it; averages at any q may take long.
    const double low = on_grid(below), high = on_grid(below + 1);
    const bool one_sign =
        low * high > 0 && std::min(std::abs(low), std::abs(high)) > flow::kRounding;
    const double here = one_sign ? low : excess(u);
    if (std::abs(here) <= flow::kRounding && b == 0 && flat(w)) {
      out.status = FixedPointStatus::whole_line;
      out.q = q;
      return finish(out, w * phi_.mean_square_slope_at_zero());
    }
    // Along the grid, up where the length map enlarges and down where it shrinks, to where it turns.
    const int step = here > 0 ? 1 : -1;
    double last_u = u, last = here;
    for (int i = step > 0 ? below + 1 : below; i >= 0 && i < size; i += step) {
      const double next_u = kLow + i * kStep;
      const double v = on_grid(i);
      if (v * step <= -flow::kRounding) {
        const bool up = step > 0;
        const double root = fixed_point(excess, w, b, up ? last_u : next_u, up ? next_u : last_u,
                                        up ? last : v, up ? v : last);
        out.q = std::exp(root);
        return settled(out, w, root);
      }
      last_u = next_u;
      last = v;
    }
    return step > 0 ? grown(out, w) : shrunk(out, w);
  }

 private:
  // ln E phi^2 through the grid's points around u; NaN where that is not finite at one of them.
  double log_square_near(double u) const {
    constexpr double kBinomial[] = {1, -9, 36, -84, 126, -126, 84, -36, 9, -1};
    constexpr int kPoints = std::size(kBinomial);
    const int size = static_cast<int>(grid_.size());
    const double place = (u - kLow) / kStep;
    const int first = std::clamp(static_cast<int>(place) - kPoints / 2 + 1, 0, size - kPoints);
    double sum = 0, total = 0;
    for (int k = 0; k < kPoints; ++k) {
      const double gap = place - (first + k);
      if (gap == 0) return log_squares_[first + k];
      sum += kBinomial[k] / gap * log_squares_[first + k];
      total += kBinomial[k] / gap;
    }
    return sum / total;
  }

  // Where the length map's excess turns. Averages at any q may take long: the grid tells the place to 1e-8 or
  // so, and one step of Newton's method from there does the rest.
  template <class F>
  double fixed_point(const F& excess, double w, double b, double low, double high, double at_low,
                     double at_high) const {
    const auto roughly = [&](double u) {
      return (w * std::exp(log_square_near(u)) + b) * std::exp(-u) - 1;
    };
    const double ends[] = {roughly(low), roughly(high)};
    if (ends[0] * ends[1] < 0) {
      constexpr double kApart = 1e-4, kNear = 1e-6, kSteep = 1e-3;
      const double near = flow::root(roughly, low, high, ends[0], ends[1]);
      const double slope = (roughly(near + kApart) - roughly(near - kApart)) / (2 * kApart);
      const double step = -excess(near) / slope;
      if (std::abs(slope) > kSteep && std::abs(step) < kNear) return near + step;
    }
    return flow::root(excess, low, high, at_low, at_high);
  }

  // Whether the length map is the diagonal.
  bool flat(double w) const {
    double u = kLow;
    return std::all_of(grid_.begin(), grid_.end(), [&](const MeanField::Averages& a) {
      const double v = w * a.phi2 / std::exp(u) - 1;
      u += kStep;
      return std::abs(v) <= flow::kRounding;
    });
  }

  PhasePoint finish(PhasePoint out, double chi_1) const {
    out.chi_1 = chi_1;
    out.xi_c = flow::depth_scale(chi_1);
    return out;
  }

  PhasePoint grown(PhasePoint out, double w) const {
    out.status = FixedPointStatus::diverging;
    out.q = kInfinity;
    out.chi_1 = w * phi_.mean_square_slope_at_infinity();
    out.xi_c = kInfinity;
    return out;
  }

  PhasePoint shrunk(PhasePoint out, double w) const {
    const double slope = w * phi_.mean_square_slope_at_zero();
    out.status = std::abs(slope - 1) <= flow::kRounding ? FixedPointStatus::marginal
                                                        : FixedPointStatus::zero;
    return finish(out, slope);
  }

  PhasePoint settled(PhasePoint out, double w, double log_q) {
    const MeanField::Averages a = field_.averages(out.q);
    out.chi_1 = w * a.dphi2;
    const bool jumps = !phi_.jumps().empty();
    if (!jumps && !(out.chi_1 > 1 + flow::kRounding)) return finish(out, out.chi_1);
    if (const auto near = flow::nearly_alike(phi_, out.q, w)) {
      out.xi_c = flow::depth_scale(near->slope);
      return out;
    }
    const Curves c = panel(log_q).of(log_q);
    const auto excess = [&](double theta) {
      return theta == 0 ? std::min(out.chi_1, 1e6) - 1 : w * read(c.mean, theta, jumps) - 1;
    };
    const double right = excess(kRightAngle);
    const double theta =
        right >= 0 ? kRightAngle : flow::root(excess, 0, kRightAngle, excess(0), right);
    out.xi_c = flow::depth_scale(w * read(c.at, theta, jumps));
    return out;
  }

  const PairPanel& panel(double log_q) {
    const int index = static_cast<int>(std::floor((log_q - kLow) / kPanel));
    Slot* slot = nullptr;
    {
      const std::lock_guard lock(mutex_);
      slot = &panels_[index];
    }
    const double low = kLow + index * kPanel;
    if (!slot->left.try_wait()) slot->help(phi_, low);
    std::call_once(slot->once, [&] { slot->assemble(low); });
    return *slot->panel;
  }

  // A panel in the making. Threads that need it share out its curves.
  struct Slot {
    std::atomic<int> next = 0;
    std::latch left{kTerms};
    std::array<Curves, kTerms> known;
    std::array<std::exception_ptr, kTerms> failure;
    std::once_flag once;
    std::unique_ptr<const PairPanel> panel;

    void help(const Nonlinearity& phi, double low) {
      for (int i; (i = next++) < kTerms;) {
        try {
          known[i] = curves(phi, std::exp(low + 0.5 * kPanel * (1 + chebyshev_point(i, kTerms))));
        } catch (...) {
          failure[i] = std::current_exception();
        }
        left.count_down();
      }
      left.wait();
    }
    // Throws each time it is asked, where a curve could not be had.
    void assemble(double low) {
      for (const std::exception_ptr& f : failure) {
        if (f) std::rethrow_exception(f);
      }
      panel = std::make_unique<const PairPanel>(known, low);
    }
  };

  const MeanField& field_;
  const Nonlinearity& phi_;
  double input_variance_, high_;
  std::vector<MeanField::Averages> grid_;
  std::vector<double> log_squares_;  // ln E phi^2 on the grid
  std::mutex mutex_;
  std::map<int, Slot> panels_;
};

void check(std::span<const double> scales, const char* name) {
  for (const double v : scales) {
    if (!(v >= 0) || std::isinf(v)) {
      throw Error(std::string(name) + " is " + number(v) + ", expected a finite number, 0 or more");
    }
  }
}

}  // namespace

PhaseDiagram phase_diagram(const MeanField& field, std::span<const double> weight_std,
                           std::span<const double> bias_std, double input_variance, int threads) {
  check(weight_std, "weight_std");
  check(bias_std, "bias_std");
  if (!(input_variance > 0) || std::isinf(input_variance)) {
    throw Error("the input's variance is " + number(input_variance) +
                ", expected a finite number above 0");
  }
  PhaseDiagram out{{weight_std.begin(), weight_std.end()},
                   {bias_std.begin(), bias_std.end()},
                   std::vector<PhasePoint>(weight_std.size() * bias_std.size())};
  Diagram diagram(field, input_variance);
  // Neighbouring columns need the same panels: each thread takes the next one that is left.
  std::atomic<std::size_t> next = 0;
  std::exception_ptr failure;
  std::mutex mutex;
  const auto work = [&] {
    try {
      for (std::size_t i; (i = next++) < weight_std.size();) {
        for (std::size_t j = 0; j < bias_std.size(); ++j) {
          out.points[j * weight_std.size() + i] = diagram.at(weight_std[i], bias_std[j]);
        }
      }
    } catch (...) {
      const std::lock_guard lock(mutex);
      failure = std::current_exception();
    }
  };
  std::vector<std::thread> helpers;
  for (int t = 1; t < threads; ++t) helpers.emplace_back(work);
  work();
  for (std::thread& helper : helpers) helper.join();
  if (failure) std::rethrow_exception(failure);
  return out;
}

}  // namespace gradkeep
