// SPDX-License-Identifier: Apache-2.0
#include "flow/pairs.h"
#include "flow/chebyshev.h"
#include "flow/numbers.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>

namespace gradkeep::flow {
namespace {

// So many terms to begin with. Of an oscillation nearly all may lie beyond, and what is left then falls fast.
// Panels that resolve one resolve the polynomials that make it up too.
constexpr int kTerms = 384, kMostTerms = 3072;
constexpr double kNotBegun = 0.9, kFallsFast = 0.5, kWorthwhile = 0.1;
constexpr double kRounding = 1e-14;
// Beyond this correlation differences of averages cancel.
constexpr double kNearOne = 0.9;
constexpr double kArcResolved = 1e-11, kNarrowestArc = 1e-3;  // of all arcs
// Beyond so many private parts of size 1 what differences lose is less than it costs to follow phi.
constexpr double kFarthestArc = 32;

// sum over k of coefficients[k] c^k.
double polynomial(const std::vector<double>& coefficients, double c) {
  double sum = 0;
  for (std::size_t k = coefficients.size(); k-- > 0;) sum = sum * c + coefficients[k];
  return sum;
}

struct Step {
  double value, slope;
};

// The sums of `value` and of `slope` over polynomial k, which is `now`; `before`, the one before it,
// becomes the next. Four at a time, which a compiler can keep in vector registers.
Step step(const std::vector<double>& z, const std::vector<double>& value,
          const std::vector<double>& slope, int k, const std::vector<double>& now,
          std::vector<double>& before) {
  const double next_root = 1 / std::sqrt(k + 1.0), of_before = std::sqrt(k) * next_root;
  constexpr int kLanes = 4;
  static_assert(kNodes % kLanes == 0);
  double of_value[kLanes] = {}, of_slope[kLanes] = {};
  for (std::size_t i = 0; i < z.size(); i += kLanes) {
    double here[kLanes], next[kLanes];
    for (int j = 0; j < kLanes; ++j) here[j] = now[i + j];
    for (int j = 0; j < kLanes; ++j) of_value[j] += value[i + j] * here[j];
    for (int j = 0; j < kLanes; ++j) of_slope[j] += slope[i + j] * here[j];
    for (int j = 0; j < kLanes; ++j) {
      next[j] = next_root * z[i + j] * here[j] - of_before * before[i + j];
    }
    for (int j = 0; j < kLanes; ++j) before[i + j] = next[j];
  }
  return {std::accumulate(of_value, of_value + kLanes, 0.0),
          std::accumulate(of_slope, of_slope + kLanes, 0.0)};
}

}  // namespace

Pairs::Pairs(const Nonlinearity& phi, double q) : phi_(phi), q_(q) {
  const Sampled s = sample(phi, std::sqrt(q));
  const std::size_t n = s.z.size();
  phi2_ = s.mean([&](std::size_t i) { return square(s.value[i]); });
  const bool jumps = !phi.jumps().empty();
  dphi2_ = jumps ? kInfinity : s.mean([&](std::size_t i) { return square(s.slope[i]); });
  narrow_ = s.panels;
  // He_k / sqrt(k!) times e^(-z^2 / 4) stays near 1; what it is summed against has the other half of
  // the density.
  std::vector<double> now(n), before(n), value(n), slope(n);
  for (std::size_t i = 0; i < n; ++i) {
    now[i] = std::exp(-0.25 * square(s.z[i]));
    value[i] = s.weight[i] * s.value[i] / now[i];
    slope[i] = s.weight[i] * s.slope[i] / now[i];
  }
  value_left_ = phi2_;
  slope_left_ = dphi2_;
  double left_before = dphi2_;
  for (int k = 0, checked = kTerms; k < kMostTerms; ++k) {
    if (k == kTerms / 2) left_before = slope_left_;
    if (k == checked) {
      const bool oscillates =
          slope_left_ > kNotBegun * left_before && slope_left_ > kWorthwhile * dphi2_;
      const bool falls = checked > kTerms && slope_left_ < kFallsFast * left_before;
      if (jumps || !(oscillates || falls)) break;
      left_before = slope_left_;
      checked *= 2;
    }
    const Step done = step(s.z, value, slope, k, now, before);
    value_.push_back(square(done.value));
    slope_.push_back(square(done.slope));
    if (jumps && k > 0)
      slope_[k - 1] = k / q * value_[k];  // E phi' He_k includes the jumps' masses
    value_left_ = std::max(0.0, value_left_ - value_.back());
    slope_left_ = std::max(0.0, slope_left_ - slope_.back());
    if (value_left_ <= kRounding * phi2_ && slope_left_ <= kRounding * dphi2_) break;
    std::swap(now, before);
  }
  if (jumps) slope_.pop_back();
}

// Since E phi' He_k is that of phi and the next polynomial, a_(k+1)^2 = q b_k^2 / (k + 1).
Pairs::Pairs(const Nonlinearity& phi, double q, const MeanField::Averages& known,
             std::vector<double> slope_squares)
    : phi_(phi),
      q_(q),
      phi2_(known.phi2),
      dphi2_(known.dphi2),
      value_{square(known.phi)},
      slope_(std::move(slope_squares)),
      value_left_(0),
      slope_left_(0) {
  for (const double b : slope_) value_.push_back(q * b / static_cast<double>(value_.size()));
}

std::span<const double> Pairs::slope_squares() const {
  return series_suffices(1) ? std::span(slope_) : std::span<const double>();
}

PairMoments Pairs::series(double c) const { return {polynomial(value_, c), polynomial(slope_, c)}; }

bool Pairs::series_suffices(double c) const {
  const auto terms = static_cast<double>(slope_.size());
  const double left = std::pow(std::abs(c), terms);
  // The slope's coefficients grow, at most like the square root of their number, where phi jumps.
  if (dphi2_ == kInfinity) return left * terms <= kRounding;
  return left * slope_left_ <= kRounding * dphi2_ && left * value_left_ <= kRounding * phi2_;
}

namespace {

constexpr double kPrivateReach = 8.75;
constexpr double kStep = 0.5;  // a trapezoid rule that is exact for the density alone

// G at many points, of phi and phi', a few at a time so that all stays in the cache.
class Smoothing {
 public:
  // `cuts` are the ends of panels that resolve phi, in x.
  Smoothing(const Nonlinearity& phi, const std::vector<double>& cuts, double delta)
      : phi_(phi), resolving_(cuts), delta_(delta) {}

