// The script of a figure. Colours are those of Okabe and Ito, which stay apart for colour-blind
// eyes; every curve has a dash of its own besides, for print and for everybody else.
// SPDX-License-Identifier: Apache-2.0
#include "cli/figure.h"

#include <algorithm>
#include <cmath>
#include <set>
#include <utility>

#include "cli/gnuplot.h"
#include "cli/numbers.h"

namespace gradkeep::cli {
namespace {

constexpr int kSamples = 800;
constexpr int kNearEnd = 20;
constexpr double kThin = 0.1;  // of a pixel: so near the curve its samples may be left out
constexpr const char* kColours[] = {"#0072b2", "#d55e00", "#009e73", "#cc79a7",
                                    "#56b4e9", "#e69f00", "#000000", "#7f7f7f"};
// Neither light nor dark: three times as bright as black or more, and as much darker than white.
constexpr const char* kMiddling[] = {"#1f7fc4", "#d55e00", "#0a9a70", "#c2609a",
                                     "#3f97cf", "#ad7a00", "#8a6bd1", "#7f7f7f"};
constexpr const char* kDashes[] = {"solid",          "(18,11)", "(4,7)",     "(14,5,3,5)", "(7,4)",
                                   "(14,4,3,4,3,4)", "(22,6)",  "(7,4,2,4)", "(2,7)"};
constexpr const char* kOrders[] = {"f(x)", "f'(x)", "f''(x)"};
constexpr const char* kPrimes[] = {"", "'", "''"};

struct Point {
  double x, y;
};

struct Span {
  double bottom = 0, top = 0;  // the horizontal axis is always in sight
  double size() const { return top - bottom; }
};

struct Series {
  int order = 0;
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
  Span span;
};

Series sample(const Activation& f, int order, double low, double high) {
  Series out;
  out.order = order;
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
    // Near an end of the domain, where a curve may go up or down without end.
    for (const double end : {f.domain().low, f.domain().high}) {
      if (!(end > from && end < to)) continue;
      for (int k = 0; k < kNearEnd; ++k) {
        const double near = std::ldexp((to - from) / kSamples, -k);
        x.insert(x.end(), {end - near, end + near});
      }
    }
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
    if (std::isfinite(side < 0 ? f.domain().low : f.domain().high)) continue;
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
  const auto& colours = figure.transparent ? kMiddling : kColours;
  series.colour = colours[colour % std::size(colours)];
  series.dash = kDashes[dash % std::size(kDashes)];
  for (const Line& line : asymptotes(f, order)) panel.asymptotes.insert(line);
  panel.series.push_back(std::move(series));
}

Span span_of(const Panel& panel, const Figure& figure) {
  Span values, all;
  for (const Series& series : panel.series) {
    Span& span = series.order == 0 ? values : all;
    for (const auto& piece : series.pieces) {
      for (const Point& p : piece) {
        span.bottom = std::min(span.bottom, std::max(p.y, figure.bottom));
        span.top = std::max(span.top, std::min(p.y, figure.top));
      }
    }
  }
  // Where values are shown, no spike of a derivative flattens them.
  const double reach = values.size() > 0 ? 2 * values.size() : kInfinity;
  all.bottom = std::min(values.bottom, std::max(all.bottom, values.bottom - reach));
  all.top = std::max(values.top, std::min(all.top, values.top + reach));
  // A level close by is shown with its curve.
  const double near = 0.3 * all.size();
  for (const Line& line : panel.asymptotes) {
    if (line.slope != 0) continue;
    if (line.offset > all.top && line.offset < all.top + near) all.top = line.offset;
    if (line.offset < all.bottom && line.offset > all.bottom - near) all.bottom = line.offset;
  }
  if (all.size() == 0) all.top = 1;
  const double margin = 0.06 * all.size();
  return {std::max(all.bottom - margin, figure.bottom), std::min(all.top + margin, figure.top)};
}

std::vector<Panel> panels(const Figure& figure) {
  std::vector<Panel> out;
  const std::size_t count = figure.functions.size();
  for (std::size_t k = 0; k < figure.orders.size(); ++k) {
    const int order = figure.orders[k];
    if (k == 0 || !figure.overlay) out.emplace_back().title = kOrders[order];
    Panel& panel = out.back();
    if (figure.overlay) panel.title = count == 1 ? figure.functions[0].text() : "";
    for (std::size_t i = 0; i < count; ++i) {
      const std::size_t index = figure.overlay ? k * count + i : i;
      const Activation& f = figure.functions[i];
      // One colour a function where there are several, one a curve otherwise.
      const std::size_t colour = count > 1 ? i : index;
      const std::string title = !figure.overlay ? f.text()
                                : count == 1    ? kOrders[order]
                                                : f.text() + kPrimes[order];
      add(panel, f, order, figure, colour, index, title);
    }
  }
  for (Panel& panel : out) panel.span = span_of(panel, figure);
  return out;
}

// The samples without those that lie on the line between their neighbours, as far as an eye or a
// screen can tell (Ramer, Douglas, Peucker): a tenth of the points, the same picture. `across` and
// `up` are pixels per unit.
std::vector<Point> thinned(const std::vector<Point>& all, double across, double up) {
  std::vector<Point> pixels;
  for (const Point& p : all) {
    pixels.push_back({p.x * across, std::clamp(p.y * up, -1e9, 1e9)});  // far outside, finite
  }
  std::vector<bool> kept(all.size(), false);
  std::vector<std::pair<std::size_t, std::size_t>> open;
  if (!all.empty()) {
    kept.front() = kept.back() = true;
    open.emplace_back(0, all.size() - 1);
  }
  while (!open.empty()) {
    const auto [first, last] = open.back();
    open.pop_back();
    const Point& a = pixels[first];
    const double dx = pixels[last].x - a.x, dy = pixels[last].y - a.y;
    double farthest = kThin * std::hypot(dx, dy);
    std::size_t split = first;
    for (std::size_t i = first + 1; i < last; ++i) {
      const double off = std::abs(dx * (pixels[i].y - a.y) - dy * (pixels[i].x - a.x));
      if (off > farthest) {
        farthest = off;
        split = i;
      }
    }
    if (split == first) continue;
    kept[split] = true;
    open.emplace_back(first, split);
    open.emplace_back(split, last);
  }
  std::vector<Point> out;
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (kept[i]) out.push_back(all[i]);
  }
  return out;
}

// A round distance between marks, of which the axis takes so many at most.
double tick_step(double size, double most) {
  const double power = std::pow(10, std::floor(std::log10(size / most)));
  for (const double step : {1.0, 2.0, 5.0}) {
    if (size <= most * step * power) return step * power;
  }
  return 10 * power;
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
std::string panel_script(const Panel& panel, const Figure& figure, const std::string& prefix,
                         double width, double height) {
  const double length = figure.high - figure.low;
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
    std::vector<std::vector<Point>> pieces;
    for (const auto& piece : s.pieces) {
      pieces.push_back(thinned(piece, width / length, height / panel.span.size()));
    }
    data += block(name, pieces);
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
  out += panel.title.empty() ? "set tmargin 1\n" : "set tmargin 2\n";
  out += "set xrange [" + shortest(figure.low) + ":" + shortest(figure.high) + "]\n";
  out += "set yrange [" + shortest(panel.span.bottom) + ":" + shortest(panel.span.top) + "]\n";
  out += "set xtics " + shortest(tick_step(length, std::max(4.0, width / 60))) + "\n";
  out += "set ytics " + shortest(tick_step(panel.span.size(), std::max(4.0, height / 35))) + "\n";
  return out + plot + "\n";
}

}  // namespace

std::string figure_script(const Figure& figure, const std::string& file) {
  const std::vector<Panel> all = panels(figure);
  const int count = static_cast<int>(all.size());
  // Space under the curves for the legend's rows.
  const int rows = (static_cast<int>(all[0].series.size()) + 2) / 3;
  const int width = figure.width ? figure.width : 120 + 440 * count;
  const int height =
      figure.height ? figure.height : 400 + 22 * rows + (figure.title.empty() ? 0 : 30);
  const std::string ink = figure.transparent ? " rgb '#767c84'" : " rgb '#333333'";
  std::string out = gnuplot_terminal(figure.png, width, height, figure.transparent);
  out += "set output " + gnuplot_quoted(file) + "\n";
  out +=
      "set border 0\n"
      "set xzeroaxis lt -1 lw 1 lc" +
      ink +
      "\n"
      "set yzeroaxis lt -1 lw 1 lc" +
      ink +
      "\n"
      "set xtics nomirror scale 0 textcolor" +
      ink +
      "\n"
      "set ytics nomirror scale 0 textcolor" +
      ink +
      "\n"
      "set title textcolor" +
      ink +
      "\n"
      "set key outside below center horizontal maxcols 3 samplen 4 reverse Left noenhanced "
      "textcolor" +
      ink + "\n";
  if (figure.grid) {
    out += std::string("set grid lt 1 lw 0.5 lc rgb ") +
           (figure.transparent ? "'#c0767c84'" : "'#dddddd'") + "\n";
  }
  out += "set multiplot layout 1," + std::to_string(count);
  if (!figure.title.empty()) out += " title " + gnuplot_quoted(figure.title) + " textcolor" + ink;
  out += "\n";
  for (int i = 0; i < count; ++i) {
    out += panel_script(all[i], figure, "panel" + std::to_string(i), 1.0 * width / count,
                        height - 22 * rows - 40);
  }
  return out + "unset multiplot\nset output\n";
}

}  // namespace gradkeep::cli
