// gradkeep predict: what becomes of signal and gradient in a wide random network, before training.
// SPDX-License-Identifier: Apache-2.0
#include <gradkeep/prediction.h>

#include <cmath>
#include <limits>

#include "cli/theory.h"
#include "report/words.h"

namespace gradkeep::cli {
namespace {

constexpr int kShownLayers = 12;

struct PredictOptions : Options {
  std::string name, weight_std = "1", bias_std = "0", depth = "20", width = "256";
  std::string input_variance = "1", loss_scale = "1";
  std::string normalisation = "none", residual = "none", dropout = "0";
};

LayerParts parts_of(const PredictOptions& o, int depth) {
  LayerParts parts = layer_parts(o.normalisation, o.residual, depth);
  const double dropped = parse_size(o.dropout, "--dropout");
  if (dropped >= 1) throw Error("--dropout is " + o.dropout + ", expected a share below 1");
  parts.keep = 1 - dropped;
  return parts;
}

NetworkShape shape_of(const PredictOptions& o) {
  NetworkShape shape;
  shape.scale = {parse_size(o.weight_std, "--weight-std"), parse_size(o.bias_std, "--bias-std")};
  shape.depth = parse_count(o.depth, "--depth", kDeepest);
  shape.width = parse_count(o.width, "--width", kWidest);
  shape.input_variance = parse_size(o.input_variance, "--input-variance");
  shape.loss_scale = parse_size(o.loss_scale, "--loss-scale", true);
  shape.parts = parts_of(o, shape.depth);
  return shape;
}

struct Bound {
  Extreme slope;
  double chain;
};

void print_json(Output& out, const Activation& f, const PredictOptions& o,
                const NetworkShape& shape, const Prediction& p, const Bound& bound) {
  Json json(out);
  json.begin().function(f);
  json.field("weight_std", shape.scale.weight_std).field("bias_std", shape.scale.bias_std);
  json.field("depth", shape.depth).field("width", shape.width);
  json.field("input_variance", shape.input_variance).field("loss_scale", shape.loss_scale);
  json.field("normalisation", o.normalisation).field("residual", o.residual);
  json.field("dropout", parse_size(o.dropout, "--dropout"));
  json.key("fixed_points").array();
  for (const FixedPoint& point : p.fixed_points) {
    json.object();
    field_or_null(json, "q", point.q);
    json.field("status", text(point.status)).field("attracting", point.attracting);
    field_or_null(json, "chi_1", point.chi_1);
    field_or_null(json, "length_slope", point.length_slope);
    field_or_null(json, "c_star", point.c_star);
    field_or_null(json, "one_minus_c_star", point.one_minus_c_star);
    field_or_null(json, "xi_q", point.xi_q);
    field_or_null(json, "xi_c", point.xi_c);
    field_or_null(json, "xi_grad", point.xi_grad);
    json.end_object();
  }
  json.end_array().key("arrives_at");
  p.fixed_points.empty() ? json.null() : json.value(p.arrives);
  json.key("gains").object().field("forward", p.gains.forward);
  json.field("backward", p.gains.backward).field("centred", p.gains.centred).end_object();
  json.key("layers").array();
  for (std::size_t l = 0; l < p.layers.size(); ++l) {
    const PredictedLayer& layer = p.layers[l];
    json.object().field("layer", l + 1).field("q", layer.signal.q);
    json.field("correlation", layer.signal.correlation);
    field_or_null(json, "chi_1", layer.signal.chi_1);
    field_or_null(json, "gradient_rms", layer.gradient_rms);
    field_or_null(json, "log_variance", layer.log_variance);
    json.end_object();
  }
  json.end_array();
  json.key("chain_bound");
  if (shape.parts.plain()) {
    json.object().field("slope_max", bound.slope.value).field("bound", bound.chain).end_object();
  } else {
    json.null();
  }
  json.key("formats").object();
  for (const FormatLoss& loss : p.formats) {
    json.key(loss.format.name).object();
    const auto layer = [&](const char* name, std::optional<int> last) {
      json.key(name);
      last ? json.value(*last) : json.null();
    };
    json.key("ranges").array();
    for (const LostLayers& range : loss.ranges) {
      json.object().field("first", range.first).field("last", range.last);
      json.field("what", range.zero ? "zero" : "subnormal").end_object();
    }
    json.end_array();
    layer("subnormal_up_to_layer", loss.subnormal_up_to);
    layer("lost_up_to_layer", loss.lost_up_to);
    field_or_null(json, "share_lost_in_layer_1", loss.share_lost);
    json.end_object();
  }
  json.end_object();
  json.finish();
}

std::string cell(double v) {
  if (std::isnan(v)) return "-";
  return rounded(v, 4);
}

void print_fixed_points(Output& out, const Prediction& p) {
  std::vector<std::vector<std::string>> rows;
  for (const FixedPoint& point : p.fixed_points) {
    rows.push_back({std::isnan(point.q) ? "every q" : rounded(point.q, 6),
                    std::string(text(point.status)), cell(point.length_slope), cell(point.chi_1),
                    cell(point.c_star), cell(point.xi_q), cell(point.xi_c), cell(point.xi_grad)});
  }
  out << "Fixed points of the length map\n";
  print_table(out, {"q", "status", "V'(q)", "chi_1", "c*", "xi_q", "xi_c", "xi_grad"}, rows);
}

std::string destination(const FixedPoint& point) {
  if (std::isnan(point.q)) return "keep their size";
  if (std::isinf(point.q)) return "grow without end";
  return "go to q = " + rounded(point.q, 4) + " (" + std::string(text(point.status)) + ")";
}

// "the gradient explodes: each layer multiplies its squared norm by 1.13".
std::string fate(const FixedPoint& point) {
  if (std::isnan(point.chi_1)) return "the slope has no limit far out: no prediction";
  if (std::isinf(point.chi_1)) return "the gradient has no finite size: the function jumps";
  if (std::abs(point.chi_1 - 1) < 1e-6) return "the gradient keeps its size: chi_1 is 1";
  return std::string("the gradient ") + (point.chi_1 < 1 ? "vanishes" : "explodes") +
         ": each layer multiplies its squared norm by " + rounded(point.chi_1, 4);
}

void print_layers(Output& out, const Prediction& p) {
  std::vector<std::vector<std::string>> rows;
  const std::size_t n = p.layers.size();
  for (std::size_t l = 0; l < n; ++l) {
    const bool shown = n <= kShownLayers || l < kShownLayers / 2 || l >= n - kShownLayers / 2;
    if (!shown) continue;
    const PredictedLayer& layer = p.layers[l];
    const double c = layer.signal.correlation;  // whose 0 under batch normalisation is rounded
    rows.push_back({std::to_string(l + 1), cell(layer.signal.q), cell(std::abs(c) < 1e-14 ? 0 : c),
                    cell(layer.signal.chi_1), cell(layer.gradient_rms),
                    cell(std::sqrt(layer.log_variance))});
  }
  out << "Layer by layer" << (n > kShownLayers ? ", the first and last six" : "")
      << " (c: of two inputs that begin unrelated; the last layer's gradient is 1)\n";
  print_table(out, {"layer", "q", "c", "chi_1", "gradient RMS", "spread of its log"}, rows);
}

void print_formats(Output& out, const NetworkShape& shape, const Prediction& p) {
  out << "A gradient of RMS " << rounded(shape.loss_scale, 4) << " at layer "
      << std::to_string(shape.depth);
  if (shape.loss_scale != 1) out << " (the loss is scaled by that)";
  out << " becomes\n";
  for (const FormatLoss& loss : p.formats) {
    out << "  " << report::padded(loss.format.name, 10);
    if (loss.ranges.empty()) {
      out << (std::isnan(loss.share_lost) ? "no prediction\n" : "nowhere subnormal\n");
      continue;
    }
    for (const LostLayers& range : loss.ranges) {
      if (&range != &loss.ranges.front()) out << ", ";
      out << (range.zero ? "0 in " : "subnormal in ");
      out << (range.first == range.last ? "layer " : "layers ") << std::to_string(range.first);
      if (range.first < range.last) out << " to " << std::to_string(range.last);
      if (range.zero && range.first == 1)
        out << " (" << report::percent(loss.share_lost) << " of layer 1)";
    }
    out << "\n";
  }
}

// "Each layer is h = h_below + 0.3536 N(W y + b), N normalises over a large batch".
void print_parts(Output& out, const PredictOptions& o, const LayerParts& parts) {
  if (parts.plain()) return;
  const bool normalised = o.normalisation != "none";
  out << "Each layer is h = ";
  if (parts.branch) {
    out << "h_below + ";
    if (*parts.branch != 1) out << rounded(*parts.branch, 4) << " ";
  }
  out << (normalised ? "N(W y + b)" : parts.branch ? "(W y + b)" : "W y + b");
  if (normalised) {
    out << ", N normalises over " << (o.normalisation == "batch" ? "a large batch" : "its units");
  }
  if (parts.keep < 1)
    out << ", y has lost " << report::percent(1 - parts.keep) << " of its entries";
  out << "\n\n";
}

void print_fate(Output& out, const NetworkShape& shape, const Prediction& p) {
  if (!p.fixed_points.empty()) {
    const FixedPoint& point = p.fixed_points[p.arrives];
    out << "\nInputs of variance " << shortest(shape.input_variance) << " " << destination(point)
        << ";\n"
        << fate(point) << ".\n\n";
    return;
  }
  const PredictedLayer &first = p.layers.front(), &last = p.layers.back();
  out << "From layer 1 to " << std::to_string(shape.depth) << " q goes from "
      << cell(first.signal.q) << " to " << cell(last.signal.q)
      << "; on its way back the gradient's squared\nnorm is multiplied by "
      << cell(first.gradient_rms * first.gradient_rms) << ".\n\n";
}

int run(const PredictOptions& o, Output& out) {
  const Activation f(o.name, o.bounds());
  const NetworkShape shape = shape_of(o);
  const Prediction p = predict(MeanField(f), shape);
  const Extreme slope = slope_maximum(f);
  const Bound bound{slope, chain_bound(f, shape.depth)};
  if (o.json) {
    print_json(out, f, o, shape, p, bound);
    return kFine;
  }
  out << f.text() << " with weight_std " << shortest(shape.scale.weight_std) << " and bias_std "
      << shortest(shape.scale.bias_std) << ", standard deviations: weights are N(0, "
      << shortest(shape.scale.weight_std) << "^2 / fan-in)\n\n";
  print_parts(out, o, shape.parts);
  if (!p.fixed_points.empty()) print_fixed_points(out, p);
  print_fate(out, shape, p);
  print_layers(out, p);
  out << "\n";
  print_formats(out, shape, p);
  if (shape.parts.plain()) {
    out << "Slopes alone multiply up to at most " << shortest(slope.value) << "^"
        << std::to_string(shape.depth) << " = " << rounded(bound.chain, 4)
        << ", which large weights can overcome.\n";
  }
  out << "Gains at q = 1: forward " << rounded(p.gains.forward) << ", backward "
      << rounded(p.gains.backward) << ", centred " << rounded(p.gains.centred) << ".\n";
  return kFine;
}

}  // namespace

void add_predict(CLI::App& app, Action& action) {
  const auto o = std::make_shared<PredictOptions>();
  Verb verb = add_verb<PredictOptions>(
      app, action, "predict", "What becomes of signal and gradient in a wide random network.",
      "  gradkeep predict tanh --weight-std 1.5 --bias-std 0.1\n"
      "  gradkeep predict sigmoid --depth 32 --width 100\n"
      "  gradkeep predict relu --normalisation batch --residual scaled\n"
      "  gradkeep predict gelu --weight-std 1.5 --input-variance 4 --json\n",
      o, run);
  add_function(verb, *o, o->name);
  add_weight_std(verb, o->weight_std);
  add_bias_std(verb, o->bias_std);
  verb.add_option("--depth", o->depth, "How many hidden layers (20)").type_name("L");
  verb.add_option("--width", o->width, "Units in each (256): how widely gradients scatter")
      .type_name("N");
  verb.add_option("--input-variance", o->input_variance, "The inputs' mean square (1)")
      .type_name("Q");
  verb.add_option("--loss-scale", o->loss_scale, "What the loss is multiplied by (1)")
      .type_name("K");
  add_choice(verb, "--normalisation", o->normalisation, {"none", "batch", "layer"},
             "Of the pre-activations, over a large batch or over a layer's units (none)");
  add_choice(verb, "--residual", o->residual, {"none", "plain", "scaled", "zero"},
             "A skip around each layer, its branch times 1, 1 / sqrt(depth) or 0 (none)");
  verb.add_option("--dropout", o->dropout, "The share of activations that dropout takes (0)")
      .type_name("P");
}

}  // namespace gradkeep::cli
