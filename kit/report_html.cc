// A report as one page of HTML that needs nothing else: a table of rows, and for each row that was
// measured a picture of its error along the number line, which runs through the exponents from the
// largest negative number over 0 to the largest one. Of a function of rows the picture runs from an element
// that is its row's largest to one so far below that nothing of it is left; of a gated one along its gates.
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

#include "kit/report.h"

namespace gradkeep::kit {
namespace {

constexpr double kWidth = 640, kHeight = 150, kLeft = 44, kRight = 8, kTop = 8, kBottom = 22;
// ULP that the vertical axis shows, as powers of ten; what is beyond stands at its end.
constexpr int kLeast = -2, kMost = 8;

constexpr const char* kStyle = R"(
:root { color-scheme: light dark; --ink: #1c2024; --soft: #5c6670; --line: #d8dee4; --ground: #fff;
  --panel: #f6f8fa; --good: #1a7f37; --bad: #c0392b; --dot: #0b69c7; }
@media (prefers-color-scheme: dark) { :root { --ink: #e8ebee; --soft: #9aa5b0; --line: #343b43;
  --ground: #14171a; --panel: #1d2125; --good: #4cc26c; --bad: #ff7b72; --dot: #62b0ff; } }
body { font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--ground);
  max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.5rem; margin: 0 0 .25rem; } h2 { font-size: 1.15rem; margin: 2rem 0 .5rem; }
p { margin: .25rem 0; color: var(--soft); } .bad { color: var(--bad); } .good { color: var(--good); }
details { border-top: 1px solid var(--line); padding: .35rem 0; }
summary { cursor: pointer; display: grid; gap: .75rem; align-items: baseline;
  grid-template-columns: 11rem 3rem 8rem 7rem 1fr; font-variant-numeric: tabular-nums; }
summary > span:nth-child(3), summary > span:nth-child(4) { text-align: right; }
.head { color: var(--soft); cursor: default; }
ul { margin: .5rem 0; padding-left: 1.25rem; } li { overflow-wrap: anywhere; }
svg { display: block; width: 100%; max-width: 640px; background: var(--panel); border-radius: 4px; }
svg text { fill: var(--soft); font: 10px system-ui, sans-serif; }
svg line { stroke: var(--line); } svg .limit { stroke: var(--bad); stroke-dasharray: 4 3; }
svg circle { fill: var(--dot); } svg .over { fill: var(--bad); }
@media (max-width: 40rem) { summary { grid-template-columns: 8rem 3rem 1fr; }
  summary > span:nth-child(3), .head > span:nth-child(5) { display: none; } }
)";

std::string coordinate(double v) {
  std::array<char, 24> text{};
  std::snprintf(text.data(), text.size(), "%.1f", v);
  return text.data();
}

std::string line(double x1, double y1, double x2, double y2, const char* style = "") {
  return "<line x1='" + coordinate(x1) + "' y1='" + coordinate(y1) + "' x2='" + coordinate(x2) +
         "' y2='" + coordinate(y2) + "'" + style + "/>";
}

std::string label(double x, double y, const char* anchor, const std::string& text) {
  return "<text x='" + coordinate(x) + "' y='" + coordinate(y) + "' text-anchor='" + anchor + "'>" +
         text + "</text>";
}

class Picture {
 public:
  explicit Picture(const Row& row) : number_(row.question.number), low_(row.low), high_(row.high) {
    const double end = across(high_ > 0 ? high_ : kInfinity);
    text_ = "<svg viewBox='0 0 " + coordinate(kWidth) + " " + coordinate(kHeight) +
            "' role='img' aria-label='error in ULP " +
            (high_ == 0 ? "along the number line"
             : low_ < 0 ? "by the gate"
                        : "by distance from the largest element") +
            "'>";
    for (int power = kLeast; power <= kMost; power += 2) {
      const double y = up(std::pow(10, power));
      text_ += line(kLeft, y, end, y);
      text_ += label(kLeft - 4, y + 3, "end", power == 0 ? "1 ulp" : "1e" + std::to_string(power));
    }
    for (const double v : ticks()) {
      text_ += line(across(v), kTop, across(v), kHeight - kBottom);
      text_ += label(across(v), kHeight - 8, "middle", figures(v));
    }
    text_ += line(kLeft, up(row.tolerance), end, up(row.tolerance), " class='limit'");
    for (const Spot& spot : row.profile) {
      if (std::isnan(spot.x) || spot.ulp == 0) continue;
      text_ += "<circle r='1.6' cx='" + coordinate(across(spot.x)) + "' cy='" +
               coordinate(up(spot.ulp)) + "'" + (spot.ulp > row.tolerance ? " class='over'" : "") +
               "/>";
    }
    text_ += "</svg>";
  }
  const std::string& text() const { return text_; }

 private:
  std::vector<double> ticks() const {
    if (high_ > 0) {
      const double step = std::pow(10, std::floor(std::log10(high_))) / 2;
      std::vector<double> round;
      for (double k = std::ceil(low_ / step); k * step < high_; ++k) round.push_back(k * step);
      return round;
    }
    const int most = type_of(number_).format.max_exponent;
    const double far = most < 100 ? 100 : most < 1000 ? 1e20 : 1e150;
    std::vector<double> all{0};
    for (const double v : {1 / far, 1.0, far}) {
      all.push_back(v);
      all.push_back(-v);
    }
    return all;
  }
  double across(double v) const {
    if (high_ > 0) return kLeft + (kWidth - kLeft - kRight) * (v - low_) / (high_ - low_);
    const double share =
        static_cast<double>(ordinal(number_, v)) / static_cast<double>(ordinal(number_, kInfinity));
    return kLeft + (kWidth - kLeft - kRight) * (1 + share) / 2;
  }
  static double up(double ulp) {
    const double power = std::clamp(std::log10(ulp), double{kLeast}, double{kMost});
    return kTop + (kHeight - kTop - kBottom) * (kMost - power) / (kMost - kLeast);
  }

  Number number_;
  double low_, high_;
  std::string text_;
};

std::string row_text(const Row& row) {
  const bool good = row.conforms();
  std::string verdict = good ? "<span class='good'>conforms</span>" : "<span class='bad'>";
  for (std::size_t k = 0; !good && k < row.findings.size(); ++k) {
    const std::string_view word_k = sentence(row.findings[k].kind);
    if (verdict.find(word_k) == verdict.npos) verdict += (k == 0 ? "" : "; ") + std::string(word_k);
  }
  std::string text = "<details" + std::string(good ? "" : " open") + "><summary><span>" +
                     escaped(row.question.what.text()) + "</span><span>" +
                     std::string(type_of(row.question.number).name) + "</span><span>" +
                     with_commas(row.inputs) + "</span><span>" +
                     (row.inputs > 0 ? figures(row.max_ulp) + " ulp" : "–") + "</span>" + verdict +
                     (good ? "" : "</span>") + "</summary>\n";
  if (!good) {
    text += "<ul>";
    for (const Finding& finding : row.findings) {
      text += "<li>" + escaped(describe(row, finding)) + "</li>\n";
    }
    text += "</ul>";
  }
  if (!row.profile.empty()) text += Picture(row).text();
  return text + "</details>\n";
}

}  // namespace

std::string as_html(const Report& report) {
  std::string text =
      "<!doctype html>\n<html lang='en'><head><meta charset='utf-8'>"
      "<meta name='viewport' content='width=device-width, initial-scale=1'><title>" +
      escaped(report.target) + ": conformance</title><style>" + kStyle +
      "</style></head><body>\n<h1>" + escaped(report.target) +
      "</h1>\n<p>gradkeep check, dialect " + escaped(report.dialect) + ", tolerance " +
      figures(report.tolerance) + " ulp of value and slope, " + with_commas(report.inputs()) +
      " inputs in " + figures(report.seconds) + " s</p>\n<p>" + "<strong class='" +
      (report.conforms() ? "good" : "bad") + "'>" + report.verdict() +
      "</strong>. Pictures: the largest error among inputs next to each other, from the largest "
      "negative number over 0 to the largest; of functions of rows by how far an element is from "
      "the largest of "
      "its row, of gated ones by the gate; the dashed line is the tolerance.</p>\n";
  std::string function;
  for (const Row* row : report.shown()) {
    if (row->question.function != function) {
      function = row->question.function;
      text += "<h2>" + escaped(function) +
              "</h2>\n<summary class='head'><span>what</span><span>type</span><span>inputs</span>"
              "<span>largest error</span><span></span></summary>\n";
    }
    text += row_text(*row);
  }
  return text + "</body></html>\n";
}

}  // namespace gradkeep::kit
