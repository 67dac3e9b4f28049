// gradkeep chain: what the chain rule leaves of a gradient after many layers.
// SPDX-License-Identifier: Apache-2.0
#include <gradkeep/flow.h>

#include <cmath>
#include <limits>

#include "cli/json.h"
#include "cli/verbs.h"
#include "report/words.h"

namespace gradkeep::cli {
namespace {

constexpr std::int64_t kMostSteps = 1'000'000;

struct ChainOptions : Options {
  std::string name, layers, at, weights, biases;
};

std::int64_t parse_layers(const std::string& text) {
  const double layers = parse_number<double>(text, "--layers");
  if (!(layers >= 1 && layers <= 0x1p53 && std::floor(layers) == layers)) {
    throw Error("--layers is " + text + ", expected a whole number from 1 to 9007199254740992");
  }
  return static_cast<std::int64_t>(layers);
}

// The layers' weights or biases; `otherwise` for each where none are given.
std::vector<double> per_layer(const std::string& text, const char* option, std::int64_t layers,
                              double otherwise) {
  if (text.empty()) return std::vector<double>(layers, otherwise);
  std::vector<double> out = parse_numbers<double>(text, option);
  if (static_cast<std::int64_t>(out.size()) != layers) {
    throw Error(std::string(option) + " has " + std::to_string(out.size()) +
                " numbers, expected one per layer: " + std::to_string(layers));
  }
  return out;
}

void depth(Json& json, const char* key, std::optional<std::int64_t> Vanishing::* member,
           double slope_max) {
  json.key(key).object();
  for (const Format& format : {kFloat32, kBfloat16, kFloat16}) {
    const auto layer = vanishing(slope_max, format).*member;
    json.key(format.name);
    layer ? json.value(*layer) : json.null();
  }
  json.end_object();
}

void print_json(Output& out, const Activation& f, std::int64_t layers, const Extreme& top,
                const std::vector<ChainStep>& steps) {
  Json json(out);
  json.begin().function(f);
  json.field("layers", layers).field("slope_max", top.value).field("argmax", top.at);
  json.field("attained", top.attained).field("bound", chain_bound(f, layers));
  json.key("steps").array();
  for (const ChainStep& s : steps) {
    json.object().field("a", s.a).field("f", s.f).field("slope", s.slope);
    json.field("weight", s.weight).field("product", s.product).end_object();
  }
  json.end_array();
  depth(json, "subnormal_at", &Vanishing::subnormal_at, top.value);
  depth(json, "lost_at", &Vanishing::lost_at, top.value);
  json.finish();
}

void print_steps(Output& out, const std::vector<ChainStep>& steps) {
  if (steps.empty()) return;
  constexpr int kWidth = 13;
  out << "layer";
  for (const char* title : {"weight", "a", "f = S(a)", "S'(a)", "product"}) {
    out << " " << report::padded(title, kWidth, true);
  }
  out << "\n";
  for (std::size_t i = 0; i < steps.size(); ++i) {
    const ChainStep& s = steps[i];
    out << report::padded(std::to_string(i + 1), 5, true);
    for (const double v : {s.weight, s.a, s.f, s.slope, s.product}) {
      out << " " << report::padded(rounded(v, 7), kWidth, true);
    }
    out << "\n";
  }
  out << "The product is the gradient of the last output with respect to x: "
      << shortest(steps.back().product) << "\n\n";
}

// " = 0.015625", or what is known of a power that double cannot hold.
std::string bound_text(double slope, double bound) {
  if (std::isinf(bound)) return ", which is " + in_double(bound);
  if (bound == 0 && slope > 0) {
    return ", which is under " + rounded(std::numeric_limits<double>::denorm_min(), 3);
  }
  return " = " + shortest(bound);
}

void print_text(Output& out, const Activation& f, std::int64_t layers, const Extreme& top,
                const std::vector<ChainStep>& steps) {
  const std::string name = f.text();
  out << name << ": the slope is at most " << shortest(top.value)
      << (top.attained ? ", at x = " : ", approached at x = ") << shortest(top.at) << "\n";
  out << "Over " << std::to_string(layers) << (layers == 1 ? " layer" : " layers")
      << " the slopes multiply up to at most " << shortest(top.value) << "^"
      << std::to_string(layers) << bound_text(top.value, chain_bound(f, layers)) << "\n\n";
  print_steps(out, steps);
  if (top.value >= 1) {
    out << "This bound does not shrink with depth: slopes alone need not make gradients vanish.\n";
  } else {
    out << "In depth the bound becomes\n";
    for (const Format& format : {kFloat32, kBfloat16, kFloat16}) {
      const Vanishing v = vanishing(top.value, format);
      out << "  " << report::padded(format.name, 10);
      if (v.subnormal_at) out << "subnormal at layer " << std::to_string(*v.subnormal_at) << ", ";
      if (v.lost_at) out << "0 at layer " << std::to_string(*v.lost_at);
      out << "\n";
    }
  }
  const double enough = 1 / top.value;
  out << "The bound is on the product of slopes alone: weights above 1/max|f'|"
      << (std::isinf(enough) ? ", which is " : " = ") << in_double(enough)
      << (std::isinf(enough) ? ", " : " ") << "can overcome it.\n";
}

int run(const ChainOptions& o, Output& out) {
  const Activation f(o.name, o.bounds());
  const std::int64_t layers = parse_layers(o.layers);
  const bool walk = !o.at.empty();
  if (!walk && (!o.weights.empty() || !o.biases.empty())) {
    throw Error("--weights and --biases need --at, the x that runs through the layers");
  }
  std::vector<ChainStep> steps;
  if (walk) {
    if (layers > kMostSteps) {
      throw Error("--layers is " + o.layers + ", expected at most " + std::to_string(kMostSteps) +
                  " with --at");
    }
    steps = chain_walk(f, parse_number<double>(o.at, "--at"),
                       per_layer(o.weights, "--weights", layers, 1),
                       per_layer(o.biases, "--biases", layers, 0));
  }
  const Extreme top = slope_maximum(f);
  (o.json ? print_json : print_text)(out, f, layers, top, steps);
  return kFine;
}

}  // namespace

void add_chain(CLI::App& app, Action& action) {
  const auto o = std::make_shared<ChainOptions>();
  Verb verb = add_verb<ChainOptions>(
      app, action, "chain", "What the chain rule leaves of a gradient.",
      "  gradkeep chain sigmoid --layers 20\n"
      "  gradkeep chain tanh --layers 3 --at 0.5\n"
      "  gradkeep chain gelu --layers 2 --at -1 --weights 2,1.5 --biases 0,0.1\n",
      o, run);
  add_function(verb, *o, o->name);
  verb.add_option("--layers", o->layers, "How many layers").required().type_name("L");
  verb.add_option("--at", o->at, "Run this x through the layers").type_name("x");
  verb.add_option("--weights", o->weights, "One weight per layer (1)").type_name("w1,w2,..");
  verb.add_option("--biases", o->biases, "One bias per layer (0)").type_name("b1,b2,..");
}

}  // namespace gradkeep::cli
