// gradkeep critical: the weights with which gradients neither vanish nor explode.
// SPDX-License-Identifier: Apache-2.0
#include <gradkeep/critical.h>

#include <cmath>

#include "cli/theory.h"

namespace gradkeep::cli {
namespace {

struct CriticalOptions : Options {
  std::string name, bias_std = "0";
};

void print_json(Output& out, const Activation& f, double bias_std, const Criticality& c,
                const std::vector<HalfStablePoint>& half) {
  Json json(out);
  json.begin().function(f);
  json.field("bias_std", bias_std).field("line", text(c.line));
  json.key("roots").array();
  for (const CriticalPoint& point : c.points) {
    json.object().field("weight_std", point.weight_std);
    field_or_null(json, "q", point.q);
    json.field("stable", point.stable).field("length_slope", point.length_slope).end_object();
  }
  json.end_array().key("half_stable").array();
  for (const HalfStablePoint& point : half) {
    json.object().field("weight_std", point.weight_std).field("bias_std", point.bias_std);
    json.field("q", point.q).end_object();
  }
  json.end_array().finish();
}

std::string meaning(const CriticalPoint& point) {
  if (std::isnan(point.q)) return "every variance stays what it is";
  if (point.stable) {
    return point.q == 0 ? "signals shrink towards 0, more and more slowly" : "signals come to it";
  }
  return "unstable: signals leave it";
}

int run(const CriticalOptions& o, Output& out) {
  const Activation f(o.name, o.bounds());
  const double bias_std = parse_size(o.bias_std, "--bias-std");
  const MeanField field(f);
  const Criticality c = critical(field, bias_std);
  const std::vector<HalfStablePoint> half = half_stable(field);
  if (o.json) {
    print_json(out, f, bias_std, c, half);
    return kFine;
  }
  out << f.text() << " with bias_std " << shortest(bias_std) << ": ";
  if (c.points.empty()) {
    out << "no weights keep the gradient's size (chi_1 is 1 at no fixed point).\n";
  } else {
    out << "the gradient keeps its size at\n";
    std::vector<std::vector<std::string>> rows;
    for (const CriticalPoint& point : c.points) {
      rows.push_back({rounded(point.weight_std, 8),
                      std::isnan(point.q) ? "every q" : rounded(point.q, 6),
                      rounded(point.length_slope, 4), meaning(point)});
    }
    print_table(out, {"weight_std", "q", "V'(q)", ""}, rows);
  }
  for (const HalfStablePoint& point : half) {
    out << "Half-stable (chi_1 = V' = 1) at weight_std " << rounded(point.weight_std, 8)
        << ", bias_std " << rounded(point.bias_std, 8) << ", q " << rounded(point.q, 6)
        << ": with a smaller bias the critical point is unstable or there is none.\n";
  }
  out << "Both are standard deviations: weights are N(0, weight_std^2 / fan-in).\n";
  return kFine;
}

}  // namespace

void add_critical(CLI::App& app, Action& action) {
  const auto o = std::make_shared<CriticalOptions>();
  Verb verb = add_verb<CriticalOptions>(app, action, "critical",
                                        "The weights with which gradients keep their size.",
                                        "  gradkeep critical tanh --bias-std 0.2\n"
                                        "  gradkeep critical gelu\n"
                                        "  gradkeep critical softplus --json\n",
                                        o, run);
  add_function(verb, *o, o->name);
  add_bias_std(verb, o->bias_std);
}

}  // namespace gradkeep::cli
