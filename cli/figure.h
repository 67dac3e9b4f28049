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
  double bottom = -kInfinity, top = kInfinity;  // curves are cut there; 0 lies between
  bool overlay = false;                         // all orders in one picture, not a panel each
  bool grid = false;
  bool transparent = false;   // for pages whose background may be light or dark
  int width = 0, height = 0;  // 0: what the panels need
  std::string title;
  bool png = false;  // or SVG
};

std::string figure_script(const Figure& figure, const std::string& file);

}  // namespace gradkeep::cli
