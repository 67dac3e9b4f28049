// gradkeep table: functions compared, every entry computed here and now.
// SPDX-License-Identifier: Apache-2.0
#include <unistd.h>

#include <algorithm>
#include <cmath>

#include "cli/json.h"
#include "cli/terminal.h"
#include "cli/traits.h"
#include "cli/verbs.h"
#include "report/words.h"

namespace gradkeep::cli {
namespace {

struct TableOptions : Options {
  std::vector<std::string> names;
  bool markdown = false;
};

struct Column {
  const char* title;
  std::string (*text)(const Traits&);
};

const Column kColumns[] = {
    {"range", range_text},
    {"limits at -inf, inf", limits_text},
    {"saturates", saturation_text},
    {"range of slope", slope_range_text},
    {"zero-centred", mean_text},
    {"monotone", monotone_text},
    {"bounded", bounded_text},
    {"dead where", dead_text},
    {"a probability", [](const Traits& t) { return std::string(t.probability ? "yes" : "no"); }},
    {"smooth", smooth_text},
    {"largest |f''|", curvature_text},
    {"learned", learned_text},
    {"ns per element", [](const Traits& t) { return rounded(t.nanoseconds, 2); }},
};

// Properties down, functions across, as many to a block as the terminal is wide.
void print_text(Output& out, const std::vector<Traits>& rows) {
  int label = 0;
  for (const Column& column : kColumns) label = std::max(label, report::width(column.title));
  std::vector<int> widths;
  for (const Traits& t : rows) {
    int width = report::width(t.function);
    for (const Column& column : kColumns) width = std::max(width, report::width(column.text(t)));
    widths.push_back(width);
  }
  const int room = terminal_width(STDOUT_FILENO, 100);
  const bool colour = can_colour(STDOUT_FILENO);
  for (std::size_t begin = 0; begin < rows.size();) {
    std::size_t end = begin;
    int used = label;
    while (end < rows.size() && (end == begin || used + 2 + widths[end] <= room)) {
      used += 2 + widths[end++];
    }
    const auto line = [&](const char* title, auto text, const char* code) {
      std::string all = report::padded(title, label);
      for (std::size_t i = begin; i < end; ++i)
        all += "  " + report::padded(text(rows[i]), widths[i]);
      all.erase(all.find_last_not_of(' ') + 1);
      out << coloured(all, code, colour && *code) << "\n";
    };
    line("", [](const Traits& t) { return t.function; }, "1");
    for (const Column& column : kColumns) line(column.title, column.text, "");
    out << "\n";
    begin = end;
  }
  for (const Traits& t : rows)
    out << coloured(t.function, "1", colour) << ": " << remark(t) << ".\n";
}

void print_markdown(Output& out, const std::vector<Traits>& rows) {
  const auto escaped = [](const std::string& text) {
    std::string cell;
    for (const char c : text) cell += c == '|' ? std::string("\\|") : std::string(1, c);
    return cell;
  };
  out << "| function |";
  for (const Column& column : kColumns) out << " " << escaped(column.title) << " |";
  out << " remark |\n|";
  for (std::size_t i = 0; i < std::size(kColumns) + 2; ++i) out << " --- |";
  out << "\n";
  for (const Traits& t : rows) {
    out << "| " << t.function << " |";
    for (const Column& column : kColumns) out << " " << escaped(column.text(t)) << " |";
    out << " " << escaped(remark(t)) << " |\n";
  }
}

void json_side(Json& json, const char* key, double at) {
  json.key(key);
  std::isfinite(at) ? json.value(at) : json.null();
}

void json_points(Json& json, const char* key, const std::vector<double>& points) {
  json.key(key).array();
  for (const double v : points) json.value(v);
  json.end_array();
}

void json_row(Json& json, const Traits& t) {
  json.object().field("function", t.function).field("range", t.range.text());
  json.key("limits").object().field("minus", t.limits.minus[0]).field("plus", t.limits.plus[0]);
  json.end_object().key("saturates").object();
  json_side(json, "below", t.saturates_below);
  json_side(json, "above", t.saturates_above);
  json.end_object().key("slope").object();
  json.field("low", t.slope.low.value).field("low_attained", t.slope.low.attained);
  json.field("high", t.slope.high.value).field("high_attained", t.slope.high.attained);
  json.end_object().key("mean");
  t.mean ? json.value(*t.mean) : json.null();
  json.field("zero_centred", t.zero_centred);
  json.field("monotone", t.monotone > 0 ? "increasing" : t.monotone < 0 ? "decreasing" : "no");
  json.field("bounded_below", t.bounded_below).field("bounded_above", t.bounded_above);
  json.key("dead").array();
  for (const Interval& i : t.dead) {
    json.object().field("low", i.low).field("high", i.high).field("low_open", i.low_open);
    json.field("high_open", i.high_open).end_object();
  }
  json.end_array().field("probability", t.probability);
  json_points(json, "value_jumps", t.value_jumps);
  json_points(json, "slope_jumps", t.slope_jumps);
  json_points(json, "curvature_jumps", t.curvature_jumps);
  json.field("smooth", t.value_jumps.empty() && t.slope_jumps.empty() && t.curvature_jumps.empty());
  json.field("curvature_maximum", t.curvature.value).key("learned").array();
  for (const std::string& name : t.learned) json.value(name);
  json.end_array().field("ns_per_element", t.nanoseconds).field("remark", remark(t)).end_object();
}

int run(const TableOptions& o, Output& out) {
  if (o.json && o.markdown) throw Error("--json and --markdown exclude each other");
  std::vector<Activation> functions;
  for (const std::string& name : o.names) functions.emplace_back(name, o.bounds());
  std::vector<Traits> rows;
  for (const Activation& f : functions) rows.push_back(traits(f));
  if (o.json) {
    Json json(out);
    json.begin().key("functions").array();
    for (const Traits& t : rows) json_row(json, t);
    json.end_array().finish();
  } else {
    (o.markdown ? print_markdown : print_text)(out, rows);
  }
  return kFine;
}

}  // namespace

void add_table(CLI::App& app, Action& action) {
  const auto o = std::make_shared<TableOptions>();
  Verb verb = add_verb<TableOptions>(app, action, "table", "Functions compared.",
                                     "  gradkeep table sigmoid tanh relu gelu\n"
                                     "  gradkeep table elu 'elu(alpha=0.5)' --markdown\n",
                                     o, run);
  add_functions(verb, *o, o->names);
  verb.add_flag("--markdown", o->markdown, "A Markdown table, one row per function");
}

}  // namespace gradkeep::cli
