// gradkeep eval: values, slopes and curvatures at the numbers given, or over a NumPy array.
// SPDX-License-Identifier: Apache-2.0
#include <sys/stat.h>

#include <cmath>

#include "check/truth.h"
#include "cli/json.h"
#include "cli/verbs.h"
#include "data/npy.h"
#include "report/words.h"

namespace gradkeep::cli {
namespace {

struct EvalOptions : Options {
  std::string name, order = "0", type, tier = "fast", input, output;
  std::vector<std::string> x;
  bool from_output = false;
};

// An output is any number that the function can return in this type: its range with the ends rounded
// to the type, open ones too, since sigmoid does return 1 and elu(alpha=0.1) the float next to -0.1.
template <class T>
void check_outputs(const Activation& f, std::span<const T> y) {
  const Interval range = f.range();
  const T low = static_cast<T>(range.low), high = static_cast<T>(range.high);
  for (const T v : y) {
    if (!(v >= low && v <= high)) {
      throw Error(shortest(v) + " is no output of " + f.text() +
                  ": expected a number of its range " + range.text() +
                  ", or an end of it, as rounding may give");
    }
  }
}

template <class T>
std::vector<T> evaluate(const Activation& f, const EvalOptions& o, int order,
                        std::span<const T> x) {
  std::vector<T> y(x.size());
  if (o.from_output) {
    check_outputs(f, x);
    order == 1 ? f.slope_from_output<T>(x, y) : f.curvature_from_output<T>(x, y);
  } else if (o.tier == "truth") {
    const check::Truth truth(f);
    for (std::size_t i = 0; i < x.size(); ++i)
      y[i] = truth.rounded<T>(check::ask_order(order), x[i]);
  } else {
    f.evaluate<T>(order, x, y, o.tier == "exact" ? Tier::exact : Tier::fast);
  }
  return y;
}

template <class T>
void print_json(Output& out, const Activation& f, const EvalOptions& o, int order,
                std::span<const T> x, std::span<const T> y) {
  Json json(out);
  json.begin().function(f).field("type", sizeof(T) == 4 ? "f32" : "f64").field("tier", o.tier);
  json.field("order", order).field("from", o.from_output ? "output" : "input");
  json.key("results").array();
  for (std::size_t i = 0; i < x.size(); ++i) {
    json.object().field("x", x[i]).field("y", y[i]).field("bits", bits_text(y[i])).end_object();
  }
  json.end_array().finish();
}

template <class T>
void print_text(Output& out, std::span<const T> x, std::span<const T> y) {
  int x_width = 0, y_width = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    x_width = std::max(x_width, report::width(shortest(x[i])));
    y_width = std::max(y_width, report::width(shortest(y[i])));
  }
  for (std::size_t i = 0; i < x.size(); ++i) {
    out << report::padded(shortest(x[i]), x_width, true) << "  "
        << report::padded(shortest(y[i]), y_width) << "  " << bits_text(y[i]) << "\n";
  }
}

template <class T>
void run_numbers(const Activation& f, const EvalOptions& o, int order, Output& out) {
  std::vector<T> x;
  for (const std::string& text : o.x) x.push_back(parse_number<T>(text, "X"));
  const std::vector<T> y = evaluate<T>(f, o, order, x);
  if (o.json) {
    print_json<T>(out, f, o, order, x, y);
  } else {
    print_text<T>(out, x, y);
  }
}

template <class T>
void run_array(const Activation& f, const EvalOptions& o, int order, const data::NpyArray& array) {
  std::vector<T> x(array.size());
  for (std::size_t i = 0; i < x.size(); ++i) x[i] = static_cast<T>(array.number(i));
  data::write_npy<T>(o.output, evaluate<T>(f, o, order, x), array.shape());
}

void check_arguments(const EvalOptions& o, const Activation& f) {
  if (o.input.empty() != o.output.empty()) {
    throw Error("--input and --output go together: expected both or neither");
  }
  if (o.input.empty() == o.x.empty()) {
    throw Error(o.x.empty() ? "nothing to evaluate: expected numbers X or --input"
                            : "numbers X and --input exclude each other");
  }
  if (!o.input.empty() && o.json) {
    throw Error("--json prints numbers X; with --input the results go to --output");
  }
  struct stat info;
  if (!o.output.empty() && ::stat(o.output.c_str(), &info) == 0 && !S_ISREG(info.st_mode)) {
    throw Error("cannot write " + o.output + ": expected a regular file");
  }
  if (!o.from_output) return;
  if (o.order == "0")
    throw Error("--from-output gives slopes or curvatures: expected --order 1 or 2");
  if (o.tier != "fast") {
    throw Error("--tier " + o.tier + " does not apply with --from-output, which has one form only");
  }
  if (!f.has_output_form()) {
    throw Error(f.text() + " has no derivative computed from its output: leave out --from-output");
  }
}

int run(const EvalOptions& o, Output& out) {
  const Activation f(o.name, o.bounds());
  check_arguments(o, f);
  const int order = o.order[0] - '0';
  if (o.input.empty()) {
    o.type == "f64" ? run_numbers<double>(f, o, order, out) : run_numbers<float>(f, o, order, out);
    return kFine;
  }
  const data::NpyArray array(o.input);
  const bool is_double = o.type.empty() ? array.type() == data::NpyType::f64 : o.type == "f64";
  is_double ? run_array<double>(f, o, order, array) : run_array<float>(f, o, order, array);
  return kFine;
}

}  // namespace

void add_eval(CLI::App& app, Action& action) {
  const auto o = std::make_shared<EvalOptions>();
  Verb verb =
      add_verb<EvalOptions>(app, action, "eval", "Values, slopes and curvatures.",
                            "  gradkeep eval gelu -5.5 0 inf --tier exact\n"
                            "  gradkeep eval 'elu(alpha=0.5)' -1 --order 1 --type f64 --json\n"
                            "  gradkeep eval sigmoid bits:0xc2d00000 -.5 0x1p-3\n"
                            "  gradkeep eval tanh --order 1 --input x.npy --output slopes.npy\n",
                            o, run);
  add_function(verb, *o, o->name);
  verb.add_option(
      "X", o->x,
      "Numbers: decimal, 0x1.8p-3, inf, -inf, nan or bits:0xff800000 (16 digits for f64)");
  add_choice(verb, "--order", o->order, {"0", "1", "2"}, "0 value, 1 slope, 2 curvature (0)");
  add_choice(verb, "--type", o->type, {"f32", "f64"},
             "float32 or float64 (f32, or the type of the array)");
  add_choice(verb, "--tier", o->tier, {"fast", "exact", "truth"},
             "A few units in the last place, correctly rounded, or the reference (fast)");
  verb.add_flag("--from-output", o->from_output,
                "X are outputs y = f(x), of its range or an end of it; order 1 or 2");
  add_file(verb, "--input", o->input, "Evaluate a NumPy array").type_name("a.npy");
  add_file(verb, "--output", o->output, "Where the results go").type_name("b.npy");
}

}  // namespace gradkeep::cli
