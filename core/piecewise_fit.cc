// Laying the polynomials of core/piecewise.h: for several widths of the segments, left and right of 0,
// and several degrees, the kernel's own numbers at Chebyshev's nodes are interpolated, and what comes out
// is held against the kernel. Of all that keep the promise the one is taken that should cost least.
// Both kinds, of floats and of doubles, differ in what the table Kind says of them.
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <atomic>
#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <memory>
#include <type_traits>
#include <utility>
#include <vector>

#include "core/made_once.h"
#include "core/piecewise.h"

namespace gradkeep::detail {
namespace {

constexpr int kProbes = 128;  // of each segment, to hold its polynomial against the kernel
constexpr int kTrials = 40;   // so many candidates at most are held to account
constexpr float kInf = std::numeric_limits<float>::infinity();

template <class T>
struct Kind;

// What polynomials may be wrong by, in ULP, below the promise of 2 and 4: at the few probes that choose
// them, and at the many that hold the chosen ones to account.
template <>
struct Kind<float> {
  static constexpr double kWorthIt =
      40;  // cycles for 16 elements, of which a kernel takes 40 to 100
  static constexpr double kFlat = 0x1p-27;  // relative: less is no change of a float
  static constexpr double allowed_at_few(int order) { return order == 2 ? 3.2 : 1.5; }
  static constexpr double allowed_at_many(int order) { return order == 2 ? 3.6 : 1.6; }
};
// Relative to the result: half of what the rounding test allows them.
template <>
struct Kind<double> {
  static constexpr double kWorthIt =
      33;  // cycles for 8 elements, of which a rough kernel takes 30 to 80
  static constexpr double kFlat = 0x1p-45;
  static constexpr double allowed_at_few(int) { return 0.4 * kPolynomialError; }
  static constexpr double allowed_at_many(int) { return 0.5 * kPolynomialError; }
};

bool is_odd(Symmetry symmetry, int order) {
  return order == 1 ? symmetry == Symmetry::even
                    : symmetry == Symmetry::odd || (order == 2 && symmetry == Symmetry::point);
}
bool is_even(Symmetry symmetry, int order) {
  return order == 1 ? symmetry == Symmetry::odd || symmetry == Symmetry::point
                    : symmetry == Symmetry::even;
}

// As many segments as there can be, of one width, on one side of 0, segment 0 next to it, and what the kernel says there.
template <class T>
struct Side {
  static constexpr int kSegments = Piecewise<T>::kSegments;
  float sign, width;
  std::array<T, kSegments> center = {}, at_center = {};
  std::vector<float> x = {};                  // kProbes for each segment
  std::vector<double> want = {}, unit = {};   // f there, and its unit in the last place
  std::array<bool, kSegments> has_zero = {};  // of the function, where no claim names a scale

  float middle(int k) const { return sign * width * (static_cast<float>(k) + 0.5f); }
};

// Polynomials for them.
template <class T>
struct Stretch {
  const Side<T>* side;
  std::array<std::array<T, Piecewise<T>::kSegments>, Piecewise<T>::kMostDegree + 1> c = {};
  int right = 0;  // so many segments, from 0 on, keep the promise
};

template <class T>
class Fitter {
  using Piecewise = detail::Piecewise<T>;
  using Side = detail::Side<T>;
  using Stretch = detail::Stretch<T>;
  static constexpr int kSegments = Piecewise::kSegments;
  static constexpr bool kIsFast = std::is_same_v<T, float>;

 public:
  Fitter(const Definition& definition, int order, const double* p);

  // Whether the function is made of straight lines and parabolas, or has a kink beside 0: its kernel is
  // as quick.
  bool is_simple() const;
  // The polynomials that should cost least for normal inputs of standard deviation 3; nullptr where none
  // are worth it.
  std::unique_ptr<Piecewise> best() const;

