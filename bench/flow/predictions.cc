// How long mean-field predictions take: NAME WEIGHT_STD BIAS_STD prints, in milliseconds, one
// prediction by a new object, one by an object that has answered before, and the phase diagram of
// 200 x 200 points on two threads (the processor's time, but for the diagram); then q, chi_1 and V'(q), so that a peer can be held against them.
// SPDX-License-Identifier: Apache-2.0
#include <gradkeep/critical.h>
#include <gradkeep/phase.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <vector>

namespace {

template <class F>
double milliseconds(int repeats, const F& work) {
  const std::clock_t start = std::clock();
  for (int i = 0; i < repeats; ++i) work();
  return 1e3 * static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC / repeats;
}

template <class F>
double wall_milliseconds(const F& work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  const auto passed = std::chrono::steady_clock::now() - start;
  return std::chrono::duration<double, std::milli>(passed).count();
}

std::vector<double> steps(double low, double high) {
  std::vector<double> out;
  for (int i = 0; i < 200; ++i) out.push_back(low + (high - low) * i / 199);
  return out;
}

}  // namespace

int main(int argc, char** argv) {
  using namespace gradkeep;
  if (argc != 4) {
    std::fprintf(stderr, "expected NAME WEIGHT_STD BIAS_STD\n");
    return 2;
  }
  const Activation f(argv[1]);
  const WeightScale scale{std::atof(argv[2]), std::atof(argv[3])};
  FixedPoint point;
  const auto predict = [&](const MeanField& field) {
    const std::vector<FixedPoint> all = field.fixed_points(scale);
    point = *std::find_if(all.begin(), all.end(), [](const FixedPoint& p) { return p.q > 0; });
    return gains(field).forward;
  };
  double sum = 0;
  const double cold = milliseconds(1, [&] { sum += predict(MeanField(f)); });
  const MeanField field(f);
  sum += predict(field);
  const double warm = milliseconds(500, [&] { sum += predict(field); });
  const double phase = wall_milliseconds(
      [&] { sum += phase_diagram(MeanField(f), steps(0.5, 4), steps(0, 2)).points[0].q; });
  std::printf("%.6f %.6f %.6f %.17g %.17g %.17g\n", cold, warm, phase, point.q, point.chi_1,
              point.length_slope);
  return sum > 0 ? 0 : 1;
}
