// The density of the Jacobian's spectrum. A squared singular value lambda + i0 is looked for as the
// image of a point t of the upper half plane; there is exactly one, and the density is
// -Im z / (pi lambda). With arg t in (0, pi) the arguments of z and 1 + z lie in (-pi, 0), so that
// logarithms know which of lambda's L roots is meant.
//
// From a neighbour's t Newton's method nearly always gets there. Where it does not, lambda starts on
// the negative axis, where t is real and negative, and turns about 0 to the positive axis, through a half
// plane that holds no singularity. On the way it tells what share of the spectrum lies below, by which a
// density is known that has peaks too narrow for points.
// SPDX-License-Identifier: Apache-2.0
#include <gradkeep/jacobian.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <string>

#include "flow/numbers.h"
#include "flow/slope_shares.h"
#include "flow/spectrum.h"

namespace gradkeep {
namespace flow {
namespace {

constexpr double kPi = std::numbers::pi;
constexpr double kDrawn = 6.5;  // standard deviations; 8e-11 lies beyond
// How far above the axis lambda is taken, of the width of the spectrum.
constexpr double kAbove = 1e-9;
// What rounding leaves of ln(lambda), a layer, and how much of it a spectrum must span to have a shape.
constexpr double kRounding = 1e-13, kShapeless = 1e5;
constexpr double kBelow = 1e-9;  // the share that may lie under the grid
constexpr double kReal = 1e-6;
constexpr double kLeastLog = -512;  // a slope squared is not told from 0 much below e^this
constexpr int kFewest = 200, kMost = 1600;
constexpr double kFast = 3.5;  // what doubling the points gains where it is worth while
constexpr double kGood = 1e-5, kFair = 1e-3;
constexpr int kMostHalvings = 10;
constexpr int kMostSteps = 200;
constexpr double kOnAxis = 1e-11;
// How near, of its height above the axis, Newton's method comes to lambda before its last step.
constexpr double kMiss = 1e-2;
constexpr int kFirstCells = 64, kMostCells = 1000;
// What a cell's middle may miss of its share, and how narrow, of the whole spectrum, a cell gets: one that
// is no more than a point of a picture shows its average. So much of the spectrum may be in such cells.
constexpr double kCell = 3e-6, kNarrow = 2e-4, kNarrowest = 0.02, kDisputed = 0.1;
// Where a line between two cells' averages would hold so much more or less than they do, the curve steps at
// their edge instead.
constexpr double kLeap = 1e-3;
// How far beyond the end, of the width of the spectrum, all of it is looked for.
constexpr double kBeyond = 1e-3;

// Follows t along a path of targets for ln(lambda).
class Walk {
 public:
  Walk(const SlopeLaw& law, const SpectrumMap& map, double above)
      : law_(law), map_(map), above_(above), atoms_(log_atoms(law, map)) {}

  // Of ln(lambda), atoms apart: -Im z / pi.
  double density(double u) {
    if (!newton({u, above_}, 40)) {
      start(u);
      for (double angle = kPi; angle > above_;) {
        const double next = std::max(above_, angle * kTurn);
        turn(u, angle, next, 0);
        angle = next;
      }
    }
    return std::max(0.0, -without_atoms({u, above_}).imag() / kPi);
  }
  // Whether u lies in a gap, where t is real.
  bool empty(double u) {
    density(u);
    return log_t_.imag() < kReal;
  }
  // The integral of -z e^(ku) / pi up to u may go through the upper half plane, where lambda has the
  // argument theta: z is real on the negative axis, so that only the arc from there to u counts.
  // theta = 4 atan(e^-s) makes that arc a smooth function of s however near to u a singularity is, and the
  // plain sum over s converges fast.
  Below below(double u) {
    constexpr double kStep = 0.6, kLowest = 1e-6;
    double not_z = continuous_share();
    Below out{0, 0, 0};
    start(u);
    double angle = kPi;
    for (double s = 0; angle > kLowest; s += kStep) {
      const double next = 4 * std::atan(std::exp(-s));
      if (s > 0) turn(u, angle, next, 0);
      angle = next;
      const double weight = (s > 0 ? 2 : 1) * kStep / std::cosh(s) / kPi;
      const Complex z = without_atoms({u, angle}), lambda = std::exp(Complex(u, angle));
      out.share += weight * (not_z + z.real());
      out.mean += weight * (z * lambda).real();
      out.square += weight * (z * lambda * lambda).real();
    }
    return out;
  }

