// gradkeep show: everything that is known about a function, with a small drawing of it and its
// slope.
// SPDX-License-Identifier: Apache-2.0
#include <gradkeep/flow.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <sstream>

#include "cli/drawing.h"
#include "cli/float_range.h"
#include "cli/json.h"
#include "cli/terminal.h"
#include "cli/traits.h"
#include "cli/verbs.h"

namespace gradkeep::cli {
namespace {

struct ShowOptions : Options {
  std::string name;
};

constexpr int kLabelWidth = 15;

struct Named {
  const char* what;
  std::string Info::* name;
};
constexpr Named kElsewhere[] = {{"torch", &Info::torch},
                                {"keras", &Info::keras},
                                {"jax", &Info::jax},
                                {"onnx", &Info::onnx},
                                {"onednn", &Info::onednn}};

std::string symmetry_text(const Activation& f) {
  switch (f.info().symmetry) {
    case Symmetry::none:
      return "none";
    case Symmetry::odd:
      return "odd: f(-x) = -f(x)";
    case Symmetry::even:
      return "even: f(-x) = f(x)";
    case Symmetry::point:
      return "point: f(-x) = " + rounded(2 * f(0)) + " - f(x)";
  }
  return "";
}

const char* symmetry_word(Symmetry s) {
  constexpr const char* kWords[] = {"none", "odd", "even", "point"};
  return kWords[static_cast<int>(s)];
}

class Page {
 public:
  explicit Page(Output& out) : out_(out), colour_(can_colour(STDOUT_FILENO)) {}

  void heading(const std::string& text) { out_ << coloured(text, "1", colour_) << "\n"; }
  // "label          text", further lines of the text, and what does not fit, under its first.
  void item(std::string label, const std::string& text) {
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
      for (const std::string& part : wrapped(line, width_ - kLabelWidth)) {
        const int gap = kLabelWidth - static_cast<int>(label.size());
        out_ << coloured(label, "36", colour_) << std::string(std::max(gap, 1), ' ') << part
             << "\n";
        label.clear();
      }
    }
  }
  void line(const std::string& text = "") { out_ << text << "\n"; }

 private:
  // A continued line is indented by two.
  static std::vector<std::string> wrapped(const std::string& line, int width) {
    std::vector<std::string> out;
    std::istringstream words(line);
    std::string part = line.substr(0, line.find_first_not_of(' '));
    bool fresh = true;
    for (std::string word; words >> word; fresh = false) {
      if (!fresh && static_cast<int>(part.size() + 1 + word.size()) > width) {
        out.push_back(part);
        part = "  " + word;
      } else {
        part += (fresh ? "" : " ") + word;
      }
    }
    out.push_back(part);
    return out;
  }