  void operator()(std::span<const double> middle, std::span<double> value,
                  std::span<double> slope) {
    for (std::size_t i = 0; i < middle.size(); ++i) {
      begin_.push_back(e_.size());
      middle_.push_back(middle[i]);
      add(middle[i]);
      if (e_.size() > kMost || i + 1 == middle.size()) {
        const std::size_t first = i + 1 - begin_.size();
        finish(value.subspan(first, begin_.size()), slope.subspan(first, begin_.size()));
      }
    }
  }

 private:
  static constexpr std::size_t kMost = 500;

  // The private part's nodes: evenly spaced within one panel that resolves phi, which converges fastest;
  // else panels that end where those do, at the kinks among them.
  void add(double m) {
    const double low = m - kPrivateReach * delta_, high = m + kPrivateReach * delta_;
    const auto first = std::upper_bound(resolving_.begin(), resolving_.end(), low);
    const auto last = std::lower_bound(first, resolving_.end(), high);
    if (first == last) {
      const bool inside = first != resolving_.begin() && first != resolving_.end();
      const double width = inside ? *first - *(first - 1) : kInfinity;
      const double step = std::min(kStep, width / (kNodes * delta_));
      for (double e = -std::floor(kPrivateReach / step) * step; e <= kPrivateReach; e += step) {
        push(m, e, step);
      }
      return;
    }
    cuts_.assign({-kPrivateReach, 0, kPrivateReach});
    for (auto cut = first; cut != last; ++cut) cuts_.push_back((*cut - m) / delta_);
    std::sort(cuts_.begin(), cuts_.end());
    const Rule& rule = legendre_rule();
    for (std::size_t i = 0; i + 1 < cuts_.size(); ++i) {
      const double centre = 0.5 * (cuts_[i] + cuts_[i + 1]);
      const double half = 0.5 * (cuts_[i + 1] - cuts_[i]);
      for (int k = 0; k < kNodes; ++k) push(m, centre + half * rule.node[k], half * rule.weight[k]);
    }
  }

  void push(double m, double e, double weight) {
    e_.push_back(e);
    weight_.push_back(weight);
    x_.push_back(m + delta_ * e);
  }

