// Curves drawn with characters.
// SPDX-License-Identifier: Apache-2.0
#include "cli/drawing.h"

#include <algorithm>
#include <cmath>

#include "cli/numbers.h"
#include "report/words.h"

namespace gradkeep::cli {
namespace {

constexpr int kLabel = 7;  // columns for a number on the vertical axis
constexpr int kScaleSteps = 400;

// A grid of dots, several to a character cell.
class Dots {
 public:
  Dots(int columns, int rows, bool unicode)
      : unicode_(unicode),
        per_column_(unicode ? 2 : 1),
        per_row_(unicode ? 4 : 1),
        width_(columns * per_column_),
        height_(rows * per_row_),
        marks_(static_cast<std::size_t>(width_) * height_, 0) {}

  int width() const { return width_; }
  int height() const { return height_; }
  // Row 0 is at the bottom. A curve's dot (2) stays where an axis (1) crosses it.
  void set(int column, int row, char mark) {
    if (column < 0 || column >= width_ || row < 0 || row >= height_) return;
    char& m = marks_[static_cast<std::size_t>(row) * width_ + column];
    m = std::max(m, mark);
  }

  std::string line(int cell_row) const {  // 0 is the top
    std::string out;
    for (int cell = 0; cell < width_ / per_column_; ++cell) out += character(cell, cell_row);
    return out;
  }

 private:
  char at(int column, int row) const {
    return marks_[static_cast<std::size_t>(row) * width_ + column];
  }

  std::string character(int cell, int cell_row) const {
    const int top = height_ - 1 - cell_row * per_row_;
    if (!unicode_) return std::string(1, " .*"[static_cast<unsigned char>(at(cell, top))]);
    // Bits of U+2800 plus the pattern: dots 1 2 3 7 down the left, 4 5 6 8 down the right.
    constexpr int kBit[2][4] = {{0x01, 0x02, 0x04, 0x40}, {0x08, 0x10, 0x20, 0x80}};
    int pattern = 0;
    for (int i = 0; i < 2; ++i) {
      for (int j = 0; j < 4; ++j) {
        if (at(2 * cell + i, top - j)) pattern |= kBit[i][j];
      }
    }
    if (pattern == 0) return " ";
    std::string out = "\xe2";
    out += static_cast<char>(0xa0 | (pattern >> 6));
    out += static_cast<char>(0x80 | (pattern & 0x3f));
    return out;
  }

  bool unicode_;
  int per_column_, per_row_, width_, height_;
  std::vector<char> marks_;
};

std::vector<std::string> draw_panel(const Panel& panel, double low, double high, int columns,
                                    int rows, bool unicode) {
  Dots dots(columns, rows, unicode);
  const auto input = [&](int column) { return low + (high - low) * column / (dots.width() - 1); };
  std::vector<double> y;
  double bottom = 0, top = 0;  // the horizontal axis is always in sight
  for (int column = 0; column < dots.width(); ++column) {
    y.push_back(panel.curve(input(column)));
  }
  // The scale comes from finer steps, so that its ends do not depend on the width of the terminal.
  for (int k = 0; k <= kScaleSteps; ++k) {
    const double v = panel.curve(low + (high - low) * k / kScaleSteps);
    if (!std::isfinite(v)) continue;
    bottom = std::min(bottom, v);
    top = std::max(top, v);
  }
  if (top == bottom) top = bottom + 1;
  const auto row = [&](double v) {
    return static_cast<int>(std::lround((v - bottom) / (top - bottom) * (dots.height() - 1)));
  };
  const int stride = unicode ? 2 : 1;
  for (int column = 0; column < dots.width(); column += stride) dots.set(column, row(0), 1);
  if (low < 0 && high > 0) {
    const int axis = static_cast<int>(std::lround(-low / (high - low) * (dots.width() - 1)));
    for (int r = 0; r < dots.height(); r += stride) dots.set(axis, r, 1);
  }
  for (int column = 0; column < dots.width(); ++column) {
    if (!std::isfinite(y[column])) continue;
    const int here = row(y[column]);
    dots.set(column, here, 2);
    if (column == 0 || !std::isfinite(y[column - 1])) continue;
    const bool jump = std::any_of(panel.jumps.begin(), panel.jumps.end(), [&](double at) {
      return at >= input(column - 1) && at <= input(column);
    });
    if (jump) continue;
    const int before = row(y[column - 1]), middle = (here + before) / 2;
    for (int r = std::min(before, middle); r <= std::max(before, middle); ++r) {
      dots.set(column - 1, r, 2);
    }
    for (int r = std::min(here, middle); r <= std::max(here, middle); ++r) dots.set(column, r, 2);
  }

  std::vector<std::string> out{
      report::padded(std::string(kLabel + 1, ' ') + panel.title, kLabel + 1 + columns)};
  for (int r = 0; r < rows; ++r) {
    const std::string label = r == 0 ? rounded(top, 4) : r == rows - 1 ? rounded(bottom, 4) : "";
    out.push_back(report::padded(label, kLabel, true) + " " + dots.line(r));
  }
  const std::string ends[] = {rounded(low, 4), rounded(high, 4)};
  out.push_back(std::string(kLabel + 1, ' ') +
                report::padded(ends[0], columns - static_cast<int>(ends[1].size())) + ends[1]);
  return out;
}

}  // namespace

std::vector<std::string> draw(std::span<const Panel> panels, double low, double high, int width,
                              int height, bool unicode) {
  const int each = width / static_cast<int>(panels.size());
  std::vector<std::string> out;
  for (const Panel& panel : panels) {
    const auto lines =
        draw_panel(panel, low, high, std::max(each - kLabel - 2, 8), height, unicode);
    if (out.empty()) out.resize(lines.size());
    for (std::size_t i = 0; i < lines.size(); ++i) out[i] += lines[i] + " ";
  }
  return out;
}

}  // namespace gradkeep::cli
