// What the native guest of `gradkeep bench` offers: each library's rows for a task. The protocol
// stands in cli/bench_guest.h, the conversation in native_peers.cc.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace gradkeep::bench {

struct Task {
  std::string name, pass, type;
  std::size_t elements = 0;
  int threads = 1;
  std::vector<double> parameters;
  const void *in = nullptr, *dy = nullptr;
  void* out = nullptr;

  bool backward() const { return pass == "backward"; }
  double parameter(std::size_t k) const { return k < parameters.size() ? parameters[k] : 0; }
};

struct Row {
  std::string peer, how;
  std::function<void()> call;
};

using Rows = std::vector<Row>;
using Versions = std::vector<std::pair<std::string, std::string>>;

// Nothing where the library is not there, or has nothing for the task.
Rows onednn_rows(const Task& task);
Rows sleef_rows(const Task& task);
Rows mkl_rows(const Task& task);
Versions onednn_versions();
Versions sleef_versions();
Versions mkl_versions();

// Calls work(begin, end) for slices of [0, n), one on each thread; libraries without threads of their
// own are run so.
template <class Work>
void in_slices(std::size_t n, int threads, const Work& work) {
  constexpr std::size_t kLine = 64;  // no two threads write to one cache line
  if (threads == 1 || n <= kLine) {
    work(std::size_t{0}, n);
    return;
  }
  const std::size_t share = (n / threads + kLine - 1) / kLine * kLine;
#pragma omp parallel for num_threads(threads) schedule(static, 1)
  for (int t = 0; t < threads; ++t) {
    const std::size_t begin = std::min(n, share * t);
    work(begin, t + 1 == threads ? n : std::min(n, begin + share));
  }
}

}  // namespace gradkeep::bench