 private:
  std::vector<double> rough(const std::vector<float>& x) const {
    std::vector<double> y(x.size());
    definition_.kernels->rough[order_](x.data(), y.data(), x.size(), p_);
    return y;
  }
  // What the polynomials are laid through: f, or f / x where f is 0 at 0.
  std::vector<double> smooth(const std::vector<float>& x) const {
    std::vector<double> y = rough(x);
    for (std::size_t i = 0; times_ && i < x.size(); ++i) y[i] /= static_cast<double>(x[i]);
    return y;
  }
  // What the function's size is measured by next to a zero, as its claims say; 0 elsewhere, and for
  // doubles, which have to keep their promise relative to the result.
  double scale_at(float x) const;
  // What errors are counted in: one unit in the last place of `want`, or of that scale; for doubles
  // `want` itself.
  double unit(float x, double want) const;
  // What q gives for x, and `want`, the truth, where a kernel is asked.
  std::vector<T> run(const Piecewise& q, const std::vector<float>& x,
                     const std::vector<double>& want) const {
    std::vector<T> y(x.size());
    if constexpr (kIsFast) {
      evaluate(q, kernel_, p_, x.data(), y.data(), x.size());
    } else {
      y = want;
      evaluate(q, x.data(), y.data(), x.size());
    }
    return y;
  }

  Side prepare(float sign, float width) const;
  Stretch lay(const Side& side, int degree) const;
  Piecewise joined(const Stretch& left, int n_left, const Stretch& right, int n_right,
                   int degree) const;
  double cost(const Stretch& left, int n_left, const Stretch& right, int n_right, int degree) const;
  // Where q breaks the promise, next to 0; NaN if nowhere.
  float broken_at(const Piecewise& q) const;