  Output& out_;
  bool colour_;
  int width_ = std::clamp(terminal_width(STDOUT_FILENO, 100), 48, 110);
};

// Wide enough to show every kink and the bend around it.
void window(const Activation& f, double& low, double& high) {
  low = -5;
  high = 5;
  for (const double kink : f.kinks()) {
    low = std::min(low, std::floor(kink) - 2);
    high = std::max(high, std::ceil(kink) + 2);
  }
}

void print_drawing(Page& page, const Activation& f) {
  double low, high;
  window(f, low, high);
  const Panel panels[] = {{"f(x)", [&f](double x) { return f(x); }, jumps(f, 0)},
                          {"f'(x)", [&f](double x) { return f(x, 1); }, jumps(f, 1)}};
  const int width = std::clamp(terminal_width(STDOUT_FILENO, 80), 48, 110);
  page.line();
  for (const std::string& line : draw(panels, low, high, width, 9, can_unicode())) page.line(line);
  page.line();
}

std::string reached(const Tail& t) {
  if (!t.from) return std::string(t.format) + " never";
  return std::string(t.format) + (t.plus ? " from x = " : " up to x = ") + rounded(*t.from);
}

// One line for each tail and order: "f rounds to 1: float32 from x = 17.3287, float64 ...".
void print_tails(Page& page, const std::vector<Tail>& all) {
  std::string text;
  for (std::size_t i = 0; i < all.size(); ++i) {
    const bool first = i == 0 || all[i].order != all[i - 1].order || all[i].plus != all[i - 1].plus;
    if (first) {
      if (i > 0) text += "\n";
      text += all[i].order == 0 ? "f is " : "f' is ";
      text += rounded(all[i].limit) + ": ";
    } else {
      text += ", ";
    }
    text += reached(all[i]);
  }
  if (!text.empty()) page.item("as floats", text);
}

std::string parameter_text(const Parameter& p, double value) {
  std::string out = p.name + " = " + shortest(value) + " (default " + shortest(p.value) + ")";
  if (!p.meaning.empty()) out += ", " + p.meaning;
  out += "; recommended " + p.recommended.text() + ", possible " + p.any.text();
  if (p.learned) out += "; learned";
  return out;
}

std::string kinks_text(const Activation& f) {
  const Info& info = f.info();
  std::string out;
  for (const Kink& kink : info.kinks) {
    if (!out.empty()) out += "\n";
    out += "x = " + shortest(kink.position(f.parameters())) + ": " + kink.convention;
  }
  return out.empty() ? "none, smooth everywhere" : out;
}

std::string extreme_text(const Extreme& e) {
  return rounded(e.value, 10) + (e.attained ? " at x = " : " approached at x = ") +
         rounded(e.at, 10);
}

std::string claim_text(const Claim& c) {
  constexpr const char* kOrder[] = {"value", "slope", "curvature"};
  std::string out = std::string(c.type == Type::f32 ? "float32 " : "float64 ") + kOrder[c.order] +
                    " within " + rounded(c.ulp) + " ULP";
  if (std::isfinite(c.low) || std::isfinite(c.high)) {
    out += " for x in [" + shortest(c.low) + ", " + shortest(c.high) + "]";
  }
  if (c.scale > 0) out += " of " + rounded(c.scale);
  return out;
}

void print_text(Output& out, const Activation& f) {
  const Info& info = f.info();
  Page page(out);
  page.heading(f.text() + ", the " + info.title);
  print_drawing(page, f);
  page.item("f(x)", info.formula);
  page.item("f'(x)", info.slope);
  page.item("f''(x)", info.curvature);
  page.item("derivation", info.derivation);
  for (std::size_t k = 0; k < info.parameters.size(); ++k) {
    page.item(k == 0 ? "parameters" : "", parameter_text(info.parameters[k], f.parameters()[k]));
  }
  page.line();
  const Limits limits = f.limits();
  const Interval domain = f.domain();
  if (!everywhere(domain)) page.item("domain", domain.text() + "; NaN outside");
  page.item("range", f.range().text());
  const auto ends = [&](int order) {
    return rounded(limits.minus[order]) + " at " + rounded(domain.low) + ", " +
           rounded(limits.plus[order]) + " at " + rounded(domain.high);
  };
  page.item("limits", "f: " + ends(0) + "\nf': " + ends(1));
  print_tails(page, tails(f));
  page.item("largest |f'|", extreme_text(slope_maximum(f)));
  page.item("largest |f''|", extreme_text(curvature_maximum(f)));
  page.item("symmetry", symmetry_text(f));
  page.item("kinks", kinks_text(f));
  page.item("from output",
            info.slope_from_output ? info.from_output_note : "no: the slope needs x");
  page.line();
  std::string accuracy;
  for (const Claim& claim : f.claims())
    accuracy += (accuracy.empty() ? "" : "\n") + claim_text(claim);
  if (!accuracy.empty()) page.item("fast tier", accuracy);
  std::string aliases;
  for (const std::string& alias : info.aliases) aliases += (aliases.empty() ? "" : ", ") + alias;
  if (!aliases.empty()) page.item("also", aliases);
  for (const auto& [what, name] : kElsewhere) {
    if (!(info.*name).empty()) page.item(what, info.*name);
  }
  if (!info.paper.empty()) page.item("paper", info.paper);
}

void json_interval(Json& json, const char* key, const Interval& i) {
  json.key(key).object().field("low", i.low).field("high", i.high);
  json.field("low_open", i.low_open).field("high_open", i.high_open).field("text", i.text());
  json.end_object();
}

void json_extreme(Json& json, const char* key, const Extreme& e) {
  json.key(key).object().field("value", e.value).field("at", e.at);
  json.field("attained", e.attained).end_object();
}

void json_limits(Json& json, const Limits& limits) {
  json.key("limits").object();
  for (const auto& [side, values] : {std::pair{"minus", limits.minus}, {"plus", limits.plus}}) {
    json.key(side).array();
    for (const double v : values) json.value(v);
    json.end_array();
  }
  json.end_object();
}

void json_parameters(Json& json, const Activation& f) {
  json.key("parameters").array();
  for (std::size_t k = 0; k < f.parameters().size(); ++k) {
    const Parameter& p = f.info().parameters[k];
    json.object().field("name", p.name).field("value", f.parameters()[k]);
    json.field("default", p.value).field("learned", p.learned).field("meaning", p.meaning);
    json_interval(json, "recommended", p.recommended);
    json_interval(json, "any", p.any);
    json.end_object();
  }
  json.end_array();
}

void json_tails(Json& json, const Activation& f) {
  json.key("as_floats").array();
  for (const Tail& t : tails(f)) {
    json.object().field("type", t.format).field("order", t.order);
    json.field("side", t.plus ? "plus" : "minus").field("limit", t.limit).key("from");
    t.from ? json.value(*t.from) : json.null();
    json.end_object();
  }
  json.end_array();
}

void print_json(Output& out, const Activation& f) {
  const Info& info = f.info();
  Json json(out);
  json.begin().field("function", info.name).field("text", f.text()).field("title", info.title);
  json.field("formula", info.formula).field("slope", info.slope);
  json.field("curvature", info.curvature).field("derivation", info.derivation);
  json_parameters(json, f);
  json_interval(json, "domain", f.domain());
  json_interval(json, "range", f.range());
  json_limits(json, f.limits());
  json_tails(json, f);
  json_extreme(json, "slope_maximum", slope_maximum(f));
  json_extreme(json, "curvature_maximum", curvature_maximum(f));
  json.field("symmetry", symmetry_word(info.symmetry)).key("kinks").array();
  for (const Kink& kink : info.kinks) {
    json.object()
        .field("at", kink.position(f.parameters()))
        .field("convention", kink.convention)
        .end_object();
  }
  json.end_array().field("slope_from_output", info.slope_from_output);
  json.field("from_output_note", info.from_output_note).key("claims").array();
  for (const Claim& c : f.claims()) {
    json.object().field("type", c.type == Type::f32 ? "f32" : "f64").field("order", c.order);
    json.field("ulp", c.ulp).field("worst", c.worst).field("low", c.low).field("high", c.high);
    json.field("scale", c.scale).end_object();
  }
  json.end_array().key("aliases").array();
  for (const std::string& alias : info.aliases) json.value(alias);
  json.end_array().key("elsewhere").object();
  for (const auto& [what, name] : kElsewhere) {
    if (!(info.*name).empty()) json.field(what, info.*name);
  }
  json.end_object().field("paper", info.paper).finish();
}

int run(const ShowOptions& o, Output& out) {
  const Activation f(o.name, o.bounds());
  (o.json ? print_json : print_text)(out, f);
  return kFine;
}

}  // namespace

void add_show(CLI::App& app, Action& action) {
  const auto o = std::make_shared<ShowOptions>();
  Verb verb = add_verb<ShowOptions>(app, action, "show", "Everything known about a function.",
                                    "  gradkeep show gelu\n"
                                    "  gradkeep show 'elu(alpha=0.5)' --json\n",
                                    o, run);
  add_function(verb, *o, o->name);
}

}  // namespace gradkeep::cli
