// The script of a figure: curves of values and derivatives over an interval, as gnuplot reads it.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gradkeep/core.h>

#include <string>
#include <vector>

namespace gradkeep::cli {

struct Figure {
  std::vector<Activation> functions;
  std::vector<int> orders;
  double low = -4, high = 4;
  bool overlay = false;  // all orders in one picture instead of one panel each
  bool grid = false;
  std::string title;
  bool png = false;  // or SVG
};

std::string figure_script(const Figure& figure, const std::string& file);

}  // namespace gradkeep::cli
