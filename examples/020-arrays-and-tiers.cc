// Whole arrays at once: value and slope share their work, and the exact tier returns the float
// nearest to the real number, hence the same bits on every machine.
// SPDX-License-Identifier: Apache-2.0
#include <gradkeep/core.h>

#include <array>
#include <bit>
#include <cstdint>
#include <cstdio>

int main() {
  const std::array<float, 4> x = {-5.5f, -1, 0, 3};
  std::array<float, 4> y, dy, exact;
  const gradkeep::Activation gelu("gelu");
  gelu.value_and_slope<float>(x, y, dy);
  gelu.value<float>(x, exact, gradkeep::Tier::exact);
  for (std::size_t i = 0; i < x.size(); ++i) {
    std::printf("gelu(%g) = %.4g, slope %.4g, exactly rounded 0x%08x\n", x[i], y[i], dy[i],
                std::bit_cast<std::uint32_t>(exact[i]));
  }
}

// Output:
// gelu(-5.5) = -1.044e-07, slope -5.733e-07, exactly rounded 0xb3e049ec
// gelu(-1) = -0.1587, slope -0.08332, exactly rounded 0xbe227686
// gelu(0) = 0, slope 0.5, exactly rounded 0x00000000
// gelu(3) = 2.996, slope 1.012, exactly rounded 0x403fbda6
