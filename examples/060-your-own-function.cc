// A function of your own: ramped_softsign.h beside this file is the only place that knows of it, and after
// -DGRADKEEP_EXTRA_FUNCTIONS=ramped_softsign.h it is a function like all others: arrays on every SIMD
// target, the exact tier, theory. It becomes part of the library, so this program is built where
// gradkeep's sources are a folder of the project, not against an installed gradkeep.
// SPDX-License-Identifier: Apache-2.0
#include <gradkeep/flow.h>

#include <array>
#include <cmath>
#include <cstdio>

int main() {
  const gradkeep::Activation f("ramped_softsign");
  std::printf("%s: f(x) = %s\n", f.info().name.c_str(), f.info().formula.c_str());
  const std::array<float, 3> x = {-3, 0, 7};
  std::array<float, 3> y, dy;
  f.value_and_slope<float>(x, y, dy);
  for (std::size_t i = 0; i < x.size(); ++i) {
    std::printf("f(%g) = %g, slope %.4f\n", x[i], y[i], dy[i]);
  }
  const gradkeep::Extremes slopes = extremes(f, 1);
  std::printf("slopes from %g to %g: over 20 layers between %.3g and %g\n", slopes.low.value,
              slopes.high.value, std::pow(slopes.low.value, 20), chain_bound(f, 20));
}

// Output:
// ramped_softsign: f(x) = (x + x / (1 + |x|)) / 2
// f(-3) = -1.875, slope 0.5312
// f(0) = 0, slope 1.0000
// f(7) = 3.9375, slope 0.5078
// slopes from 0.5 to 1: over 20 layers between 9.54e-07 and 1
