// SPDX-License-Identifier: Apache-2.0

#include "check/accuracy.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <utility>

#include "check/parallel.h"
#include "check/stopwatch.h"

namespace gradkeep::check {

namespace {

constexpr std::size_t kBlock = 4096;

// The bands that x belongs to: those with a scale, or else those without.
void bands_at(double x, std::span<const Band> bands, std::vector<std::size_t>& chosen) {
  chosen.clear();
  for (const bool scaled : {true, false}) {
    for (std::size_t b = 0; b < bands.size(); ++b) {
      const Band& band = bands[b];
      const bool inside = std::isnan(x) ? band.low == -kInfinity && band.high == kInfinity
                                        : band.low <= x && x <= band.high;
      if (inside && (band.scale > 0) == scaled) chosen.push_back(b);
    }
    if (!chosen.empty()) return;
  }
}

// Truth for a sample. The sign of a derivative that is next to nothing is asked at the two ends of x's
// binade, and where they agree taken to be the same between: it takes fifty times as long as all the rest.
class Sampled {
 public:
  Sampled(const Truth& truth, Ask ask, const Format& format)
      : truth_(truth), ask_(ask), format_(format) {}

  Reference at(double x, Work& work) {
    const Reference t = truth_.at(ask_, x, format_, &work, Truth::Zero::any);
    if (!t.any_zero || x == 0) return t;
    const auto [place, fresh] = zeros_.try_emplace({exponent_of(x), x < 0});
    std::optional<Reference>& zero = place->second;
    if (fresh) {
      const double end = std::copysign(std::ldexp(1.0, exponent_of(x)), x);
      const Reference one = truth_.at(ask_, end, format_, &work);
      const Reference other = truth_.at(ask_, std::nextafter(2 * end, 0), format_, &work);
      const bool agree = one.rounded == 0 && same_bits(one.rounded, other.rounded) &&
                         one.any_zero == other.any_zero;
      if (agree) zero = {.rounded = one.rounded, .unit = t.unit, .any_zero = one.any_zero};
    }
    return zero ? *zero : truth_.at(ask_, x, format_, &work);
  }

 private:
  const Truth& truth_;
  Ask ask_;
  const Format& format_;
  // By exponent and sign of x; nothing where the ends differ.
  std::map<std::pair<int, bool>, std::optional<Reference>> zeros_;
};

}  // namespace

Band band_of(const Claim& claim) { return {claim.low, claim.high, claim.scale}; }

void Tally::add(double x, double got, const Reference& t, double unit) {
  const double error = error_in_ulps(t, got, unit);
  if (count == 0 || error > max_ulp) {
    max_ulp = error;
    worst_x = x;
    worst_got = got;
    worst_want = t.rounded;
  }
  ++count;
  sum_ulp += error;
  if (!rounded_correctly(t, got) && misrounded++ == 0) {
    misrounded_x = x;
    misrounded_got = got;
    misrounded_want = t.rounded;
  }
}

void Tally::merge(const Tally& other) {
  if (other.count == 0) return;
  if (count == 0 || other.max_ulp > max_ulp) {
    max_ulp = other.max_ulp;
    worst_x = other.worst_x;
    worst_got = other.worst_got;
    worst_want = other.worst_want;
  }
  if (misrounded == 0) {
    misrounded_x = other.misrounded_x;
    misrounded_got = other.misrounded_got;
    misrounded_want = other.misrounded_want;
  }
  count += other.count;
  sum_ulp += other.sum_ulp;
  misrounded += other.misrounded;
}

template <class T>
Accuracy measure_accuracy(const Truth& truth, Ask ask, std::span<const T> x,
                          std::span<const Implementation<T>> implementations, const Sweep& sweep) {
  const Stopwatch watch;
  const Format& format = kFormatOf<T>;
  const std::size_t bands = sweep.bands.size();
  std::vector<double> units;
  for (const Band& band : sweep.bands)
    units.push_back(band.scale > 0 ? ulp(band.scale, format) : 0);

  struct Share {  // of a thread
    Sampled truth;
    Accuracy found;
    std::vector<std::size_t> chosen;
    std::vector<std::vector<T>> got;
  };
  Accuracy total;
  total.tallies.assign(implementations.size(), std::vector<Tally>(bands));
  std::vector<Share> shares(static_cast<std::size_t>(thread_count(sweep.threads)),
                            {.truth = {truth, ask, format},
                             .found = total,
                             .chosen = {},
                             .got = std::vector<std::vector<T>>(implementations.size())});

  const auto work = [&](std::size_t block, std::size_t thread) {
    Share& mine = shares[thread];
    const auto in = x.subspan(block * kBlock, std::min(kBlock, x.size() - block * kBlock));
    for (std::size_t k = 0; k < implementations.size(); ++k) {
      mine.got[k].resize(in.size());
      implementations[k](in, std::span<T>(mine.got[k]));
    }
    for (std::size_t i = 0; i < in.size(); ++i) {
      if (!is_order(ask) && std::isinf(in[i])) continue;
      const Reference t = mine.truth.at(in[i], mine.found.work);
      bands_at(in[i], sweep.bands, mine.chosen);
      for (std::size_t k = 0; k < implementations.size(); ++k) {
        for (std::size_t b : mine.chosen) {
          mine.found.tallies[k][b].add(in[i], mine.got[k][i], t, units[b]);
        }
      }
    }
  };
  const std::size_t blocks = (x.size() + kBlock - 1) / kBlock;
  total.stopped = !run_parallel(blocks, sweep.threads, work, [&](std::size_t block) {
    return !sweep.progress ||
           sweep.progress(static_cast<double>(block + 1) / static_cast<double>(blocks));
  });
  for (const Share& share : shares) {
    for (std::size_t k = 0; k < implementations.size(); ++k) {
      for (std::size_t b = 0; b < bands; ++b) {
        total.tallies[k][b].merge(share.found.tallies[k][b]);
      }
    }
    total.work.values += share.found.work.values;
    total.work.escalations += share.found.work.escalations;
  }
  total.seconds = watch.seconds();
  return total;
}

template Accuracy measure_accuracy(const Truth&, Ask, std::span<const float>,
                                   std::span<const Implementation<float>>, const Sweep&);
template Accuracy measure_accuracy(const Truth&, Ask, std::span<const double>,
                                   std::span<const Implementation<double>>, const Sweep&);

}  // namespace gradkeep::check