 private:
  static constexpr double kTurn = 0.55;

  double continuous_share() const {
    double out = 1;
    for (const SpectrumAtom& a : atoms_) out -= a.weight;
    return out;
  }

  Complex without_atoms(Complex log_lambda) const {
    Complex z = z_;
    for (const SpectrumAtom& a : atoms_) {
      if (std::isfinite(a.at)) z -= a.weight / (std::exp(log_lambda - a.at) - 1.0);
    }
    return z;
  }

  bool newton(Complex target, int most) {
    Complex log_t = log_t_;
    const double tolerance = kMiss * target.imag() + 1e-14 * map_.layers;
    for (int i = 0; i < most; ++i) {
      const SlopeLaw::Transform at = law_.at(std::exp(log_t));
      const Complex value = map_.layers * log_t + map_.z_power() * std::log(at.z) +
                            map_.rest_power() * std::log(at.rest);
      const Complex miss = value - target;
      if (!std::isfinite(miss.real()) || !std::isfinite(miss.imag())) return false;
      Complex step = -miss / map_.slope(at.z, at.ratio);
      if (std::abs(miss) <= tolerance) {
        log_t_ = log_t;
        z_ = at.z - step * at.z * at.rest * (1.0 + at.ratio);  // d z / d ln t
        return true;
      }
      if (std::abs(step) > 1) step /= std::abs(step);
      Complex next = log_t + step;
      if (next.imag() <= 0) next.imag(log_t.imag() / 2);
      if (next.imag() >= kPi) next.imag((log_t.imag() + kPi) / 2);
      log_t = next;
    }
    return false;
  }

  // To -e^u, where t is real and negative and ln |lambda| rises with ln |t|; from where it was last.
  void start(double u) {
    double low = -kInfinity, high = kInfinity, reach = 2;
    for (int i = 0; i < kMostSteps; ++i) {
      const RealPoint at = real_point(law_, map_, -std::exp(log_size_));
      const double miss = at.log_lambda - u;
      if (std::abs(miss) <= kOnAxis * std::max(1.0, std::abs(u))) break;
      (miss < 0 ? low : high) = log_size_;
      const double step = std::clamp(-miss / at.slope, -reach, reach);
      const double next = log_size_ + step;
      log_size_ = low < next && next < high ? next : (low + high) / 2;
      if (std::abs(step) == reach) reach *= 2;
    }
    log_t_ = {log_size_, kPi * (1 - 1e-6)};
    z_ = law_.at(-std::exp(log_size_)).z;
  }

  // From one argument of lambda to a smaller one, by smaller steps where need be.
  void turn(double u, double from, double to, int halvings) {
    if (newton({u, to}, 12)) return;
    if (halvings == kMostHalvings) {
      throw Error("the spectrum's density could not be followed to ln(lambda) = " +
                  std::to_string(u));
    }
    const double between = std::sqrt(from * to);
    turn(u, from, between, halvings + 1);
    turn(u, between, to, halvings + 1);
  }

