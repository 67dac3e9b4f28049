// Curves drawn with characters: braille dots, 2 by 4 to a cell, or plain ASCII where the terminal
// has nothing else.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <span>
#include <string>
#include <vector>

namespace gradkeep::cli {

struct Panel {
  std::string title;
  std::function<double(double)> curve;
  std::vector<double> jumps;  // inputs where the curve is not joined
};

// Lines of equal width in columns: the panels side by side over [low, high], each with its own
// vertical scale, its least and greatest value written beside it and dotted axes through the
// origin.
std::vector<std::string> draw(std::span<const Panel> panels, double low, double high, int width,
                              int height, bool unicode);

}  // namespace gradkeep::cli
