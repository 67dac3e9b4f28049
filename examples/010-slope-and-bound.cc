// One slope, and what twenty layers of such slopes leave of a gradient at best. In float32 other
// libraries answer 0 to the first question; the slope is small there, not gone.
// SPDX-License-Identifier: Apache-2.0
#include <gradkeep/flow.h>

#include <cstdio>

int main() {
  const gradkeep::Activation sigmoid("sigmoid");
  std::printf("slope at 20: %g\n", sigmoid(20, 1));
  std::printf("through 20 layers at most: %g\n", gradkeep::chain_bound(sigmoid, 20));
}

// Output:
// slope at 20: 2.06115e-09
// through 20 layers at most: 9.09495e-13
