// gradkeep spectrum: the singular values of a wide random network's input-output Jacobian.
// SPDX-License-Identifier: Apache-2.0
#include <gradkeep/jacobian.h>

#include <algorithm>
#include <cmath>
#include <optional>

#include "cli/gnuplot.h"
#include "cli/theory.h"
#include "report/words.h"

namespace gradkeep::cli {
namespace {

constexpr double kShares[] = {0.01, 0.1, 0.25, 0.5, 0.75, 0.9, 0.99};
// The picture leaves out what lies this far under its upper end: e^-28 is 1e-12 of it.
constexpr double kShown = 28;
constexpr int kMostLayers = 1'000'000;

struct SpectrumOptions : Options {
  std::string name, layers, weights = "gaussian", variance = "1", output;
  std::optional<std::string> weight_std, width;
};

struct Findings {
  JacobianSetting setting;
  JacobianSpectrum spectrum;
  std::optional<JacobianDensity> density;  // none where no grid resolves it
  std::optional<double> width;
  LogNormal log_normal;
  double worst_case = 0;

  double log_mean() const { return static_cast<double>(setting.layers) * std::log(spectrum.chi_1); }
  double at(double u) const { return std::exp(u + log_mean()); }
};

Findings find(const Activation& f, const SpectrumOptions& o) {
  Findings out;
  const Nonlinearity phi(f);
  JacobianSetting& s = out.setting;
  s.layers = parse_count(o.layers, "--layers", kMostLayers);
  s.weights = o.weights == "gaussian" ? Weights::gaussian : Weights::orthogonal;
  s.q = parse_size(o.variance, "--variance", true);
  s.weight_std = o.weight_std ? parse_size(*o.weight_std, "--weight-std", true)
                              : critical_weight_std(phi, s.q);
  out.spectrum = jacobian_spectrum(phi, s);
  try {
    out.density = jacobian_density(phi, s);
  } catch (const Error&) {
    if (!o.output.empty()) throw;
  }
  if (o.width) {
    const double width = parse_size(*o.width, "--width", true);
    if (width < 1) throw Error("--width is " + *o.width + ", expected 1 or more");
    out.width = width;
    out.log_normal = jacobian_log_norm(phi, s, {&width, 1});
  }
  out.worst_case = jacobian_worst_case(phi, s);
  return out;
}

void print_json(Output& out, const Activation& f, const SpectrumOptions& o, const Findings& r) {
  Json json(out);
  json.begin().function(f);
  json.field("layers", r.setting.layers).field("weights", o.weights);
  json.field("weight_std", r.setting.weight_std).field("input_variance", r.setting.q);
  json.field("chi_1", r.spectrum.chi_1).field("mean", r.spectrum.mean);
  json.field("variance", r.spectrum.variance);
  json.field("lambda_max", r.spectrum.lambda_max).field("upper_edge", word(r.spectrum.high));
  json.field("lambda_min", r.spectrum.lambda_min).field("lower_edge", word(r.spectrum.low));
  json.key("atoms").array();
  for (const SpectrumAtom& a : r.spectrum.atoms) {
    json.object().field("at", a.at).field("weight", a.weight).end_object();
  }
  json.end_array().key("quantiles");
  if (r.density) {
    json.array();
    for (const double share : kShares) {
      const double at = r.at(r.density->quantile(share));
      json.object().field("share", share).field("at", at).end_object();
    }
    json.end_array();
  } else {
    json.null();
  }
  json.key("log_normal");
  if (r.width) {
    json.object().field("width", *r.width).field("mean", r.log_normal.mean);
    json.field("variance", r.log_normal.variance);
    json.field("moment_ratio", r.log_normal.moment_ratio);
    json.field("homogeneous", r.log_normal.homogeneous).end_object();
  } else {
    json.null();
  }
  json.field("worst_case", r.worst_case);
  if (!o.output.empty()) json.field("file", o.output);
  json.finish();
}

std::string upper_words(const JacobianSpectrum& s) {
  switch (s.high) {
    case SpectrumEdge::root:
      return "where the density falls to 0 like a square root";
    case SpectrumEdge::atom:
      return report::percent(s.atoms.back().weight, 3) + " of them lie there";
    case SpectrumEdge::slopes:
      return "where every layer's slope is at its largest";
    default:
      return "since slopes grow without bound";
  }
}

std::string lower_words(const JacobianSpectrum& s) {
  switch (s.low) {
    case SpectrumEdge::root:
      return "where the density falls to 0 like a square root";
    case SpectrumEdge::atom:
      return report::percent(s.atoms.front().weight, 3) +
             (s.atoms.front().at == 0 ? " of them are 0" : " of them lie there");
    case SpectrumEdge::slopes:
      return "where every layer's slope is at its least";
    default:
      return "with others as near to it as you like";
  }
}

void print_text(Output& out, const Activation& f, const SpectrumOptions& o, const Findings& r) {
  const JacobianSpectrum& s = r.spectrum;
  const std::string layers = std::to_string(r.setting.layers);
  const auto line = [&](const std::string& what, double value, const std::string& words) {
    out << "  " << report::padded(what, 10) << report::padded(in_double(value, 7), 14) << words
        << "\n";
  };
  out << f.text() << ", " << layers << (r.setting.layers == 1 ? " layer" : " layers")
      << " of infinite width, " << o.weights << " weights of standard deviation "
      << rounded(r.setting.weight_std, 9)
      << (r.setting.weights == Weights::gaussian ? " / sqrt(width)" : " times an orthogonal matrix")
      << (o.weight_std ? "" : " (the critical one)") << ", inputs of variance "
      << rounded(r.setting.q, 9) << "\n\nSquared singular values of the Jacobian:\n";
  line("mean", s.mean, "chi_1^" + layers + ", where chi_1 = " + rounded(s.chi_1, 9));
  line("variance", s.variance, "");
  line("largest", s.lambda_max, upper_words(s));
  line("least", s.lambda_min, lower_words(s));
  if (r.density) {
    for (const double share : {0.1, 0.5, 0.9}) {
      line(report::percent(share, 0), r.at(r.density->quantile(share)), "are at or below this");
    }
  }
  if (r.width) {
    out << "\nAt width " << rounded(*r.width, 9)
        << " the logarithm of ||J u||^2, for one direction u, is about normal over networks:\n";
    line("mean", r.log_normal.mean, "");
    line("variance", r.log_normal.variance,
         r.log_normal.homogeneous ? "" : "slopes taken as independent of the signal");
  }
  out << "\nNo singular value of J itself exceeds (||W|| max|f'|)^" << layers << " = "
      << in_double(r.worst_case, 7) << ".\n";
}

std::string log_number(double u, double log_mean) {
  return shortest((u + log_mean) / std::log(10.0));
}

// Over powers of ten, with the density of ln(lambda) as the height: equal areas are equal shares.
std::string script(const Activation& f, const SpectrumOptions& o, const Findings& r,
                   const JacobianDensity& d, const std::string& file) {
  const double log_mean = r.log_mean();
  double top = d.u.empty() ? 0 : d.u.back(), bottom = top, height = 0;
  for (const SpectrumAtom& a : d.atoms) top = std::max(top, a.at);
  std::string data = "$density << EOD\n";
  for (std::size_t i = 0; i < d.u.size(); ++i) {
    if (d.u[i] < top - kShown) continue;
    bottom = std::min(bottom, d.u[i]);
    height = std::max(height, d.density[i]);
    data += log_number(d.u[i], log_mean) + " " + shortest(d.density[i]) + "\n";
  }
  if (height == 0) height = 1;
  data += "EOD\n";
  std::string plot = "$density with filledcurves y1=0 fc rgb '#0072b2' fs transparent solid 0.25 " +
                     std::string("notitle, $density with lines lw 2.2 lc rgb '#0072b2' title ") +
                     gnuplot_quoted("density of ln(squared singular value)");
  for (std::size_t i = 0; i < d.atoms.size(); ++i) {
    const SpectrumAtom& a = d.atoms[i];
    const std::string name = "$atom" + std::to_string(i), share = report::percent(a.weight, 3);
    const bool zero = std::isinf(a.at);
    data += name + " << EOD\n" + (zero ? "0 -1" : log_number(a.at, log_mean) + " 0") + "\n" +
            (zero ? "" : log_number(a.at, log_mean) + " " + shortest(height) + "\n") + "EOD\n";
    plot += ", " + name + " with lines lw 3 lc rgb '#d55e00' title " +
            gnuplot_quoted(zero ? share + " are 0" : share + " at " + rounded(r.at(a.at), 5));
  }
  data += "$mean << EOD\n" + log_number(0, log_mean) + " 0\n" + log_number(0, log_mean) + " " +
          shortest(height) + "\nEOD\n";
  plot += ", $mean with lines lw 1.5 dt (6,4) lc rgb '#333333' title " +
          gnuplot_quoted("mean " + rounded(r.spectrum.mean, 5));
  const double margin = 0.03 * (top - bottom) + 0.01;
  const std::string title =
      f.text() + ", " + std::to_string(r.setting.layers) + " layers, " + o.weights + " weights";
  return gnuplot_terminal(o.output.ends_with(".png"), 640, 440, false) + "set output " +
         gnuplot_quoted(file) + "\n" + data +
         "set border 3 lc rgb '#333333'\nset tics nomirror\n"
         "set bmargin 8\nset key at screen 0.5,0.015 center bottom horizontal maxcols 2 samplen 3 "
         "reverse Left\n"
         "set format x '1e%g'\nset xlabel 'squared singular value'\nset title " +
         gnuplot_quoted(title) + "\nset xrange [" + log_number(bottom - margin, log_mean) + ":" +
         log_number(top + margin, log_mean) + "]\nset yrange [0:" + shortest(1.05 * height) +
         "]\nplot " + plot + "\nset output\n";
}

int run(const SpectrumOptions& o, Output& out) {
  const bool picture = !o.output.empty();
  if (picture && !o.output.ends_with(".svg") && !o.output.ends_with(".png")) {
    throw Error("-o " + o.output + ": expected a name that ends in .svg or .png");
  }
  const Activation f(o.name, o.bounds());
  const Findings found = find(f, o);
  if (picture && found.density) {
    TemporaryFile file(o.output, o.output.substr(o.output.size() - 4));
    run_gnuplot(script(f, o, found, *found.density, file.name()), file.name());
    file.keep();
  }
  (o.json ? print_json : print_text)(out, f, o, found);
  return kFine;
}

}  // namespace

void add_spectrum(CLI::App& app, Action& action) {
  const auto o = std::make_shared<SpectrumOptions>();
  Verb verb = add_verb<SpectrumOptions>(
      app, action, "spectrum", "Singular values of a wide network's Jacobian.",
      "  gradkeep spectrum tanh --layers 16 --weights orthogonal --variance 0.1\n"
      "  gradkeep spectrum relu --layers 8 --width 256\n"
      "  gradkeep spectrum gelu --layers 10 --weight-std 1.5 -o spectrum.svg\n"
      "Weights are given by their standard deviation: gaussian ones have it divided by\n"
      "sqrt(width), orthogonal ones are a random orthogonal matrix times it.\n",
      o, run);
  add_function(verb, *o, o->name);
  verb.add_option("--layers", o->layers, "How many layers").required().type_name("L");
  add_choice(verb, "--weights", o->weights, {"gaussian", "orthogonal"},
             "How weights are drawn (gaussian)");
  verb.add_option("--weight-std", o->weight_std,
                  "Standard deviation of the weights, times sqrt(width) (the critical one, "
                  "1 / sqrt(E f'^2))")
      .type_name("S");
  verb.add_option("--variance", o->variance, "Variance of every layer's inputs (1)").type_name("Q");
  verb.add_option("--width", o->width, "Also what a finite width adds").type_name("N");
  verb.add_option("-o,--output", o->output, "The density as a picture").type_name("x.svg|x.png");
}

}  // namespace gradkeep::cli
