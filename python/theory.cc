// What theory says before anything is trained: gains, critical weights, predictions, chain bounds. Results
// are read-only records that print themselves; columns over layers are NumPy arrays.
// SPDX-License-Identifier: Apache-2.0
#include "python/theory.h"

#include <gradkeep/recommendation.h>
#include <nanobind/stl/map.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/pair.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/string_view.h>
#include <nanobind/stl/vector.h>

#include <cmath>
#include <map>

#include "python/columns.h"
#include "python/record.h"

namespace gradkeep::python {
namespace {

using namespace nb::literals;

// A member of every layer, from the one next to the input to the last.
template <class Of>
auto layers_of(const Of& of) {
  return [of](const Prediction& p) { return array_of(p.layers, of, {p.layers.size()}); };
}

double gain(nb::handle function, std::string_view mode, double variance,
            const std::optional<nb::callable>& slope, const std::vector<double>& kinks,
            const nb::kwargs& parameters) {
  const MeanField field = mean_field(function, slope, kinks, parameters);
  return without_lock([&] {
    if (mode == "critical") {
      const Criticality c = critical(field, 0);
      for (const CriticalPoint& p : c.points) {
        if (p.stable || c.line == CriticalLine::degenerate) return p.weight_std;
      }
      throw Error(
          field.phi().name() +
          " has no stable critical point without biases; expected another mode, or recommend()");
    }
    const Gains g = gains(field, variance);
    if (mode == "forward") return g.forward;
    if (mode == "backward") return g.backward;
    if (mode == "centred") return g.centred;
    if (mode == "both") {
      return std::sqrt(2 / (1 / (g.forward * g.forward) + 1 / (g.backward * g.backward)));
    }
    throw Error("mode is '" + std::string(mode) +
                "'; expected 'forward', 'backward', 'both', 'centred' or 'critical'");
  });
}

Prediction predicted(nb::handle function, double weight_std, double bias_std, int depth, int width,
                     double input_variance, double input_correlation, double loss_scale,
                     std::string_view weights, std::string_view normalisation,
                     std::string_view residual, double dropout,
                     const std::optional<nb::callable>& slope, const std::vector<double>& kinks,
                     const nb::kwargs& parameters) {
  const MeanField field = mean_field(function, slope, kinks, parameters);
  NetworkShape shape;
  shape.scale = {weight_std, bias_std};
  shape.weights = weights_of(weights);
  shape.depth = depth;
  shape.width = width;
  shape.input_variance = input_variance;
  shape.input_correlation = input_correlation;
  shape.loss_scale = loss_scale;
  if (!(dropout >= 0 && dropout < 1)) {
    throw Error("dropout is " + std::to_string(dropout) + "; expected a share from 0 to below 1");
  }
  shape.parts = layer_parts(normalisation, residual, depth);
  shape.parts.keep = 1 - dropout;
  return without_lock([&] { return predict(field, shape); });
}

// What the chain rule leaves after many layers.
struct Chain {
  std::int64_t layers;
  Extreme slope;
  double bound;
  std::vector<ChainStep> steps;
  std::map<std::string, Vanishing> formats;
};

std::vector<double> each_layer(const std::optional<std::vector<double>>& given, const char* name,
                               std::int64_t layers, double otherwise) {
  if (!given) return std::vector<double>(static_cast<std::size_t>(layers), otherwise);
  if (static_cast<std::int64_t>(given->size()) != layers) {
    throw Error(std::string(name) + " has " + std::to_string(given->size()) +
                " numbers; expected one for each of " + std::to_string(layers) + " layers");
  }
  return *given;
}

Chain chained(nb::handle function, std::int64_t layers, std::optional<double> x,
              const std::optional<std::vector<double>>& weights,
              const std::optional<std::vector<double>>& biases, const nb::kwargs& parameters) {
  constexpr std::int64_t kMostSteps = 1'000'000;
  if (layers < 1) throw Error("layers is " + std::to_string(layers) + "; expected 1 or more");
  const Activation f = activation(function, parameters);
  if (!x && (weights || biases)) throw Error("weights and biases need x, the input to walk from");
  if (x && layers > kMostSteps) throw Error("layers is above the 1000000 that can be walked");
  const std::int64_t walked = x ? layers : 0;
  const std::vector<double> w = each_layer(weights, "weights", walked, 1);
  const std::vector<double> b = each_layer(biases, "biases", walked, 0);
  return without_lock([&] {
    Chain out{layers, slope_maximum(f), chain_bound(f, layers), {}, {}};
    if (x) out.steps = chain_walk(f, *x, w, b);
    for (const Format& format : {kFloat32, kBfloat16, kFloat16}) {
      out.formats[format.name] = vanishing(out.slope.value, format);
    }
    return out;
  });
}

// {"float32": 64, ..}, None where it never happens.
auto depths(std::optional<std::int64_t> Vanishing::* member) {
  return [member](const Chain& c) {
    std::map<std::string, std::optional<std::int64_t>> out;
    for (const auto& [name, when] : c.formats) out[name] = when.*member;
    return out;
  };
}

void add_records(nb::module_& m) {
  Record<FixedPoint>(m, "FixedPoint", "Where the variance of a layer's pre-activations stays.")
      .field("q", &FixedPoint::q)
      .computed("status", [](const FixedPoint& p) { return std::string(text(p.status)); })
      .field("attracting", &FixedPoint::attracting)
      .field("chi_1", &FixedPoint::chi_1)
      .field("length_slope", &FixedPoint::length_slope)
      .field("c_star", &FixedPoint::c_star)
      .field("one_minus_c_star", &FixedPoint::one_minus_c_star)
      .field("xi_q", &FixedPoint::xi_q)
      .field("xi_c", &FixedPoint::xi_c)
      .field("xi_grad", &FixedPoint::xi_grad);
  Record<Moments>(m, "Moments", "Averages over a normal input of variance q.")
      .field("phi", &Moments::phi)
      .field("phi2", &Moments::phi2)
      .field("dphi", &Moments::dphi)
      .field("dphi2", &Moments::dphi2)
      .field("dphi4", &Moments::dphi4)
      .field("z_phi_dphi", &Moments::z_phi_dphi)
      .field("error", &Moments::error);
  Record<Gains>(m, "Gains", "The weight_std that keeps a mean square in one layer.")
      .field("forward", &Gains::forward)
      .field("backward", &Gains::backward)
      .field("centred", &Gains::centred);
  Record<CriticalPoint>(m, "CriticalPoint", "Weights at which the gradient keeps its size.")
      .field("weight_std", &CriticalPoint::weight_std)
      .field("q", &CriticalPoint::q)
      .field("stable", &CriticalPoint::stable)
      .field("length_slope", &CriticalPoint::length_slope);
  Record<Criticality>(m, "Criticality", "The critical line at one bias_std.")
      .computed("line", [](const Criticality& c) { return std::string(text(c.line)); })
      .field("points", &Criticality::points);
  Record<Recommendation>(m, "Recommendation", "An initialisation for a width and a depth.")
      .computed("weight_std", [](const Recommendation& r) { return r.scale.weight_std; })
      .computed("bias_std", [](const Recommendation& r) { return r.scale.bias_std; })
      .computed("footing", [](const Recommendation& r) { return std::string(text(r.footing)); })
      .field("q", &Recommendation::q)
      .field("input_variance", &Recommendation::input_variance)
      .field("gradient_gain", &Recommendation::gradient_gain)
      .field("log_variance", &Recommendation::log_variance)
      .field("reason", &Recommendation::reason);
  Record<FormatLoss>(m, "FormatLoss", "What a number format makes of the gradient, layers from 1.")
      .computed("format", [](const FormatLoss& l) { return std::string(l.format.name); })
      .field("subnormal_up_to", &FormatLoss::subnormal_up_to)
      .field("lost_up_to", &FormatLoss::lost_up_to)
      .field("share_lost", &FormatLoss::share_lost);
  Record<Prediction>(m, "Prediction",
                     "Signal and gradient of a wide random network; arrays run over hidden layers.")
      .field("fixed_points", &Prediction::fixed_points)
      .computed("arrives",
                [](const Prediction& p) -> std::optional<std::size_t> {
                  if (p.fixed_points.empty()) return {};
                  return p.arrives;
                })
      .field("gains", &Prediction::gains)
      .computed("q", layers_of([](const PredictedLayer& l) { return l.signal.q; }))
      .computed("correlation",
                layers_of([](const PredictedLayer& l) { return l.signal.correlation; }))
      .computed("chi_1", layers_of([](const PredictedLayer& l) { return l.signal.chi_1; }))
      .computed("gradient_rms", layers_of([](const PredictedLayer& l) { return l.gradient_rms; }))
      .computed("log_variance", layers_of([](const PredictedLayer& l) { return l.log_variance; }))
      .computed("formats", [](const Prediction& p) {
        return std::vector<FormatLoss>(p.formats.begin(), p.formats.end());
      });
  Record<ChainStep>(m, "ChainStep", "One layer of the chain rule at one input.")
      .field("a", &ChainStep::a)
      .field("f", &ChainStep::f)
      .field("slope", &ChainStep::slope)
      .field("weight", &ChainStep::weight)
      .field("product", &ChainStep::product);
  Record<Chain>(m, "Chain", "The bound that slopes alone put on a gradient through many layers.")
      .field("layers", &Chain::layers)
      .computed("slope_max", [](const Chain& c) { return c.slope.value; })
      .computed("at", [](const Chain& c) { return c.slope.at; })
      .computed("attained", [](const Chain& c) { return c.slope.attained; })
      .field("bound", &Chain::bound)
      .computed("subnormal_at", depths(&Vanishing::subnormal_at))
      .computed("lost_at", depths(&Vanishing::lost_at))
      .field("steps", &Chain::steps);
}

}  // namespace

Weights weights_of(std::string_view word) {
  if (word == "gaussian") return Weights::gaussian;
  if (word == "orthogonal") return Weights::orthogonal;
  throw Error("weights is '" + std::string(word) + "'; expected 'gaussian' or 'orthogonal'");
}

void add_theory(nb::module_& m) {
  add_records(m);
  constexpr const char* kFunction =
      "\n\nfunction: a name, an Activation, or a callable of one float; of a callable `slope` is "
      "the\n"
      "derivative (differences are taken where there is none) and `kinks` are the inputs where "
      "value or\n"
      "slope jump.";
  const auto described = [&](const char* what) { return std::string(what) + kFunction; };
  m.def("gain", &gain, "function"_a, "mode"_a = "forward", nb::kw_only(), "variance"_a = 1.0,
        "slope"_a = nb::none(), "kinks"_a = std::vector<double>(), "parameters"_a,
        described(
            "What to multiply weights of variance 1 / fan_in by, at pre-activations of this "
            "variance.\n\n"
            "mode: 'forward' keeps the signal's mean square, 'backward' the gradient's, 'both' is "
            "Glorot's\n"
            "compromise sqrt(2 / (1 / forward^2 + 1 / backward^2)), 'centred' keeps the variance "
            "where a\n"
            "normalisation removes the mean, 'critical' keeps the gradient at every depth.")
            .c_str());
  m.def(
      "moments",
      [](nb::handle function, double q, const std::optional<nb::callable>& slope,
         const std::vector<double>& kinks, const nb::kwargs& parameters) {
        const MeanField field = mean_field(function, slope, kinks, parameters);
        return without_lock([&] { return moments(field.phi(), q); });
      },
      "function"_a, "q"_a = 1.0, nb::kw_only(), "slope"_a = nb::none(),
      "kinks"_a = std::vector<double>(), "parameters"_a,
      described("Averages over a normal input of variance q.").c_str());
  m.def(
      "critical",
      [](nb::handle function, double bias_std, const std::optional<nb::callable>& slope,
         const std::vector<double>& kinks, const nb::kwargs& parameters) {
        const MeanField field = mean_field(function, slope, kinks, parameters);
        return without_lock([&] { return critical(field, bias_std); });
      },
      "function"_a, "bias_std"_a = 0.0, nb::kw_only(), "slope"_a = nb::none(),
      "kinks"_a = std::vector<double>(), "parameters"_a,
      described("The weights with which gradients neither vanish nor explode.").c_str());
  m.def(
      "recommend",
      [](nb::handle function, int width, int depth, const std::optional<nb::callable>& slope,
         const std::vector<double>& kinks, const nb::kwargs& parameters) {
        const MeanField field = mean_field(function, slope, kinks, parameters);
        return without_lock([&] { return recommend(field, width, depth); });
      },
      "function"_a, "width"_a = 256, "depth"_a = 20, nb::kw_only(), "slope"_a = nb::none(),
      "kinks"_a = std::vector<double>(), "parameters"_a,
      described("An initialisation with the reason for it.").c_str());
  m.def("predict", &predicted, "function"_a, nb::kw_only(), "weight_std"_a = 1.0,
        "bias_std"_a = 0.0, "depth"_a = 20, "width"_a = 256, "input_variance"_a = 1.0,
        "input_correlation"_a = 0.0, "loss_scale"_a = 1.0, "weights"_a = "gaussian",
        "normalisation"_a = "none", "residual"_a = "none", "dropout"_a = 0.0,
        "slope"_a = nb::none(), "kinks"_a = std::vector<double>(), "parameters"_a,
        described(
            "Signal and gradient, layer by layer, before training. Weights are N(0, weight_std^2 / "
            "fan_in).\n\n"
            "weights: 'gaussian' or 'orthogonal'. normalisation: 'none', 'batch' or 'layer'. "
            "residual:\n"
            "'none', 'plain', 'scaled' or 'zero'.")
            .c_str());
  m.def(
      "chain", &chained, "function"_a, "layers"_a, "x"_a = nb::none(), nb::kw_only(),
      "weights"_a = nb::none(), "biases"_a = nb::none(), "parameters"_a,
      "max|f'|^layers, and with x the chain rule walked through layers of one unit (weights 1 and\n"
      "biases 0 unless given).");
}

}  // namespace gradkeep::python
