// Groups of equal weights; see tie.h.
// SPDX-License-Identifier: Apache-2.0
#include "nn/tie.h"

#include <algorithm>

namespace gradkeep::nn {

std::vector<int> tie_convolution(int side) {
  const int pixels = side * side;
  std::vector<int> tie(static_cast<std::size_t>(pixels) * pixels, -1);
  for (int to = 0; to < pixels; ++to) {
    for (int i = 0; i < 3; ++i) {
      for (int j = 0; j < 3; ++j) {
        const int r = to / side + i - 1, c = to % side + j - 1;
        if (r < 0 || r >= side || c < 0 || c >= side) continue;
        tie[static_cast<std::size_t>(to) * pixels + r * side + c] = 3 * i + j;
      }
    }
  }
  return tie;
}

int groups(std::span<const int> tie) {
  return tie.empty() ? 0 : std::max(0, 1 + *std::max_element(tie.begin(), tie.end()));
}

Fans fans(Matrix<const int> tie) {
  std::vector<int> in(tie.rows), out(tie.cols);
  for (int r = 0; r < tie.rows; ++r) {
    for (int c = 0; c < tie.cols; ++c) {
      in[r] += tie(r, c) >= 0;
      out[c] += tie(r, c) >= 0;
    }
  }
  return {*std::max_element(in.begin(), in.end()), *std::max_element(out.begin(), out.end())};
}

template <class T>
void add_within_groups(std::span<T> dw, std::span<const int> tie, std::span<double> sums) {
  std::fill(sums.begin(), sums.end(), 0.0);
  for (std::size_t i = 0; i < dw.size(); ++i) {
    if (tie[i] >= 0) sums[tie[i]] += dw[i];
  }
  for (std::size_t i = 0; i < dw.size(); ++i) {
    dw[i] = tie[i] >= 0 ? static_cast<T>(sums[tie[i]]) : T(0);
  }
}

template void add_within_groups(std::span<float>, std::span<const int>, std::span<double>);
template void add_within_groups(std::span<double>, std::span<const int>, std::span<double>);

}  // namespace gradkeep::nn
