// SPDX-License-Identifier: Apache-2.0

#include "check/accuracy.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <exception>
#include <map>
#include <mutex>
#include <thread>
#include <utility>

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

// Truth for a sample. Far out a derivative may be a difference of exponentials of which double balls know
// only that it rounds to zero; to settle the zero's sign takes fifty times as long as all the rest. It
// is asked at the two ends of x's binade, and where they agree taken to be the same between.
class Sampled {
 public:
  Sampled(const Truth& truth, Ask ask, const Format& format)
      : truth_(truth), ask_(ask), format_(format) {}

  Reference at(double x, Work& work) {
    if (!rounds_to_zero(x)) return truth_.at(ask_, x, format_, &work);
    const int exponent = exponent_of(x);
    const auto [place, fresh] = signs_.try_emplace({exponent, x < 0}, 0);
    if (fresh) {
      const double end = std::copysign(std::ldexp(1.0, exponent), x);
      const double one = truth_.at(ask_, end, format_, &work).rounded;
      const double other = truth_.at(ask_, std::nextafter(2 * end, 0), format_, &work).rounded;
      const bool agree = one == 0 && other == 0 && std::signbit(one) == std::signbit(other);
      if (agree) place->second = std::signbit(one) ? -1 : 1;
    }
    if (place->second == 0) return truth_.at(ask_, x, format_, &work);
    ++work.values;
    return {.rounded = std::copysign(0.0, place->second), .unit = ulp(0, format_)};
  }

 private:
  // So far below half of the least number that the rest is no error either.
  bool rounds_to_zero(double x) const {
    const bool derivative = is_order(ask_) && ask_ != Ask::value;
    if (!derivative || format_ == kBinary64 || x == 0 ||
        !(x > truth_.domain().low && x < truth_.domain().high)) {
      return false;
    }
    try {
      const DoubleBall t = truth_.in_doubles(ask_, x);
      const double size = std::max(std::abs(t.low()), std::abs(t.high()));
      return size < ulp(0, format_) * 0x1p-20 && !t.exact();
    } catch (const Undecided&) {
      return false;
    }
  }

  const Truth& truth_;
  Ask ask_;
  const Format& format_;
  std::map<std::pair<int, bool>, int> signs_;  // by exponent and sign of x; 0 where the ends differ
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
  const auto start = std::chrono::steady_clock::now();
  const Format& format = kFormatOf<T>;
  const std::size_t bands = sweep.bands.size();
  Accuracy total;
  total.tallies.assign(implementations.size(), std::vector<Tally>(bands));
  std::vector<double> units;
  for (const Band& band : sweep.bands)
    units.push_back(band.scale > 0 ? ulp(band.scale, format) : 0);

  std::atomic<std::size_t> next = 0;
  std::atomic<bool> stop = false;
  std::mutex mutex;
  std::exception_ptr failure;

  const auto block = [&](std::size_t first, Accuracy& mine, std::vector<std::size_t>& chosen,
                         std::vector<std::vector<T>>& got, Sampled& sampled) {
    const std::size_t size = std::min(kBlock, x.size() - first);
    for (std::size_t k = 0; k < implementations.size(); ++k) {
      got[k].resize(size);
      implementations[k](x.subspan(first, size), std::span<T>(got[k]));
    }
    for (std::size_t i = 0; i < size; ++i) {
      const T at = x[first + i];
      if (!is_order(ask) && std::isinf(at)) continue;
      const Reference t = sampled.at(at, mine.work);
      bands_at(at, sweep.bands, chosen);
      for (std::size_t k = 0; k < implementations.size(); ++k) {
        for (std::size_t b : chosen) mine.tallies[k][b].add(at, got[k][i], t, units[b]);
      }
    }
  };
  const auto work = [&] {
    Accuracy mine;
    mine.tallies.assign(implementations.size(), std::vector<Tally>(bands));
    std::vector<std::size_t> chosen;
    std::vector<std::vector<T>> got(implementations.size());
    Sampled sampled(truth, ask, format);
    try {
      for (std::size_t first; !stop && (first = next.fetch_add(kBlock)) < x.size();) {
        block(first, mine, chosen, got, sampled);
        if (sweep.progress) {
          const std::lock_guard lock(mutex);
          const auto done = static_cast<double>(std::min(first + kBlock, x.size()));
          if (!sweep.progress(done / static_cast<double>(x.size()))) stop = true;
        }
      }
    } catch (...) {
      const std::lock_guard lock(mutex);
      failure = std::current_exception();
      stop = true;
    }
    const std::lock_guard lock(mutex);
    for (std::size_t k = 0; k < implementations.size(); ++k) {
      for (std::size_t b = 0; b < bands; ++b) total.tallies[k][b].merge(mine.tallies[k][b]);
    }
    total.work.values += mine.work.values;
    total.work.escalations += mine.work.escalations;
  };

  const unsigned threads = sweep.threads > 0 ? static_cast<unsigned>(sweep.threads)
                                             : std::max(1u, std::thread::hardware_concurrency());
  {
    std::vector<std::jthread> pool;
    for (unsigned k = 0; k < threads; ++k) pool.emplace_back(work);
  }
  if (failure) std::rethrow_exception(failure);
  total.stopped = stop;
  total.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return total;
}

template Accuracy measure_accuracy(const Truth&, Ask, std::span<const float>,
                                   std::span<const Implementation<float>>, const Sweep&);
template Accuracy measure_accuracy(const Truth&, Ask, std::span<const double>,
                                   std::span<const Implementation<double>>, const Sweep&);

}  // namespace gradkeep::check
