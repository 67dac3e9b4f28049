// SPDX-License-Identifier: Apache-2.0
#include "flow/slopes.h"
#include "flow/numbers.h"
#include "flow/root.h"

#include <algorithm>
#include <cmath>
#include <string>

namespace gradkeep::flow {
namespace {

// So far out that a slope that grows has grown out of all proportion.
constexpr double kFar = 1e150, kOutOfProportion = 1e20;
constexpr int kOctaves = 64, kPerOctave = 8;
// One value to within rounding.
constexpr double kSame = 4e-16, kSameGroup = 1e-13;
constexpr double kLeastAtom = 1e-12;
constexpr double kTouches = 1e-24;
// What the last coefficients of a panel may be of the whole; those where 40 nodes begin to err are
// about the square.
constexpr double kResolved = 1e-6;
constexpr int kMostHalvings = 44;
constexpr std::size_t kMostPieces = 50'000;
// The relative rounding of a, and, near a zero of the slope, where panels get narrow, of the slope.
constexpr double kRounding = 0x1p-44, kSlopeRounding = 1e-5;
constexpr int kNarrow = 16;  // halvings

// All scales on both sides of 0 and of every kink.
std::vector<double> places(const std::vector<double>& kinks, double farthest) {
  std::vector<double> centres{0}, x;
  centres.insert(centres.end(), kinks.begin(), kinks.end());
  for (const double c : centres) {
    x.insert(x.end(), {std::nextafter(c, -kInfinity), c, std::nextafter(c, kInfinity)});
    for (int k = -kOctaves * kPerOctave; k <= kOctaves * kPerOctave; ++k) {
      const double step = std::exp2(static_cast<double>(k) / kPerOctave);
      x.insert(x.end(), {c - step, c + step});
    }
  }
  for (const double end : {-kFar, -farthest, farthest, kFar}) x.push_back(end);
  std::erase_if(x, [&](double v) { return !(std::abs(v) <= farthest) || std::isinf(v); });
  return x;
}

// Golden-section search on [low, high] for where sign * d is greatest.
template <class F>
double sharpest(const F& d, double sign, double low, double high) {
  const double ratio = (std::sqrt(5.0) - 1) / 2;
  double a = high - ratio * (high - low), b = low + ratio * (high - low);
  double fa = d(a), fb = d(b);
  for (int i = 0; i < 80; ++i) {
    const bool left = sign * fa >= sign * fb;
    (left ? high : low) = left ? b : a;
    (left ? b : a) = left ? a : b;
    (left ? fb : fa) = left ? fa : fb;
    double& fresh = left ? a : b;
    fresh = left ? high - ratio * (high - low) : low + ratio * (high - low);
    (left ? fa : fb) = d(fresh);
  }
  return sign * fa >= sign * fb ? a : b;
}

// What a slope squared must differ by, of itself, from one place to the next to have turned.
constexpr double kTurned = 1e-9;

// Cuts a panel where phi'^2 turns, at the zeros of phi' above all: next to one, 1 / (t - phi'^2) has a peak
// as narrow as t is small, which only nodes that crowd towards it are sure to see.
void cut_at_turns(const Nonlinearity& phi, double s, const Panel& panel, std::vector<Panel>& into) {
  const Rule& rule = legendre_rule();
  const double middle = 0.5 * (panel.low + panel.high), half = 0.5 * (panel.high - panel.low);
  std::vector<double> z;
  for (const double node : rule.node) z.push_back(middle + half * node);
  std::sort(z.begin(), z.end());
  const auto slopes_at = [&](std::span<const double> places) {
    std::vector<double> x(places.begin(), places.end()), value(x.size()), slope(x.size());
    for (double& v : x) v *= s;
    phi.evaluate(x, value, slope);
    return slope;
  };
  const auto slope_at = [&](double at) { return slopes_at(std::span(&at, 1))[0]; };
  const std::vector<double> slope = slopes_at(z);
  const auto above = [](double a, double b) { return std::abs(a) > std::abs(b) * (1 + kTurned); };
  std::vector<double> turns;
  for (std::size_t i = 1; i < z.size(); ++i) {
    if (slope[i - 1] * slope[i] < 0) {
      turns.push_back(root(slope_at, z[i - 1], z[i], slope[i - 1], slope[i]));
    } else if (i + 1 < z.size() && slope[i] * slope[i + 1] >= 0) {
      const double before = slope[i - 1], here = slope[i], after = slope[i + 1];
      const bool top = above(here, before) && above(here, after);
      const bool bottom = above(before, here) && above(after, here);
      const auto d = [&](double at) { return square(slope_at(at)); };
      if (top || bottom) turns.push_back(sharpest(d, top ? 1 : -1, z[i - 1], z[i + 1]));
    }
  }
  double low = panel.low;
  for (const double at : turns) {
    if (at <= low || at >= panel.high) continue;
    into.push_back({low, at});
    low = at;
  }
  into.push_back({low, panel.high});
}

}  // namespace

SlopeLaw::SlopeLaw(const Nonlinearity& phi, double q, double reach) : phi_(phi), s_(std::sqrt(q)) {
  if (!(q > 0) || std::isinf(q)) {
    throw Error("the variance is " + number(q) + ", expected a finite number above 0");
  }
  if (!phi.jumps().empty()) {
    throw Error(phi.name() + " jumps at " + number(phi.jumps().front().at) +
                ": its slope has no finite mean square there, and its Jacobian no spectrum");
  }
  std::vector<Panel> panels = sample(phi, s_).panels;
  std::sort(panels.begin(), panels.end(),
            [](const Panel& a, const Panel& b) { return a.low < b.low; });
  std::vector<Panel> cut;
  for (Panel p : panels) {
    p.low = std::max(p.low, -reach);
    p.high = std::min(p.high, reach);
    if (p.low < p.high) cut_at_turns(phi, s_, p, cut);
  }
  for (const Panel& p : cut) pieces_.push_back(piece(p));
  roots_ = pieces_.size();
  double mass = 0, mean = 0;
  for (const Piece& p : pieces_) {
    for (int k = 0; k < kNodes; ++k) {
      mass += p.weight[k];
      mean += p.weight[k] * p.d[k];
    }
  }
  mean /= mass;
  if (!(mean > 0) || std::isinf(mean)) {
    throw Error("the mean square slope of " + phi.name() + " at variance " + number(q) + " is " +
                number(mean) + ", expected a finite number above 0");
  }
  unit_ = mean;
  mass_ = mass;
  for (Piece& p : pieces_) {
    for (int k = 0; k < kNodes; ++k) {
      p.weight[k] /= mass_;
      p.d[k] /= unit_;
      spread_ += p.weight[k] * square(p.d[k] - 1);
    }
  }
  find_range(reach * s_);
  find_atoms();
}

SlopeLaw::Piece SlopeLaw::piece(const Panel& panel) const {
  const Rule& rule = legendre_rule();
  const double middle = 0.5 * (panel.low + panel.high), half = 0.5 * (panel.high - panel.low);
  Piece out;
  out.panel = panel;
  std::array<double, kNodes> x, value;
  for (int k = 0; k < kNodes; ++k) x[k] = middle + half * rule.node[k];
  normal_density(x, out.weight);
  for (int k = 0; k < kNodes; ++k) {
    out.weight[k] *= half * rule.weight[k] / mass_;
    x[k] *= s_;
  }
  phi_.evaluate(x, value, out.d);
  for (double& d : out.d) d = square(d) / unit_;
  return out;
}

void SlopeLaw::find_range(double farthest) {
  double typical = 0;
  low_ = kInfinity;
  high_ = 0;
  for (const Piece& p : pieces_) {
    for (const double d : p.d) {
      high_ = std::max(high_, d);
      low_ = std::min(low_, d);
    }
    typical = high_;
  }
  std::vector<double> x = places(phi_.kinks(), farthest);
  for (const Piece& p : pieces_) {
    for (const double end : {p.panel.low, p.panel.high}) x.push_back(s_ * end);
  }
  std::sort(x.begin(), x.end());
  std::vector<double> value(x.size()), slope(x.size());
  phi_.evaluate(x, value, slope);
  const auto d_at = [&](double at) {
    double y, dy;
    phi_.evaluate(std::span(&at, 1), std::span(&y, 1), std::span(&dy, 1));
    return square(dy) / unit_;
  };
  const auto kink_in = [&](double from, double to) {
    const auto first = std::lower_bound(phi_.kinks().begin(), phi_.kinks().end(), from);
    return first != phi_.kinks().end() && *first <= to;
  };
  std::size_t top = 0, bottom = 0;
  const auto d = [&](std::size_t i) { return square(slope[i]) / unit_; };
  for (std::size_t i = 0; i < x.size(); ++i) {
    if (std::isnan(slope[i])) continue;
    if (!(d(i) <= d(top))) top = i;
    if (!(d(i) >= d(bottom))) bottom = i;
    if (i > 0 && slope[i] * slope[i - 1] < 0 && !kink_in(x[i - 1], x[i])) low_ = 0;
  }
  if (std::isinf(farthest) && !(d(top) <= kOutOfProportion * typical)) {
    high_ = kInfinity;
  } else {
    high_ = std::max(high_, d(top));
  }
  low_ = std::min(low_, d(bottom));
  const auto around = [&](std::size_t i, double sign, double& best) {
    for (const auto& [from, to] : {std::pair{i - (i > 0), i + 1}, {i - (i > 0), i}, {i, i + 1}}) {
      if (to >= x.size() || kink_in(x[from], x[to])) continue;
      best = sign * std::max(sign * best, sign * d_at(sharpest(d_at, sign, x[from], x[to])));
    }
  };
  if (std::isfinite(high_)) around(top, 1, high_);
  if (low_ > 0) around(bottom, -1, low_);
  // A slope that touches 0 comes as near to it as rounding lets it.
  const bool turns = bottom > 0 && bottom + 1 < x.size() && d(bottom - 1) > 4 * d(bottom) &&
                     d(bottom + 1) > 4 * d(bottom);
  if (turns && low_ < kTouches) low_ = 0;
}

// Runs of pieces of one value. Where such a run ends at no kink the slope only nears that value, as
// gelu's nears 1, until double tells them apart no longer; that is no atom.
void SlopeLaw::find_atoms() {
  const auto flat = [&](std::size_t i) {
    const auto [least, most] = std::minmax_element(pieces_[i].d.begin(), pieces_[i].d.end());
    return *most - *least <= kSame * *most;
  };
  const auto same = [](double a, double b) { return std::abs(a - b) <= kSameGroup * b; };
  const auto at_kink = [&](double z) {
    const auto near = [&](double k) { return std::abs(k / s_ - z) <= 1e-12 * std::abs(z); };
    // Some are straight on one side of 0 and leave it without a kink.
    return z == 0 || std::any_of(phi_.kinks().begin(), phi_.kinks().end(), near);
  };
  std::vector<Atom> found;
  for (std::size_t first = 0, next; first < roots_; first = next) {
    next = first + 1;
    if (!flat(first)) continue;
    const double d = pieces_[first].d[0];
    while (next < roots_ && flat(next) && same(pieces_[next].d[0], d)) ++next;
    const bool from = first == 0 || at_kink(pieces_[first].panel.low);
    if (!from || !(next == roots_ || at_kink(pieces_[next].panel.low))) continue;
    double weight = 0;
    for (std::size_t i = first; i < next; ++i) {
      for (const double w : pieces_[i].weight) weight += w;
    }
    found.push_back({d, weight});
  }
  std::sort(found.begin(), found.end(), [](const Atom& a, const Atom& b) { return a.at < b.at; });
  for (const Atom& atom : found) {
    if (!atoms_.empty() && same(atoms_.back().at, atom.at)) {
      atoms_.back().weight += atom.weight;
    } else {
      atoms_.push_back(atom);
    }
  }
  std::erase_if(atoms_, [](const Atom& a) { return a.weight < kLeastAtom; });
}

double SlopeLaw::weight_at(double d) const {
  for (const Atom& a : atoms_) {
    if (std::abs(a.at - d) <= 2 * kSameGroup * d) return a.weight;
  }
  return 0;
}

double SlopeLaw::d(double z) const {
  const double x = s_ * z;
  double value, slope;
  phi_.evaluate(std::span(&x, 1), std::span(&value, 1), std::span(&slope, 1));
  return square(slope) / unit_;
}

std::vector<Panel> SlopeLaw::stretches() const {
  std::vector<Panel> out;
  for (std::size_t i = 0; i < roots_; ++i) out.push_back(pieces_[i].panel);
  return out;
}

// Adds a piece's nodes to nodes_, or those of its halves where it does not resolve a, or 1 + a where
// that is less and so tells more. What rounding leaves of t - d cannot be resolved, and need not be.
void SlopeLaw::collect(std::size_t index, Complex t, const Scale& scale, int halvings) const {
  const Rule& rule = legendre_rule();
  const std::size_t first = nodes_.size();
  const double of_slope = halvings < kNarrow ? 0 : kSlopeRounding;
  double last[4] = {0, 0, 0, 0}, last_but_one[4] = {0, 0, 0, 0}, noise[2] = {0, 0};
  {
    const Piece& p = pieces_[index];
    for (int k = 0; k < kNodes; ++k) {
      const Complex inverse = 1.0 / (t - p.d[k]), a = p.d[k] * inverse, b = t * inverse;
      const Complex one = scale.of_a ? a : b, two = one * one;
      const double y[] = {one.real(), one.imag(), two.real(), two.imag()};
      const double density = p.weight[k] / rule.weight[k], size = std::abs(one);
      for (int i = 0; i < 4; ++i) {
        last[i] += rule.last[k] * density * y[i];
        last_but_one[i] += rule.last_but_one[k] * density * y[i];
      }
      const double other = std::abs(scale.of_a ? b : a);
      const double rounding = (kRounding * (1 + other) + of_slope) * p.weight[k] * size;
      noise[0] += rounding;
      noise[1] += rounding * size;
      nodes_.push_back({p.weight[k], a, b});
    }
  }
  double left[2] = {0, 0};
  for (int i = 0; i < 4; ++i) left[i / 2] += std::abs(last[i]) + std::abs(last_but_one[i]);
  const bool resolved =
      left[0] <= kResolved * scale.one + noise[0] && left[1] <= kResolved * scale.two + noise[1];
  const bool full = pieces_[index].halves < 0 && pieces_.size() > kMostPieces;
  if (resolved || full || halvings == kMostHalvings) return;
  nodes_.resize(first);
  if (pieces_[index].halves < 0) {
    const Panel p = pieces_[index].panel;
    const double middle = 0.5 * (p.low + p.high);
    pieces_[index].halves = static_cast<int>(pieces_.size());
    pieces_.push_back(piece({p.low, middle}));
    pieces_.push_back(piece({middle, p.high}));
  }
  const auto halves = static_cast<std::size_t>(pieces_[index].halves);
  collect(halves, t, scale, halvings + 1);
  collect(halves + 1, t, scale, halvings + 1);
}

SlopeLaw::Transform SlopeLaw::at(Complex t) const {
  double a[2] = {0, 0}, b[2] = {0, 0};
  for (std::size_t i = 0; i < roots_; ++i) {
    const Piece& p = pieces_[i];
    for (int k = 0; k < kNodes; ++k) {
      const double inverse = 1 / std::abs(t - p.d[k]);
      const double size[] = {p.d[k] * inverse, std::abs(t) * inverse};
      a[0] += p.weight[k] * size[0];
      a[1] += p.weight[k] * square(size[0]);
      b[0] += p.weight[k] * size[1];
      b[1] += p.weight[k] * square(size[1]);
    }
  }
  nodes_.clear();
  const bool by_a = a[0] < b[0];
  const Scale scale = by_a ? Scale{a[0], a[1], true} : Scale{b[0], b[1], false};
  for (std::size_t i = 0; i < roots_; ++i) collect(i, t, scale, 0);
  Complex z = 0, rest = 0, variance = 0;
  for (const Node& n : nodes_) {
    z += n.weight * n.a;
    rest += n.weight * n.b;
  }
  for (const Node& n : nodes_) {
    const Complex off = by_a ? n.a - z : n.b - rest;
    variance += n.weight * off * off;
  }
  return {z, rest, variance / (z * rest)};
}

}  // namespace gradkeep::flow
