// gradkeep gain: what to multiply weights by for an activation, what each choice keeps, and which one is
// recommended for a width and a depth.
// SPDX-License-Identifier: Apache-2.0
#include <gradkeep/recommendation.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <optional>

#include "cli/theory.h"

namespace gradkeep::cli {
namespace {

struct GainOptions : Options {
  std::string name, variance = "1", width = "256", depth = "20";
};

// The weight_std of the stable critical point without biases; none where there is no such point.
std::optional<double> consistent(const MeanField& field) {
  const Criticality c = critical(field, 0);
  for (const CriticalPoint& point : c.points) {
    if (point.stable || c.line == CriticalLine::degenerate) return point.weight_std;
  }
  return {};
}

void print_sentences(Output& out, const std::string& text) {
  std::size_t from = 0;
  while (from < text.size()) {
    const std::size_t end = std::min(text.find(". ", from), text.size() - 1) + 1;
    out << "  " << text.substr(from, end - from) << "\n";
    from = end + 1;
  }
}

void print_json(Json& json, const Recommendation& r, int width, int depth) {
  json.object().field("width", width).field("depth", depth);
  json.field("weight_std", r.scale.weight_std).field("bias_std", r.scale.bias_std);
  json.field("footing", text(r.footing));
  field_or_null(json, "q", r.q);
  json.field("input_variance", r.input_variance);
  field_or_null(json, "gradient_gain", r.gradient_gain);
  field_or_null(json, "log_variance", r.log_variance);
  json.field("reason", r.reason).end_object();
}

int run(const GainOptions& o, Output& out) {
  const Activation f(o.name, o.bounds());
  const double q = parse_size(o.variance, "--variance", true);
  const int width = parse_count(o.width, "--width", kWidest);
  const int depth = parse_count(o.depth, "--depth", kDeepest);
  const MeanField field(f);
  const Gains g = gains(field.phi(), q);
  const std::optional<double> own = consistent(field);
  const Recommendation r = recommend(field, width, depth);
  if (o.json) {
    Json json(out);
    json.begin().function(f);
    json.field("variance", q).field("forward", g.forward).field("backward", g.backward);
    json.field("centred", g.centred).key("self_consistent");
    own ? json.value(*own) : json.null();
    json.key("recommendation");
    print_json(json, r, width, depth);
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
  out << "Recommended for " << o.depth << " layers of " << o.width << " units: weight_std "
      << rounded(r.scale.weight_std, 6) << ", bias_std " << rounded(r.scale.bias_std, 6) << " ("
      << text(r.footing) << ").\n";
  print_sentences(out, r.reason);
  return kFine;
}

}  // namespace

void add_gain(CLI::App& app, Action& action) {
  const auto o = std::make_shared<GainOptions>();
  Verb verb = add_verb<GainOptions>(app, action, "gain",
                                    "What to multiply weights by, and what each choice keeps.",
                                    "  gradkeep gain gelu\n"
                                    "  gradkeep gain sigmoid --width 100 --depth 32\n"
                                    "  gradkeep gain tanh --variance 0.5 --json\n",
                                    o, run);
  add_function(verb, *o, o->name);
  verb.add_option("--variance", o->variance, "Of the pre-activations (1)").type_name("Q");
  verb.add_option("--width", o->width, "Units in each layer of the recommendation (256)")
      .type_name("N");
  verb.add_option("--depth", o->depth, "Its hidden layers (20)").type_name("L");
}

}  // namespace gradkeep::cli