  const SlopeLaw& law_;
  const SpectrumMap& map_;
  double above_;
  std::vector<SpectrumAtom> atoms_;
  Complex log_t_{0, kPi / 2}, z_;
  double log_size_ = 0;  // ln |t| where lambda was last on the negative axis
};

struct Range {
  double low, high;
};

// The u under which at most kBelow of the spectrum lies, besides an atom at 0: on the negative axis
// 1 + z = E x / (x + lambda), which is at least half the share of lambda <= x. It is `cut` where more lies
// there, of slopes that are not told from 0.
struct Reach {
  double log_lambda;
  bool cut;
};
Reach lower_reach(const SlopeLaw& law, const SpectrumMap& map) {
  const double at_zero = law.weight_at(0);
  const auto share = [&](double log_size) {
    return real_point(law, map, -std::exp(log_size)).rest - at_zero;
  };
  double low = -1, high = 0;
  while (share(low) > kBelow / 2) {
    if (low == kLeastLog) return {real_point(law, map, -std::exp(low)).log_lambda, true};
    high = low;
    low = std::max(1.25 * low, kLeastLog);  // far beyond, what touches 0 is hard to resolve
  }
  for (int i = 0; i < 20; ++i) {
    const double middle = (low + high) / 2;
    (share(middle) < kBelow / 2 ? low : high) = middle;
  }
  return {real_point(law, map, -std::exp(low)).log_lambda, false};
}

// Without what lies empty between an atom at either end and the rest.
Range occupied(Walk& walk, Range range, bool atom_below, bool atom_above) {
  constexpr int kLooks = 100, kSteps = 50;
  const double step = (range.high - range.low) / kLooks;
  const auto trim = [&](double from, double by) {
    int looks = 0;
    while (looks < kLooks && walk.empty(from + (looks + 0.5) * by)) ++looks;
    double inside = from + (looks + 0.5) * by, outside = looks == 0 ? from : inside - by;
    for (int i = 0; i < kSteps; ++i) {
      const double middle = (inside + outside) / 2;
      (walk.empty(middle) ? outside : inside) = middle;
    }
    return outside;
  };
  if (atom_above) range.high = trim(range.high, -step);
  if (atom_below) range.low = trim(range.low, step);
  return range;
}

JacobianDensity with_atoms(const std::vector<SpectrumAtom>& atoms) {
  JacobianDensity out;
  out.atoms = atoms;
  for (const SpectrumAtom& a : atoms) {
    out.mean += a.weight * std::exp(a.at);
    out.square += a.weight * std::exp(2 * a.at);
  }
  return out;
}

// Points at the middles of equal steps of an angle, of which u is the cosine: a square root at either
// end is a smooth function of it, and the plain sum converges as fast as for any.
JacobianDensity on_grid(Walk& walk, Range range, int points,
                        const std::vector<SpectrumAtom>& atoms) {
  JacobianDensity out = with_atoms(atoms);
  const double middle = (range.low + range.high) / 2, half = (range.high - range.low) / 2;
  std::vector<double> u(points), density(points);
  for (int k = points - 1; k >= 0; --k) {
    u[k] = middle - half * std::cos(kPi * (k + 0.5) / points);
    density[k] = walk.density(u[k]);
  }
  for (int k = 0; k < points; ++k) {
    const double cell = density[k] * half * std::sin(kPi * (k + 0.5) / points) * kPi / points;
    out.share.push_back(out.mass + cell / 2);
    out.mass += cell;
    out.mean += cell * std::exp(u[k]);
    out.square += cell * std::exp(2 * u[k]);
  }
  out.u = std::move(u);
  out.density = std::move(density);
  return out;
}

// Of one orthogonal layer t is lambda itself, and slopes are told apart without it.
class OneLayer {
 public:
  explicit OneLayer(const SlopeLaw& law) : shares_(law) {}
  Below below(double u) { return shares_.below(u); }
  double density(double u) {
    return (below(u + kApart).share - below(u - kApart).share) / (2 * kApart);
  }

 private:
  static constexpr double kApart = 1e-5;
  SlopeShares shares_;
};

// Cells whose contents are known apart from the density at their middle: one that disagrees is cut in
// three.
template <class Source>
class Cells {
 public:
  // `whole` is what is known to lie below either end.
  Cells(Source& walk, Range range, std::pair<Below, Below> whole)
      : walk_(walk), range_(range), whole_(whole) {}

