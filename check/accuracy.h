// How accurate an implementation is: it is run over a sample, and each of its results is compared
// with truth in units in the last place. Truth is computed once for all implementations at hand,
// over all cores, and can be interrupted.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <span>
#include <vector>

#include "check/truth.h"

namespace gradkeep::check {

// An interval of inputs with a bound on the error. With scale > 0 the unit is ulp(scale), and
// inputs in it belong to no band without a scale: a zero lies here, where large addends cancel.
struct Band {
  double low = -kInfinity, high = kInfinity;
  double scale = 0;
};
Band band_of(const Claim& claim);

// Results over one band.
struct Tally {
  long count = 0;
  double max_ulp = 0, sum_ulp = 0;
  double worst_x = 0, worst_got = 0, worst_want = 0;
  long misrounded = 0;
  double misrounded_x = 0, misrounded_got = 0, misrounded_want = 0;  // the first of them

  double mean_ulp() const { return count ? sum_ulp / static_cast<double>(count) : 0; }
  void add(double x, double got, const Reference& t, double unit);
  void merge(const Tally& other);
};

// Computes out[i] from x[i], as an Activation's functions do.
template <class T>
using Implementation = std::function<void(std::span<const T> x, std::span<T> out)>;

struct Sweep {
  std::vector<Band> bands{Band{}};
  int threads = 0;  // 0: one per core
  // Called now and then, never from two threads at once, with the share done; false stops the
  // sweep.
  std::function<bool(double)> progress;
};

struct Accuracy {
  std::vector<std::vector<Tally>> tallies;  // [implementation][band]
  Work work;
  double seconds = 0;
  bool stopped = false;
};

// Inputs where truth has no answer (parameter slopes at infinity) are left out.
template <class T>
Accuracy measure_accuracy(const Truth& truth, Ask ask, std::span<const T> x,
                          std::span<const Implementation<T>> implementations,
                          const Sweep& sweep = {});

}  // namespace gradkeep::check
