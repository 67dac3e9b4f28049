// gradkeep plot: curves of values, slopes and curvatures as a picture.
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>

#include "cli/figure.h"
#include "cli/gnuplot.h"
#include "cli/json.h"
#include "cli/utf8.h"
#include "cli/verbs.h"

namespace gradkeep::cli {
namespace {

struct PlotOptions : Options {
  std::vector<std::string> names;
  std::string low = "-4", high = "4", bottom = "-inf", top = "inf", order = "0,1", title, output;
  std::optional<std::string> size;
  bool overlay = false, grid = false, transparent = false;
};

std::vector<int> parse_orders(const std::string& text) {
  std::vector<int> out;
  for (const double order : parse_numbers<double>(text, "--order")) {
    const bool known = order == 0 || order == 1 || order == 2;
    if (!known || std::find(out.begin(), out.end(), order) != out.end()) {
      throw Error("--order is " + text + ", expected some of 0, 1 and 2, each once, as in 0,1");
    }
    out.push_back(static_cast<int>(order));
  }
  return out;
}

double parse_end(const std::string& text, const char* option) {
  const double v = parse_number<double>(text, option);
  if (!(std::abs(v) <= 1e6)) {
    throw Error(std::string(option) + " is " + text + ", expected a number within +-1e6");
  }
  return v;
}

// "420x240" into the two numbers.
void parse_size(const std::string& text, Figure& figure) {
  const char *at = text.data(), *end = at + text.size();
  const auto number = [&](int& out) {
    const auto [rest, error] = std::from_chars(at, end, out);
    at = rest;
    return error == std::errc() && out >= 100 && out <= 10000;
  };
  const bool fine =
      number(figure.width) && at != end && *at++ == 'x' && number(figure.height) && at == end;
  if (!fine) throw Error("--size is " + text + ", expected WxH, each 100 to 10000, as in 420x240");
}

void check_title(std::string_view title) {
  for (std::size_t at = 0; at < title.size();) {
    const std::size_t length = character_length(title.substr(at));
    if (length == 0) {
      throw Error("--title has no character of UTF-8 at byte " + std::to_string(at + 1) +
                  ": expected text in UTF-8");
    }
    at += length;
  }
}

int run(const PlotOptions& o, Output& out) {
  Figure figure;
  for (const std::string& name : o.names) figure.functions.emplace_back(name, o.bounds());
  figure.orders = parse_orders(o.order);
  figure.low = parse_end(o.low, "--from");
  figure.high = parse_end(o.high, "--to");
  if (!(figure.low < figure.high)) {
    throw Error("--from is " + o.low + " and --to is " + o.high + ", expected from < to");
  }
  figure.bottom = parse_number<double>(o.bottom, "--bottom");
  figure.top = parse_number<double>(o.top, "--top");
  if (!(figure.bottom <= 0 && figure.top >= 0 && figure.bottom < figure.top)) {
    throw Error("--bottom is " + o.bottom + " and --top is " + o.top +
                ", expected bottom < top and 0 between them or one of them");
  }
  if (o.size) parse_size(*o.size, figure);
  figure.transparent = o.transparent;
  figure.overlay = o.overlay;
  figure.grid = o.grid;
  check_title(o.title);
  figure.title = o.title;
  figure.png = o.output.ends_with(".png");
  if (!figure.png && !o.output.ends_with(".svg")) {
    throw Error("-o " + o.output + ": expected a name that ends in .svg or .png");
  }
  TemporaryFile picture(o.output, figure.png ? ".png" : ".svg");
  run_gnuplot(figure_script(figure, picture.name()), picture.name());
  picture.keep();
  if (o.json) {
    Json json(out);
    json.begin().field("file", o.output).field("from", figure.low).field("to", figure.high);
    json.key("functions").array();
    for (const Activation& f : figure.functions) json.value(f.text());
    json.end_array().key("orders").array();
    for (const int order : figure.orders) json.value(order);
    json.end_array().finish();
  }
  return kFine;
}

}  // namespace

void add_plot(CLI::App& app, Action& action) {
  const auto o = std::make_shared<PlotOptions>();
  Verb verb = add_verb<PlotOptions>(
      app, action, "plot", "Curves as an SVG or PNG picture.",
      "  gradkeep plot gelu silu mish -o curves.svg\n"
      "  gradkeep plot tanh --order 0,1,2 --overlay --grid -o tanh.png\n"
      "  gradkeep plot 'elu(alpha=0.5)' selu --from -6 --to 2 --title 'Two bends' -o bends.svg\n"
      "  gradkeep plot exponential --top 6 --size 420x240 --transparent -o page.svg\n",
      o, run);
  add_functions(verb, *o, o->names);
  verb.add_option("--from", o->low, "Left end (-4)").type_name("x");
  verb.add_option("--to", o->high, "Right end (4)").type_name("x");
  verb.add_option("--bottom", o->bottom, "Cut the curves below (where they end)").type_name("y");
  verb.add_option("--top", o->top, "Cut the curves above (where they end)").type_name("y");
  verb.add_option("--order", o->order, "0 value, 1 slope, 2 curvature (0,1)").type_name("0,1,2");
  verb.add_flag("--overlay", o->overlay, "All curves in one picture");
  verb.add_flag("--grid", o->grid, "Draw a grid");
  verb.add_flag("--transparent", o->transparent,
                "No background, and colours for light and dark pages");
  verb.add_option("--size", o->size, "Width and height in pixels; PNG has twice as many")
      .type_name("WxH");
  verb.add_option("--title", o->title, "A title above").type_name("T");
  verb.add_option("-o,--output", o->output, "The picture").required().type_name("x.svg|x.png");
}

}  // namespace gradkeep::cli
