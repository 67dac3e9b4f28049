// The script of a figure. Colours are those of Okabe and Ito, which stay apart for colour-blind
// eyes; every curve has a dash of its own besides, for print and for everybody else.
// SPDX-License-Identifier: Apache-2.0
#include "cli/figure.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "cli/gnuplot.h"
#include "cli/numbers.h"

namespace gradkeep::cli {
namespace {

constexpr int kSamples = 800;
constexpr const char* kColours[] = {"#0072b2", "#d55e00", "#009e73", "#cc79a7",
                                    "#56b4e9", "#e69f00", "#000000", "#7f7f7f"};
constexpr const char* kDashes[] = {"solid",          "(14,6)", "(3,4)",     "(14,5,3,5)", "(7,4)",
                                   "(14,4,3,4,3,4)", "(22,6)", "(7,4,2,4)", "(2,7)"};
constexpr const char* kOrders[] = {"f(x)", "f'(x)", "f''(x)"};
constexpr const char* kPrimes[] = {"", "'", "''"};

struct Point {
  double x, y;
};

struct Series {
  std::string title, colour, dash;
  std::vector<std::vector<Point>> pieces;  // joined within, apart from each other
  std::vector<Point> taken, left_out;      // both sides of a jump: the convention, the other
};

struct Line {  // y = slope x + offset, on the side where the curve nears it
  double slope, offset, side;
  auto operator<=>(const Line&) const = default;
};

struct Panel {
  std::string title;
  std::vector<Series> series;
  std::set<Line> asymptotes;
  double bottom = 0, top = 0;  // the horizontal axis is always in sight
};

Series sample(const Activation& f, int order, double low, double high) {
  Series out;
  std::vector<double> ends{low};
  for (const double kink : f.kinks()) {
    const double before = std::nextafter(kink, -kInfinity), after = std::nextafter(kink, kInfinity);
    const double jump = f(after, order) - f(before, order);
    if (kink <= low || kink >= high || std::abs(jump) < 1e-9) continue;
    ends.push_back(kink);
    out.taken.push_back({kink, f(kink, order)});
    for (const double side : {before, after}) {
      if (std::abs(f(side, order) - f(kink, order)) > 1e-9) {
        out.left_out.push_back({kink, f(side, order)});
      }
    }
  }
  ends.push_back(high);
  for (std::size_t i = 0; i + 1 < ends.size(); ++i) {
    std::vector<double> x;
    const double from = i == 0 ? low : std::nextafter(ends[i], kInfinity);
    const double to = i + 2 == ends.size() ? high : std::nextafter(ends[i + 1], -kInfinity);
    for (int k = 0; k <= kSamples; ++k) x.push_back(from + (to - from) * k / kSamples);
    x.back() = to;
    for (const double kink : f.kinks()) {
      if (kink > from && kink < to) x.push_back(kink);
    }
    std::sort(x.begin(), x.end());
    std::vector<Point> piece;
    for (const double v : x) {
      const double y = f(v, order);
      if (std::isfinite(y)) piece.push_back({v, y});
    }
    out.pieces.push_back(std::move(piece));
  }
  return out;
}

// Straight lines that the curve only approaches; a piece that is straight itself has none.
std::vector<Line> asymptotes(const Activation& f, int order) {
  std::vector<Line> out;
  const Limits limits = f.limits();
  for (const double side : {-1.0, 1.0}) {
    const auto& limit = side < 0 ? limits.minus : limits.plus;
    Line line{0, limit[order], side};
    if (order == 0 && !std::isfinite(limit[0])) {
      line.slope = limit[1];
      const auto offset = [&](double x) { return f(x) - line.slope * x; };
      line.offset = offset(side * 0x1p20);
      if (std::abs(line.offset - offset(side * 0x1p10)) > 1e-6) continue;
      if (std::abs(line.offset) < 1e-9) line.offset = 0;
    }
    const double probe = side * 1.5;
    const bool itself = f(probe, order) == line.slope * probe + line.offset &&
                        f(2 * probe, order) == 2 * line.slope * probe + line.offset;
    if (std::isfinite(line.slope) && std::isfinite(line.offset) && !itself) out.push_back(line);
  }
  return out;
}

void add(Panel& panel, const Activation& f, int order, const Figure& figure, std::size_t colour,
         std::size_t dash, const std::string& title) {
  Series series = sample(f, order, figure.low, figure.high);
  series.title = title;
  series.colour = kColours[colour % std::size(kColours)];
  series.dash = kDashes[dash % std::size(kDashes)];
  for (const auto& piece : series.pieces) {
    for (const Point& p : piece) {
      panel.bottom = std::min(panel.bottom, p.y);
      panel.top = std::max(panel.top, p.y);
    }
  }
  for (const Line& line : asymptotes(f, order)) panel.asymptotes.insert(line);
  panel.series.push_back(std::move(series));
}

std::vector<Panel> panels(const Figure& figure) {
  std::vector<Panel> out;
  const std::size_t count = figure.functions.size();
  for (std::size_t k = 0; k < figure.orders.size(); ++k) {
    const int order = figure.orders[k];
    if (k == 0 || !figure.overlay) out.push_back({kOrders[order], {}, {}});
    Panel& panel = out.back();
    if (figure.overlay) panel.title.clear();
    for (std::size_t i = 0; i < count; ++i) {
      const std::size_t index = figure.overlay ? k * count + i : i;
      const Activation& f = figure.functions[i];
      // One colour a function where there are several, one a curve otherwise.
      const std::size_t colour = count > 1 ? i : index;
      add(panel, f, order, figure, colour, index,
          figure.overlay ? f.text() + kPrimes[order] : f.text());
    }
  }
  for (Panel& panel : out) {
    // A level close by is shown with its curve.
    const double reach = 0.3 * (panel.top - panel.bottom);
    for (const Line& line : panel.asymptotes) {
      if (line.slope != 0) continue;
      if (line.offset > panel.top && line.offset < panel.top + reach) panel.top = line.offset;
      if (line.offset < panel.bottom && line.offset > panel.bottom - reach)
        panel.bottom = line.offset;
    }
    if (panel.top == panel.bottom) panel.top = panel.bottom + 1;
    const double margin = 0.06 * (panel.top - panel.bottom);
    panel.top += margin;
    panel.bottom -= margin;
  }
  return out;
}

std::string block(const std::string& name, const std::vector<std::vector<Point>>& pieces) {
  std::string out = "$" + name + " << EOD\n";
  for (const auto& piece : pieces) {
    for (const Point& p : piece) out += shortest(p.x) + " " + shortest(p.y) + "\n";
    out += "\n";
  }
  return out + "EOD\n";
}

// Data first, then one plot command over all of it.
std::string panel_script(const Panel& panel, const Figure& figure, const std::string& prefix) {
  std::string data, plot;
  int asymptotes = 0;
  const auto draw = [&](const std::string& what) {
    plot += (plot.empty() ? "plot " : ", \\\n  ") + what;
  };
  for (const Line& line : panel.asymptotes) {
    const double from = line.side < 0 ? figure.low : std::max(figure.low, 0.0);
    const double to = line.side < 0 ? std::min(figure.high, 0.0) : figure.high;
    if (from >= to) continue;
    const std::string name = prefix + "_asymptote" + std::to_string(++asymptotes);
    const auto at = [&](double x) { return Point{x, line.slope * x + line.offset}; };
    data += block(name, {{at(from), at(to)}});
    draw("$" + name + " with lines lc rgb '#888888' lw 1 dt (6,4) notitle");
  }
  for (std::size_t i = 0; i < panel.series.size(); ++i) {
    const Series& s = panel.series[i];
    const std::string name = prefix + "_" + std::to_string(i);
    data += block(name, s.pieces);
    draw("$" + name + " with lines lw 2.2 lc rgb '" + s.colour + "' dt " + s.dash + " title " +
         gnuplot_quoted(s.title));
    if (s.taken.empty()) continue;
    data += block(name + "_taken", {s.taken}) + block(name + "_open", {s.left_out});
    const std::string look = " lc rgb '" + s.colour + "' notitle";
    draw("$" + name + "_open with points pt 6 ps 0.7" + look);
    draw("$" + name + "_taken with points pt 7 ps 0.7" + look);
  }
  std::string out = data;
  out += "set title " + gnuplot_quoted(panel.title) + "\n";
  out += "set xrange [" + shortest(figure.low) + ":" + shortest(figure.high) + "]\n";
  out += "set yrange [" + shortest(panel.bottom) + ":" + shortest(panel.top) + "]\n";
  return out + plot + "\n";
}

}  // namespace

std::string figure_script(const Figure& figure, const std::string& file) {
  const std::vector<Panel> all = panels(figure);
  const int width = 120 + 440 * static_cast<int>(all.size());
  // Space under the curves for the legend's rows.
  const int rows = (static_cast<int>(all[0].series.size()) + 2) / 3;
  const int height = 400 + 22 * rows + (figure.title.empty() ? 0 : 30);
  std::string out = "set encoding utf8\n";
  if (figure.png) {
    out += "set terminal pngcairo noenhanced size " + std::to_string(2 * width) + "," +
           std::to_string(2 * height) +
           " font 'DejaVu Sans,11' fontscale 2 linewidth 2 pointscale 2 "
           "dashlength 1.2 background '#ffffff'\n";
  } else {
    out += "set terminal svg noenhanced size " + std::to_string(width) + "," +
           std::to_string(height) + " font 'DejaVu Sans,12' background '#ffffff' dashlength 0.6\n";
  }
  out += "set output " + gnuplot_quoted(file) + "\n";
  out +=
      "set border 0\n"
      "set xzeroaxis lt -1 lw 1 lc rgb '#333333'\n"
      "set yzeroaxis lt -1 lw 1 lc rgb '#333333'\n"
      "set xtics axis nomirror add ('' 0)\n"
      "set ytics axis nomirror add ('' 0)\n"
      "set tics scale 0.6 textcolor rgb '#333333'\n"
      "set key outside below center horizontal maxcols 3 samplen 4 reverse Left noenhanced\n"
      "set samples 200\n";
  if (figure.grid) out += "set grid lt 1 lw 0.5 lc rgb '#dddddd'\n";
  out += "set multiplot layout 1," + std::to_string(all.size());
  if (!figure.title.empty()) out += " title " + gnuplot_quoted(figure.title);
  out += "\n";
  for (std::size_t i = 0; i < all.size(); ++i) {
    out += panel_script(all[i], figure, "panel" + std::to_string(i));
  }
  return out + "unset multiplot\nset output\n";
}

}  // namespace gradkeep::cli