  JacobianDensity made(const std::vector<SpectrumAtom>& atoms) {
    JacobianDensity out = with_atoms(atoms);
    const double middle = (range_.low + range_.high) / 2, half = (range_.high - range_.low) / 2;
    Edge low{range_.low, whole_.first};
    for (int k = 1; k <= kFirstCells; ++k) {
      const double u = middle - half * std::cos(kPi * k / kFirstCells);
      const Edge high = k < kFirstCells ? edge(u) : Edge{range_.high, whole_.second};
      fill(out, low, high, walk_.density((low.u + high.u) / 2));
      low = high;
    }
    return out;
  }
  // How much of the spectrum density and shares disagree about, for want of narrower cells.
  double disputed() const { return disputed_; }

 private:
  struct Edge {
    double u;
    Below below;
  };
  Edge edge(double u) { return {u, walk_.below(u)}; }

  void fill(JacobianDensity& out, const Edge& low, const Edge& high, double density) {
    const double width = high.u - low.u, u = (low.u + high.u) / 2;
    const double share = std::max(0.0, high.below.share - low.below.share);
    // A cell stands where its mean lies.
    const double mean = high.below.mean - low.below.mean;
    const double at = share > 0 && mean > 0 ? std::clamp(std::log(mean / share), low.u, high.u) : u;
    const double square = high.below.square - low.below.square;
    const double square_miss = std::abs(share * std::exp(2 * at) - square) / whole_.second.square;
    const double miss = std::abs(density * width - share);
    const bool agrees = miss < kCell && square_miss < 3 * kCell;
    const bool narrow = width < std::min(kNarrowest, kNarrow * (range_.high - range_.low));
    if (agrees || narrow || out.u.size() > kMostCells) {
      disputed_ += miss;
      const double before = out.mass + share * (at - low.u) / width;
      if (!out.u.empty()) {
        const double line = (at - out.u.back()) * (out.density.back() + share / width) / 2;
        if (std::abs(line - (before - out.share.back())) > kLeap) {
          for (const double beside : {out.density.back(), share / width}) {
            out.u.push_back(low.u);
            out.density.push_back(beside);
            out.share.push_back(out.mass);
          }
        }
      }
      out.u.push_back(at);
      out.density.push_back(share / width);
      out.share.push_back(before);
      out.mass += share;
      out.mean += share * std::exp(at);
      out.square += share * std::exp(2 * at);
      return;
    }
    const double third = width / 3;
    const Edge left = edge(low.u + third), right = edge(high.u - third);
    fill(out, low, left, walk_.density(u - third));
    fill(out, left, right, density);
    fill(out, right, high, walk_.density(u + third));
  }