  void finish(std::span<double> value, std::span<double> slope) {
    const std::size_t n = e_.size();
    phi_value_.resize(n);
    phi_slope_.resize(n);
    density_.resize(n);
    phi_.evaluate(x_, phi_value_, phi_slope_);
    normal_density(e_, density_);
    begin_.push_back(n);
    for (std::size_t j = 0; j < value.size(); ++j) {
      double v = 0, d = 0;
      for (std::size_t i = begin_[j]; i < begin_[j + 1]; ++i) {
        const double weight = weight_[i] * density_[i];
        v += weight * phi_value_[i];
        d += weight * phi_slope_[i];
      }
      for (const Nonlinearity::Jump& jump : phi_.jumps()) {
        const double e = (jump.at - middle_[j]) / delta_;
        d += (jump.above - jump.below) * std::exp(-0.5 * e * e) /
             (std::sqrt(2 * std::numbers::pi) * delta_);
      }
      value[j] = v;
      slope[j] = d;
    }
    for (auto* buffer : {&e_, &weight_, &x_}) buffer->clear();
    begin_.clear();
    middle_.clear();
  }

  const Nonlinearity& phi_;
  const std::vector<double>& resolving_;
  double delta_;
  std::vector<std::size_t> begin_;
  std::vector<double> middle_, cuts_, e_, weight_, x_, phi_value_, phi_slope_, density_;
};

}  // namespace

const std::vector<double>& Pairs::cuts() const {
  if (!narrow_.empty()) {
    const double root_q = std::sqrt(q_);
    for (const Panel& p : widest_panels(phi_, root_q, std::move(narrow_))) {
      cuts_.push_back(root_q * p.high);
    }
    cuts_.pop_back();
    narrow_.clear();
  }
  return cuts_;
}

PairMoments Pairs::smoothed(double c) const {
  const double common = std::sqrt(std::abs(c) * q_), delta = std::sqrt((1 - std::abs(c)) * q_);
  // The private part blurs what phi does at a kink or within a narrow panel, and carries it into the
  // panels beside it.
  const std::vector<double>& resolving = this->cuts();
  std::vector<double> cuts = resolving, blurred = phi_.kinks();
  double last = -kInfinity;
  for (std::size_t i = 0; i < resolving.size(); ++i) {
    const double before = i > 0 ? resolving[i] - resolving[i - 1] : kInfinity;
    const double after = i + 1 < resolving.size() ? resolving[i + 1] - resolving[i] : kInfinity;
    if (std::min(before, after) > kPrivateReach * delta || resolving[i] < last + delta) continue;
    blurred.push_back(last = resolving[i]);
  }
  for (const double at : blurred) {
    for (const double layer : {-kPrivateReach, 0.0, kPrivateReach}) {
      cuts.push_back(at + layer * delta);
    }
  }
  if (c < 0) {
    for (std::size_t i = 0, n = cuts.size(); i < n; ++i) cuts.push_back(-cuts[i]);
  }
  std::sort(cuts.begin(), cuts.end());
  last = -kInfinity;
  std::erase_if(cuts, [&](double cut) {
    if (cut < last + 3 * delta) return true;
    last = cut;
    return false;
  });
  cuts.push_back(kReach * common);
  cuts.push_back(-kReach * common);
  std::sort(cuts.begin(), cuts.end());
  const Rule& rule = legendre_rule();
  std::vector<double> z, weight, middle;
  for (std::size_t i = 0; i + 1 < cuts.size(); ++i) {
    const double low = std::max(cuts[i] / common, -kReach);
    const double high = std::min(cuts[i + 1] / common, kReach);
    if (!(low < high)) continue;
    for (int k = 0; k < kNodes; ++k) {
      z.push_back(0.5 * (low + high) + 0.5 * (high - low) * rule.node[k]);
      weight.push_back(0.5 * (high - low) * rule.weight[k]);
      middle.push_back(common * z.back());
    }
  }
  const std::size_t n = z.size();
  std::vector<double> density(n), value(n), slope(n);
  normal_density(z, density);
  Smoothing smooth(phi_, resolving, delta);
  smooth(middle, value, slope);
  std::vector<double> other_value = value, other_slope = slope;
  if (c < 0) {
    for (double& m : middle) m = -m;
    smooth(middle, other_value, other_slope);
  }
  PairMoments out;
  for (std::size_t i = 0; i < n; ++i) {
    out.phi_phi += weight[i] * density[i] * value[i] * other_value[i];
    out.dphi_dphi += weight[i] * density[i] * slope[i] * other_slope[i];
  }
  return out;
}

PairMoments Pairs::at(double c) const {
  if (c == 1) return {phi2_, dphi2_};
  return series_suffices(c) ? series(c) : smoothed(c);
}

double Pairs::Arc::operator()(double theta) const {
  return chebyshev_sum(coefficients, (2 * theta - low - high) / (high - low));
}

double Pairs::arcs_end() const {
  return std::min(std::acos(kNearOne), kFarthestArc / std::sqrt(q_));
}

// Two kinks make e^(-1 / theta^2), which has every derivative but no convergent series at 0: an arc that
// does not resolve it is halved.
void Pairs::build_arc(double low, double high) const {
  std::array<double, kArcNodes> value;
  for (int j = 0; j < kArcNodes; ++j) {
    const double t = chebyshev_point(j, kArcNodes);
    value[j] = at(std::cos(0.5 * (low + high) + 0.5 * (high - low) * t)).dphi_dphi;
  }
  const Arc arc{low, high, chebyshev_series(value)};
  const double last =
      std::abs(arc.coefficients[kArcNodes - 1]) + std::abs(arc.coefficients[kArcNodes - 2]);
  if (last > kArcResolved * std::abs(arc.coefficients[0]) &&
      high - low > kNarrowestArc * arcs_end()) {
    build_arc(low, 0.5 * (low + high));
    build_arc(0.5 * (low + high), high);
  } else {
    arcs_.push_back(arc);
  }
}

// The integral of E phi'(u) phi'(v) over correlations from cos(theta) to 1.
double Pairs::arc_integral(double theta) const {
  if (arcs_.empty()) build_arc(0, arcs_end());
  const Rule& rule = legendre_rule();
  double sum = 0;
  for (const Arc& arc : arcs_) {
    if (arc.low >= theta) break;
    const double high = std::min(theta, arc.high), half = 0.5 * (high - arc.low);
    for (int k = 0; k < kNodes; ++k) {
      const double t = arc.low + half * (1 + rule.node[k]);
      sum += half * rule.weight[k] * std::sin(t) * arc(t);
    }
  }
  return sum;
}

double Pairs::mean_slope_product(double theta) const {
  if (theta == 0) return dphi2_;
  const double c = std::cos(theta), distance = 2 * square(std::sin(theta / 2));  // 1 - c
  if (series_suffices(1)) {
    // The mean of c^k is (1 + c + ... + c^k) / (k + 1).
    double power = 1, partial = 0, sum = 0;
    for (std::size_t k = 0; k < slope_.size(); ++k) {
      partial += power;
      power *= c;
      sum += slope_[k] * partial / static_cast<double>(k + 1);
    }
    return sum;
  }
  if (theta >= arcs_end() || dphi2_ == kInfinity) {
    return (phi2_ - at(c).phi_phi) / (q_ * distance);
  }
  return arc_integral(theta) / distance;
}

// The difference of two inputs is normal with variance 2 q (1 - c): a jump's two masses meet with the
// density of x at the jump, times that of the difference at 0.
std::optional<NearlyAlike> nearly_alike(const Nonlinearity& phi, double q, double weight_square) {
  if (phi.jumps().empty()) return {};
  double masses = 0;
  for (const Nonlinearity::Jump& jump : phi.jumps()) {
    masses += square(jump.above - jump.below) * std::exp(-0.5 * square(jump.at) / q);
  }
  const double rate = weight_square * masses / (std::numbers::sqrt2 * std::numbers::pi * q);
  constexpr double kFarthest = 1e-5;
  if (!(rate < kFarthest)) return {};
  const Sampled s = sample(phi, std::sqrt(q));
  const double between = weight_square * s.mean_square([&](std::size_t i) { return s.slope[i]; });
  const double root = rate / (1 - between);  // of 1 - c, where the mean from c to 1 balances it
  if (!(between < 1 && root < kFarthest)) return {};
  return NearlyAlike{square(root), (1 + between) / 2};
}

}  // namespace gradkeep::flow