  const Definition& definition_;
  int order_;
  const double* p_;
  Loop<float> kernel_;
  bool folded_, even_, times_;
  std::vector<Claim> scaled_;
  float flat_from_ = kInf;  // from here on the smooth part is a constant
};

template <class T>
Fitter<T>::Fitter(const Definition& definition, int order, const double* p)
    : definition_(definition),
      order_(order),
      p_(p),
      kernel_(definition.kernels->f32.evaluate[order]) {
  const Symmetry symmetry = definition.info.symmetry;
  even_ = is_even(symmetry, order);
  folded_ = even_ || is_odd(symmetry, order);
  times_ = rough({0.0f})[0] == 0;
  for (const Claim& claim : definition.claims) {
    if (kIsFast && claim.type == Type::f32 && claim.order == order && claim.scale > 0)
      scaled_.push_back(claim);
  }
  std::vector<float> x{3e38f, 1e30f, 1e20f, 1e10f, 1e5f, 1e3f, 100.0f};
  const std::size_t far = x.size();
  for (int k = 4 * kSegments; k > 0; --k) x.push_back(static_cast<float>(k) / 4);
  const std::vector<double> y = smooth(x);
  for (std::size_t i = 0; i < x.size() && std::abs(y[i] - y[0]) <= Kind<T>::kFlat * std::abs(y[0]);
       ++i) {
    if (i >= far) flat_from_ = x[i];
  }
}

template <class T>
double Fitter<T>::scale_at(float x) const {
  double scale = 0;
  for (const Claim& c : scaled_) {
    if (x >= c.low && x <= c.high) scale = std::max(scale, c.scale);
  }
  return scale;
}

template <class T>
double Fitter<T>::unit(float x, double want) const {
  if (!kIsFast) return std::abs(want);
  constexpr double kLeast = std::numeric_limits<float>::min();
  const double size = std::max({std::abs(want), scale_at(x), kLeast});
  return std::bit_cast<double>(std::bit_cast<std::uint64_t>(size) & 0x7ff0000000000000) * 0x1p-23;
}

template <class T>
Side<T> Fitter<T>::prepare(float sign, float width) const {
  Side side{.sign = sign, .width = width};
  // At its center, where t = 0, a segment's value is nothing but its first coefficient: near the middle
  // a number is taken at which that is almost a float (Gal's method). In a steep tail it is not the
  // middle but a quarter from the small end: over most of the segment what is added to the first
  // coefficient then has its sign, and roundings count less. A double has bits to spare.
  constexpr int kAside = kIsFast ? 12 : 0, kCenters = 2 * kAside + 1;
  std::vector<float> ends;
  for (int k = 0; k < kSegments; ++k) {
    for (const float end : {-0.5f, 0.5f}) ends.push_back(side.middle(k) + end * width);
  }
  const std::vector<double> at_ends = smooth(ends);
  std::vector<float> x;
  for (int k = 0; k < kSegments; ++k) {
    const double one = std::abs(at_ends[2 * k]), other = std::abs(at_ends[2 * k + 1]);
    const bool steep = kIsFast && scale_at(ends[2 * k]) == 0 && scale_at(ends[2 * k + 1]) == 0 &&
                       (3 * one < other || 3 * other < one);
    const float aside = !steep ? 0 : one < other ? -0.25f : 0.25f;
    for (int i = -kAside; i <= kAside; ++i) {
      x.push_back(side.middle(k) + (aside + static_cast<float>(i) / 512) * width);
    }
  }
  const std::vector<double> y = smooth(x);
  for (int k = 0; k < kSegments; ++k) {
    double least = kInf;
    for (std::size_t i = k * kCenters; i < (k + 1u) * kCenters; ++i) {
      const double rest = std::abs(y[i] - static_cast<double>(static_cast<T>(y[i])));
      if (!(rest < least)) continue;
      least = rest;
      side.center[k] = static_cast<T>(x[i]);
      side.at_center[k] = static_cast<T>(y[i]);
    }
  }
  for (int k = 0; k < kSegments; ++k) {
    for (int i = 0; i < kProbes; ++i) {
      const float place = (static_cast<float>(i) + 0.01f) / (kProbes - 0.98f) - 0.5f;
      side.x.push_back(side.middle(k) + width * place);
    }
  }
  side.want = rough(side.x);
  for (std::size_t i = 0; i < side.x.size(); ++i) {
    side.unit.push_back(unit(side.x[i], side.want[i]));
    if (i % kProbes > 0 && scale_at(side.x[i]) == 0) {
      side.has_zero[i / kProbes] |= side.want[i] * side.want[i - 1] < 0;
    }
  }
  return side;
}

template <class T>
Stretch<T> Fitter<T>::lay(const Side& side, int degree) const {
  Stretch s{.side = &side};
  const int n = degree + 1;
  std::vector<float> x;
  for (int k = 0; k < kSegments; ++k) {
    for (int i = 0; i < n; ++i) {  // Chebyshev's nodes
      const double place = std::cos((2 * i + 1) * M_PI / (2 * n)) / 2;
      x.push_back(side.middle(k) + side.width * static_cast<float>(place));
    }
  }
  const std::vector<double> y = smooth(x);
  for (int k = 0; k < kSegments; ++k) {
    std::array<double, Piecewise::kMostDegree + 1> t{}, d{}, c{};
    for (int i = 0; i < n; ++i) {
      t[i] = static_cast<double>(x[k * n + i]) - static_cast<double>(side.center[k]);
      d[i] = y[k * n + i];
    }
    for (int j = 1; j < n; ++j) {  // Newton's divided differences
      for (int i = n - 1; i >= j; --i) d[i] = (d[i] - d[i - 1]) / (t[i] - t[i - j]);
    }
    for (int i = n - 1; i >= 0; --i) {  // c = c (t - t_i) + d_i
      for (int j = n - 1; j > 0; --j) c[j] = c[j - 1] - t[i] * c[j];
      c[0] = d[i] - t[i] * c[0];
    }
    s.c[0][k] = side.at_center[k];
    for (int j = 1; j < n; ++j) s.c[j][k] = static_cast<T>(c[j]);
  }

  const bool left = side.sign < 0;
  const std::vector<T> got =
      run(joined(s, left ? kSegments : 0, s, left ? 0 : kSegments, degree), side.x, side.want);
  const auto keeps_promise = [&](int k) {
    for (std::size_t i = k * kProbes; i < (k + 1u) * kProbes; ++i) {
      if (!(std::abs(got[i] - side.want[i]) <= Kind<T>::allowed_at_few(order_) * side.unit[i]))
        return false;
    }
    return !side.has_zero[k];
  };
  while (s.right < kSegments && keeps_promise(s.right)) ++s.right;
  return s;
}

template <class T>
Piecewise<T> Fitter<T>::joined(const Stretch& left, int n_left, const Stretch& right, int n_right,
                               int degree) const {
  Piecewise q = {};
  const auto copy = [&](int to, const Stretch& s, int from) {
    q.center[to] = s.side->center[from];
    for (int j = 0; j <= degree; ++j) q.c[j][to] = s.c[j][from];
  };
  for (int k = 0; k < n_left; ++k) copy(n_left - 1 - k, left, k);
  for (int k = 0; k < n_right; ++k) copy(n_left + k, right, k);
  q.degree = std::max(degree, Piecewise::kLeastDegree);
  q.left = n_left;
  q.left_scale = 1 / static_cast<T>(left.side->width);
  q.right_scale = 1 / static_cast<T>(right.side->width);
  q.folded = folded_;
  q.even = even_;
  q.times_argument = times_;
  // A scale is rounded, and so is the product with it: next to the ends it may name a segment too many.
  constexpr float kInside = 1 - 0x1p-20f;
  q.low = -left.side->width * static_cast<float>(n_left) * kInside;
  q.high = right.side->width * static_cast<float>(n_right) * kInside;
  q.end = flat_from_ <= q.high ? q.high : kInf;
  return q;
}

// In cycles for a register of elements; what lies outside is looked for block by block, and costs a
// kernel.
template <class T>
double Fitter<T>::cost(const Stretch& left, int n_left, const Stretch& right, int n_right,
                       int degree) const {
  const auto below = [](double x) { return std::erfc(-x / (3 * std::sqrt(2.0))) / 2; };
  const double high = static_cast<double>(right.side->width) * n_right;
  const double low = static_cast<double>(left.side->width) * -n_left;
  const double above = static_cast<double>(flat_from_) <= high ? 0 : below(-high);
  const double outside = folded_ ? 2 * above : above + below(low);
  const bool two_scales = left.side->width != right.side->width;
  const int instructions = 2 * degree + 13 + 3 * two_scales + (kIsFast ? 0 : 8);
  return instructions / 2.0 + (kIsFast ? 4 : 2) * (1 - std::pow(1 - outside, kPiecewiseBlock)) +
         11 * Piecewise::kLanes * outside;
}

template <class T>
float Fitter<T>::broken_at(const Piecewise& q) const {
  std::vector<float> x{std::nextafter(q.low, 0.0f), q.high};
  constexpr int kMany = 1 << 16;
  for (int i = 1; i < kMany; ++i) {
    const float place = static_cast<float>(i) / kMany;
    x.push_back(q.low < 0 && !q.folded ? q.low + (q.high - q.low) * place : q.high * place);
  }
  for (float power = 0.5f; power > 0; power /= 2) {
    const int of_a_binade = power > 0x1p-13f ? 256 : 8;
    for (int k = 0; k < of_a_binade; ++k) {
      x.push_back(power + power * static_cast<float>(k) / static_cast<float>(of_a_binade));
      x.push_back(-x.back());
    }
  }
  for (const Kink& kink : definition_.info.kinks) {
    x.push_back(static_cast<float>(kink.position({p_, definition_.info.parameters.size()})));
  }
  if (q.end < kInf) {
    for (const float size : {1.0f, 1.001f, 1.5f, 3.0f, 1e2f, 1e10f, 1e30f})
      x.push_back(q.end * size);
  }
  const std::vector<double> want = rough(x);
  const std::vector<T> got = run(q, x, want);
  float broken = std::numeric_limits<float>::quiet_NaN();
  for (std::size_t i = 0; i < x.size(); ++i) {
    const double allowed = Kind<T>::allowed_at_many(order_) * unit(x[i], want[i]);
    if (std::abs(got[i] - want[i]) <= allowed || std::abs(x[i]) >= std::abs(broken)) continue;
    broken = x[i];
  }
  if constexpr (kIsFast) {
    const std::vector<float> zeros{0.0f, -0.0f}, at_zero = run(q, zeros, {});
    std::vector<float> kernel_at_zero(2);
    kernel_(zeros.data(), kernel_at_zero.data(), 2, p_);
    if (std::memcmp(at_zero.data(), kernel_at_zero.data(), 2 * sizeof(float)) != 0) return 0.0f;
  }
  return broken;
}

template <class T>
bool Fitter<T>::is_simple() const {
  for (const Kink& kink : definition_.info.kinks) {
    if (kink.position({p_, definition_.info.parameters.size()}) != 0) return true;
  }
  const Side left = prepare(-1, 1), right = prepare(1, 1);
  return lay(left, 2).right > 1 && lay(right, 2).right > 1;
}

template <class T>
std::unique_ptr<Piecewise<T>> Fitter<T>::best() const {
  // A wider segment needs a higher degree, and reaches further.
  constexpr float kWidest = kIsFast ? 1 : 2;
  constexpr std::array kWidths{kWidest,          0.75f * kWidest, 0.5f * kWidest,
                               0.375f * kWidest, 0.25f * kWidest, 0.1875f * kWidest};
  std::vector<Side> left_sides, right_sides;
  for (const float width : kWidths) {
    right_sides.push_back(prepare(1, width));
    if (!folded_) left_sides.push_back(prepare(-1, width));
  }
  struct Candidate {
    double cost;
    int degree;
    std::size_t left, right;
    int n_left, n_right;
  };
  std::vector<Candidate> candidates;
  std::array<std::vector<Stretch>, Piecewise::kMostDegree + 1> left, right;
  for (int degree = Piecewise::kLeastDegree; degree <= Piecewise::kMostDegree; ++degree) {
    const auto lay_all = [&](const std::vector<Side>& sides, auto& by_degree) {
      for (std::size_t k = 0; k < sides.size(); ++k) {
        const bool done =
            degree > Piecewise::kLeastDegree && by_degree[degree - 1][k].right == kSegments;
        by_degree[degree].push_back(done ? by_degree[degree - 1][k] : lay(sides[k], degree));
      }
    };
    lay_all(right_sides, right);
    lay_all(left_sides, left);
    const auto consider = [&](std::size_t l, int n_left, std::size_t r, int n_right) {
      const Stretch& on_left = folded_ ? right[degree][r] : left[degree][l];
      if (n_left > on_left.right || n_right > right[degree][r].right) return;
      const double c = cost(on_left, n_left, right[degree][r], n_right, degree);
      if (c < Kind<T>::kWorthIt) candidates.push_back({c, degree, l, r, n_left, n_right});
    };
    for (std::size_t r = 0; r < right_sides.size(); ++r) {
      // The one segment left of a folded 0 is for a = 0.
      if (folded_) consider(r, 1, r, std::min(right[degree][r].right, kSegments - 1));
      for (std::size_t l = r; l < left_sides.size(); ++l) {
        for (int n = 1; n < kSegments; ++n) consider(l, n, r, kSegments - n);
      }
    }
  }
  std::sort(candidates.begin(), candidates.end(),
            [](const Candidate& a, const Candidate& b) { return a.cost < b.cost; });
  int trials = 0;
  for (const Candidate& c : candidates) {
    Stretch& on_right = right[c.degree][c.right];
    Stretch& on_left = folded_ ? on_right : left[c.degree][c.left];
    if (c.n_left > on_left.right || c.n_right > on_right.right) continue;
    auto q = std::make_unique<Piecewise>(joined(on_left, c.n_left, on_right, c.n_right, c.degree));
    const float broken = broken_at(*q);
    if (std::isnan(broken)) return q;
    if (broken == 0 || ++trials == kTrials) break;
    Stretch& at_fault = broken < 0 ? on_left : on_right;
    at_fault.right =
        std::min(at_fault.right, static_cast<int>(std::abs(broken) / at_fault.side->width));
  }
  return nullptr;
}

// Those in `slot`, laid if nobody asked yet; where there are none it holds some without a degree.
template <class T>
const Piecewise<T>* polynomials(std::atomic<const Piecewise<T>*>& slot,
                                const Definition& definition, int order, const double* p) {
  if (!has_default_parameters(definition, p)) return nullptr;
  const Piecewise<T>* found = made_once(slot, [&] {
    const bool may_have = !definition.quick && target_has_polynomials() &&
                          !Fitter<float>(definition, 0, p).is_simple();
    auto best = may_have ? Fitter<T>(definition, order, p).best() : nullptr;
    return best ? std::move(best) : std::make_unique<Piecewise<T>>();
  });
  return found->degree == 0 ? nullptr : found;
}

}  // namespace

const Piecewise<float>* fast_polynomials(const Definition& definition, int order, const double* p) {
  return polynomials(definition.fast_polynomials[order], definition, order, p);
}
const Piecewise<double>* exact_polynomials(const Definition& definition, int order,
                                           const double* p) {
  if (order == 2) return nullptr;
  return polynomials(definition.exact_polynomials[order], definition, order, p);
}

}  // namespace gradkeep::detail
