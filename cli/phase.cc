// gradkeep phase: a map of all weight and bias scales, where gradients vanish and where they explode.
// SPDX-License-Identifier: Apache-2.0
#include <gradkeep/critical.h>
#include <gradkeep/phase.h>

#include <algorithm>
#include <cmath>
#include <thread>

#include "cli/gnuplot.h"
#include "cli/theory.h"

namespace gradkeep::cli {
namespace {

struct PhaseOptions : Options {
  std::string name, weight_from = "0.5", weight_to = "4", bias_to = "2", points = "200";
  std::string input_variance = "1", output;
};

std::vector<double> steps(double low, double high, int count) {
  std::vector<double> out;
  for (int i = 0; i < count; ++i) out.push_back(low + (high - low) * i / (count - 1));
  return out;
}

// Stable points of the critical line, and the others.
struct Line {
  std::string stable, unstable;
};

Line critical_line(const MeanField& field, double bias_to, double weight_from, double weight_to) {
  constexpr int kPoints = 120;
  Line out;
  for (const double bias : steps(0, bias_to, kPoints)) {
    for (const CriticalPoint& point : critical(field, bias).points) {
      if (point.weight_std < weight_from || point.weight_std > weight_to) continue;
      const bool stable = point.stable || std::isnan(point.q);
      (stable ? out.stable : out.unstable) +=
          shortest(point.weight_std) + " " + shortest(bias) + "\n";
    }
  }
  return out;
}

constexpr const char* kLook =
    " textcolor rgb '#333333'\n"
    "set xlabel 'weight_std: weights are N(0, weight_std^2 / fan-in)' textcolor rgb '#333333'\n"
    "set ylabel 'bias_std: biases are N(0, bias_std^2)' textcolor rgb '#333333'\n"
    "set cblabel 'log10 chi_1' textcolor rgb '#333333'\n"
    "set cbrange [-1:1]\n"
    "set border lc rgb '#333333'\n"
    "set tics nomirror out textcolor rgb '#333333'\n"
    "set bmargin 6\n"
    "set key at screen 0.5,0.015 center bottom horizontal samplen 2 textcolor rgb '#333333'\n"
    "set object 1 rectangle from graph 0,0 to graph 1,1 behind fillstyle solid noborder "
    "fillcolor rgb '#bdbdbd'\n"
    "set palette defined (-1 '#0b4f8a', -0.4 '#6aaed6', 0 '#f7f7f7', 0.4 '#f2a65a', 1 '#a63603')\n";

// Vanishing is blue, exploding orange, and what diverges grey: colours that colour-blind eyes keep apart.
std::string script(const PhaseDiagram& d, const Line& line, const std::string& title, bool png,
                   const std::string& file) {
  bool diverges = false;
  std::string data = "$phase << EOD\n";
  for (std::size_t b = 0; b < d.bias_std.size(); ++b) {
    for (std::size_t w = 0; w < d.weight_std.size(); ++w) {
      const PhasePoint& p = d.at(w, b);
      const bool settles = p.status != FixedPointStatus::diverging;
      diverges = diverges || !settles;
      const double log = std::log10(std::clamp(p.chi_1, 1e-9, 1e9));
      data += shortest(d.weight_std[w]) + " " + shortest(d.bias_std[b]) + " " +
              (settles && !std::isnan(log) ? rounded(log, 5) : "NaN") + "\n";
    }
    data += "\n";
  }
  data +=
      "EOD\n$stable << EOD\n" + line.stable + "EOD\n$unstable << EOD\n" + line.unstable + "EOD\n";
  std::string out =
      gnuplot_terminal(png, 640, 480, false) + "set output " + gnuplot_quoted(file) + "\n" + data;
  const auto range = [](const std::vector<double>& v) {
    return " [" + shortest(v.front()) + ":" + shortest(v.back()) + "]\n";
  };
  out += "set xrange" + range(d.weight_std) + "set yrange" + range(d.bias_std);
  out += "set title " + gnuplot_quoted(title) + kLook + "plot $phase with image notitle";
  if (!line.stable.empty()) {
    out += ", $stable with points pt 7 ps 0.3 lc rgb '#000000' title 'critical: chi_1 = 1'";
  }
  if (!line.unstable.empty()) {
    out += ", $unstable with points pt 6 ps 0.3 lc rgb '#555555' title 'but signals leave it'";
  }
  if (diverges) {
    out += ", NaN with boxes fillstyle solid lc rgb '#bdbdbd' title 'signals grow without end'";
  }
  return out + "\nset output\n";
}

int run(const PhaseOptions& o, Output& out) {
  const Activation f(o.name, o.bounds());
  const double from = parse_size(o.weight_from, "--weight-from");
  const double to = parse_size(o.weight_to, "--weight-to", true);
  const double bias_to = parse_size(o.bias_to, "--bias-to", true);
  if (!(from < to)) {
    throw Error("--weight-from is " + o.weight_from + " and --weight-to is " + o.weight_to +
                ", expected from < to");
  }
  const int points = parse_count(o.points, "--points", 1000);
  if (points < 2) throw Error("--points is " + o.points + ", expected 2 or more");
  const bool png = o.output.ends_with(".png");
  if (!o.output.empty() && !png && !o.output.ends_with(".svg")) {
    throw Error("-o " + o.output + ": expected a name that ends in .svg or .png");
  }
  if (o.output.empty() && !o.json) {
    throw Error("expected -o with a name for the picture, or --json");
  }
  const MeanField field(f);
  const int threads = std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
  const PhaseDiagram d =
      phase_diagram(field, steps(from, to, points), steps(0, bias_to, points),
                    parse_size(o.input_variance, "--input-variance", true), threads);
  if (!o.output.empty()) {
    const Line line = critical_line(field, bias_to, from, to);
    TemporaryFile picture(o.output, png ? ".png" : ".svg");
    run_gnuplot(script(d, line, f.text() + ": gradients vanish (blue), explode (orange)", png,
                       picture.name()),
                picture.name());
    picture.keep();
  }
  if (!o.json) return kFine;
  Json json(out);
  json.begin().function(f);
  json.key("weight_std").array();
  for (const double w : d.weight_std) json.value(w);
  json.end_array().key("bias_std").array();
  for (const double b : d.bias_std) json.value(b);
  json.end_array().key("points").array();
  for (const PhasePoint& p : d.points) {
    json.object().field("status", text(p.status)).field("q", p.q);
    field_or_null(json, "chi_1", p.chi_1);
    field_or_null(json, "xi_c", p.xi_c);
    json.end_object();
  }
  json.end_array().finish();
  return kFine;
}

}  // namespace

void add_phase(CLI::App& app, Action& action) {
  const auto o = std::make_shared<PhaseOptions>();
  Verb verb = add_verb<PhaseOptions>(
      app, action, "phase", "A map of weight and bias scales: vanishing, critical, exploding.",
      "  gradkeep phase tanh -o tanh.svg\n"
      "  gradkeep phase gelu --weight-to 3 --bias-to 1 -o gelu.png\n"
      "  gradkeep phase elu --points 20 --json\n",
      o, run);
  add_function(verb, *o, o->name);
  verb.add_option("--weight-from", o->weight_from, "Least weight_std (0.5), a standard deviation")
      .type_name("S");
  verb.add_option("--weight-to", o->weight_to, "Largest weight_std (4)").type_name("S");
  verb.add_option("--bias-to", o->bias_to, "Largest bias_std (2), a standard deviation")
      .type_name("B");
  verb.add_option("--points", o->points, "On either axis (200)").type_name("N");
  verb.add_option("--input-variance", o->input_variance, "The inputs' mean square (1)")
      .type_name("Q");
  verb.add_option("-o,--output", o->output, "The picture").type_name("x.svg|x.png");
}

}  // namespace gradkeep::cli
