// What the units of the hidden layers have shown: a slope that is not zero, a pre-activation above
// zero. Seen remembers it over a whole data set, weights held still; Recent over the examples that a
// training shows one after another, while the weights move.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <numeric>
#include <vector>

#include "nn/network.h"
#include "probe/snapshot.h"

namespace gradkeep::probe {

// Of one layer. Most units show both on the first few examples, and only the others are looked at
// from then on.
template <class T>
class Seen {
 public:
  explicit Seen(int units) : units_(units), flat_(units) {
    std::iota(flat_.begin(), flat_.end(), 0);
    silent_ = flat_;
  }

  void look(const nn::LayerView<T>& view) {
    if (!view.slope.data) flat_.clear();
    strike(view.slope, flat_, [](T v) { return v != 0; });
    strike(view.h, silent_, [](T v) { return v > 0; });
  }
  bool all_slope() const { return flat_.empty(); }
  bool all() const { return flat_.empty() && silent_.empty(); }
  std::vector<Unit> units() const {
    std::vector<Unit> result(units_, {true, true});
    for (const int unit : flat_) result[unit].has_slope = false;
    for (const int unit : silent_) result[unit].fires = false;
    return result;
  }

 private:
  template <class Shows>
  static void strike(nn::Matrix<const T> values, std::vector<int>& waiting, const Shows& shows) {
    for (int row = 0; row < values.rows && !waiting.empty(); ++row) {
      const T* v = values.row(row).data();
      std::erase_if(waiting, [&](int unit) { return shows(v[unit]); });
    }
  }

  int units_;
  std::vector<int> flat_, silent_;  // those that have not shown it yet
};

// Of all hidden layers of a snapshot, over the last `window` examples.
class Recent {
 public:
  explicit Recent(std::size_t window) : window_(static_cast<double>(window)) {}

  void look(const std::vector<Layer>& layers) {
    last_.resize(layers.size());
    seen_ += layers.front().h.rows;
    for (std::size_t i = 0; i < layers.size(); ++i) {
      if (!layers[i].hidden) continue;
      note(layers[i].slope, last_[i].slope, [](double v) { return v != 0; });
      note(layers[i].h, last_[i].fires, [](double v) { return v > 0; });
    }
  }
  // Empty before so many examples have come.
  std::vector<std::vector<Unit>> units() const {
    std::vector<std::vector<Unit>> result;
    if (seen_ < window_) return result;
    for (const auto& [slope, fires] : last_) {
      if (slope.empty()) continue;
      auto& units = result.emplace_back();
      for (std::size_t unit = 0; unit < slope.size(); ++unit)
        units.push_back({seen_ - slope[unit] < window_, seen_ - fires[unit] < window_});
    }
    return result;
  }

 private:
  // By unit, how many examples had been seen when it last did so; -infinity where it never has. Of
  // double as h and the slope are, so that several units are compared and noted at once.
  struct Last {
    std::vector<double> slope, fires;
  };

  template <class Shows>
  void note(const Table& values, std::vector<double>& last, const Shows& shows) const {
    last.resize(values.columns, -kInfinity);
    double* __restrict at = last.data();
    const double now = seen_;
    for (int row = 0; row < values.rows; ++row) {
      const double* __restrict v = values.row(row).data();
      for (int unit = 0; unit < values.columns; ++unit) at[unit] = shows(v[unit]) ? now : at[unit];
    }
  }

  double window_, seen_ = 0;
  std::vector<Last> last_;
};

}  // namespace gradkeep::probe
