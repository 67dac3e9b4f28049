// The slope from the cached output. Frameworks keep y = f(x) for the way back and compute the slope
// from it, y (1 - y) for the sigmoid: nothing but y has to be stored. It is as good as y is: where y
// has rounded to 1 the slope is lost, though from x it is still known.
// SPDX-License-Identifier: Apache-2.0
#include <gradkeep/core.h>

#include <array>
#include <cstdio>

int main() {
  const gradkeep::Activation sigmoid("sigmoid");
  const std::array<float, 5> x = {-20, 0, 10, 17, 20};
  std::array<float, 5> y, from_x, from_y, dx;
  sigmoid.value<float>(x, y, gradkeep::Tier::exact);
  sigmoid.slope<float>(x, from_x);
  sigmoid.slope_from_output<float>(y, from_y);
  for (std::size_t i = 0; i < x.size(); ++i) {
    std::printf("x = %3g: y = %.8g, slope from x %.4g, from y %.4g\n", x[i], y[i], from_x[i],
                from_y[i]);
  }

  // A layer's way back in one call: what arrives, times the slope.
  const std::array<float, 5> arriving = {1, 1, 1, 1, 1};
  sigmoid.backward_from_output<float>(y, arriving, dx);
  std::printf("of a gradient of 1, %.4g passes at x = 10 and %g at x = 20\n", dx[2], dx[4]);
}

// Output:
// x = -20: y = 2.0611537e-09, slope from x 2.061e-09, from y 2.061e-09
// x =   0: y = 0.5, slope from x 0.25, from y 0.25
// x =  10: y = 0.99995458, slope from x 4.54e-05, from y 4.542e-05
// x =  17: y = 0.99999994, slope from x 4.14e-08, from y 5.96e-08
// x =  20: y = 1, slope from x 2.061e-09, from y 0
// of a gradient of 1, 4.542e-05 passes at x = 10 and 0 at x = 20
