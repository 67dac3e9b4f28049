// gradkeep gain: what to multiply weights by for an activation, and what each choice keeps.
// SPDX-License-Identifier: Apache-2.0
#include <gradkeep/critical.h>

#include <cmath>
#include <numbers>
#include <optional>

#include "cli/theory.h"

namespace gradkeep::cli {
namespace {

struct GainOptions : Options {
  std::string name, variance = "1";
};

// The weight_std of the stable critical point without biases; none where there is no such point.
std::optional<double> consistent(const MeanField& field) {
  const Criticality c = critical(field, 0);
  for (const CriticalPoint& point : c.points) {
    if (point.stable || c.line == CriticalLine::degenerate) return point.weight_std;
  }
  return {};
}

int run(const GainOptions& o, Output& out) {
  const Activation f(o.name, o.bounds());
  const double q = parse_size(o.variance, "--variance", true);
  const MeanField field(f);
  const Gains g = gains(field.phi(), q);
  const std::optional<double> own = consistent(field);
  if (o.json) {
    Json json(out);
    json.begin().function(f);
    json.field("variance", q).field("forward", g.forward).field("backward", g.backward);
    json.field("centred", g.centred).key("self_consistent");
    own ? json.value(*own) : json.null();
    json.finish();
    return kFine;
  }
  const double he = std::numbers::sqrt2;
  out << f.text() << " at pre-activations of variance " << shortest(q)
      << ": weights N(0, gain^2 / fan-in) keep, in one layer,\n";
  const auto row = [&](const char* name, double v, const char* what) {
    out << "  " << name << "  " << rounded(v, 10) << "\n      " << what << "\n";
  };
  row("forward ", g.forward, "the signal's mean square, sqrt(q / E f^2)");
  row("backward", g.backward, "the gradient's mean square, 1 / sqrt(E f'^2)");
  row("centred ", g.centred, "the signal's variance, if a normalisation removes its mean");
  if (own) {
    row("self-consistent", *own,
        "the gradient in every layer of a deep network without biases (gradkeep critical)");
  } else {
    out << "  self-consistent: none, without biases no fixed point attracts and keeps the "
           "gradient\n";
  }
  if (std::abs(g.forward - he) < 1e-12) out << "(sqrt(2) is He's choice.)\n";
  return kFine;
}

}  // namespace

void add_gain(CLI::App& app, Action& action) {
  const auto o = std::make_shared<GainOptions>();
  Verb verb = add_verb<GainOptions>(app, action, "gain",
                                    "What to multiply weights by, and what each choice keeps.",
                                    "  gradkeep gain gelu\n"
                                    "  gradkeep gain tanh --variance 0.5 --json\n",
                                    o, run);
  add_function(verb, *o, o->name);
  verb.add_option("--variance", o->variance, "Of the pre-activations (1)").type_name("Q");
}

}  // namespace gradkeep::cli