  Source& walk_;
  Range range_;
  std::pair<Below, Below> whole_;
  double disputed_ = 0;
};

}  // namespace
}  // namespace flow

double JacobianDensity::quantile(double wanted) const {
  const auto continuous = [&](double at) {
    const auto i = static_cast<std::size_t>(std::upper_bound(u.begin(), u.end(), at) - u.begin());
    return i == 0 ? 0 : share[i - 1];
  };
  double in_atoms = 0;
  for (const SpectrumAtom& a : atoms) {
    const double before = continuous(a.at) + in_atoms;
    if (wanted < before) break;
    if (wanted <= before + a.weight) return a.at;
    in_atoms += a.weight;
  }
  if (u.empty()) return atoms.empty() ? 0 : atoms.back().at;
  const double rest = wanted - in_atoms;
  const auto i =
      static_cast<std::size_t>(std::lower_bound(share.begin(), share.end(), rest) - share.begin());
  if (i == 0) return u.front();
  if (i == share.size()) return u.back();
  return u[i - 1] + (u[i] - u[i - 1]) * (rest - share[i - 1]) / (share[i] - share[i - 1]);
}

JacobianDensity jacobian_density(const Nonlinearity& phi, const JacobianSetting& setting) {
  flow::check(setting);
  const flow::SlopeLaw law(phi, setting.q, flow::kDrawn);
  const flow::SpectrumMap map{static_cast<double>(setting.layers),
                              setting.weights == Weights::gaussian};
  std::vector<SpectrumAtom> atoms = flow::log_atoms(law, map);
  double continuous = 1;
  for (const SpectrumAtom& a : atoms) continuous -= a.weight;
  if (continuous <= flow::kBelow) return flow::with_atoms(atoms);
  const flow::End low = flow::lower_end(law, map), high = flow::upper_end(law, map);
  const flow::Reach reach = flow::lower_reach(law, map);
  flow::Range range{std::max(low.log_lambda, reach.log_lambda), high.log_lambda};
  const double width = range.high - range.low, blur = flow::kRounding * map.layers;
  if (width < flow::kShapeless * blur) return flow::with_atoms({{0, 1}});
  flow::Walk walk(law, map, std::max(blur, flow::kAbove * std::min(1.0, width)));
  const bool gaps = map.layers > 1 || map.gaussian;  // t is lambda itself otherwise
  const bool atom_below = gaps && !atoms.empty() && atoms.front().at <= range.low;
  const bool atom_above = gaps && !atoms.empty() && atoms.back().at >= range.high;
  range = flow::occupied(walk, range, atom_below, atom_above);
  double shut = 0;
  if (reach.cut && reach.log_lambda > low.log_lambda) {
    shut = walk.below(range.low).share;
    if (atoms.empty() || std::isfinite(atoms.front().at)) {
      atoms.insert(atoms.begin(), {-kInfinity, 0});
    }
    atoms.front().weight += shut;
    continuous -= shut;
  }
  const double square = 1 + map.layers * (law.spread() + (map.gaussian ? 1 : 0));
  const auto fair = [&](const JacobianDensity& d) {
    return std::abs(d.mass - continuous) <= flow::kFair && std::abs(d.mean - 1) <= flow::kFair &&
           std::abs(d.square / square - 1) <= flow::kFair;
  };
  double before = kInfinity;
  for (int points = flow::kFewest; gaps && points <= flow::kMost; points *= 2) {
    JacobianDensity out = flow::on_grid(walk, range, points, atoms);
    const double error = std::max(std::abs(out.mass - continuous), std::abs(out.mean - 1));
    if (error <= flow::kGood && fair(out)) return out;
    if (!(error < before / flow::kFast)) break;
    before = error;
  }
  const JacobianDensity beside = flow::with_atoms(atoms);
  const flow::Below all{continuous + shut, 1 - beside.mean, square - beside.square};
  if (!gaps) {
    flow::OneLayer slopes(law);
    return flow::Cells(slopes, range, {{shut, 0, 0}, all}).made(atoms);
  }
  const flow::Below found = walk.below(range.high + flow::kBeyond * std::min(1.0, width));
  if (!(std::abs(found.share - all.share) <= flow::kFair &&
        std::abs(found.mean - all.mean) <= flow::kFair)) {
    throw Error("the spectrum of " + std::to_string(setting.layers) + " layers of " + phi.name() +
                " could not be had: its integral is " + flow::number(found.share) + ", its mean " +
                flow::number(found.mean) + ", expected " + flow::number(all.share) + " and " +
                flow::number(all.mean));
  }
  flow::Cells cells(walk, range, {{shut, 0, 0}, all});
  JacobianDensity out = cells.made(atoms);
  if (fair(out) && cells.disputed() <= flow::kDisputed) return out;
  throw Error("the spectrum of " + std::to_string(setting.layers) + " layers of " + phi.name() +
              " is too wide to be drawn; expected fewer layers");
}

}  // namespace gradkeep
