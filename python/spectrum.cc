// Phase diagrams and the singular values of Jacobians, for plots.
// SPDX-License-Identifier: Apache-2.0
#include <gradkeep/jacobian.h>
#include <gradkeep/phase.h>
#include <gradkeep/threads.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/pair.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/string_view.h>
#include <nanobind/stl/vector.h>

#include "python/columns.h"
#include "python/record.h"
#include "python/theory.h"

namespace gradkeep::python {
namespace {

using namespace nb::literals;

// A member of every point, [bias][weight].
auto grid(double PhasePoint::* member) {
  return [member](const PhaseDiagram& d) {
    return array_of(d.points, [&](const PhasePoint& p) { return p.*member; },
                    {d.bias_std.size(), d.weight_std.size()});
  };
}

struct Spectrum {
  JacobianSpectrum numbers;
  JacobianDensity density;
};

std::vector<std::pair<double, double>> atoms_of(const Spectrum& s) {
  std::vector<std::pair<double, double>> out;
  for (const SpectrumAtom& a : s.numbers.atoms) out.emplace_back(a.at, a.weight);
  return out;
}

auto curve(std::vector<double> JacobianDensity::* member) {
  return [member](const Spectrum& s) {
    const std::vector<double>& values = s.density.*member;
    return array_of(values, [](double v) { return v; }, {values.size()});
  };
}

Spectrum spectrum_of(nb::handle function, std::int64_t layers, double q,
                     std::optional<double> weight_std, std::string_view weights,
                     const std::optional<nb::callable>& slope, const std::vector<double>& kinks,
                     const nb::kwargs& parameters) {
  const MeanField field = mean_field(function, slope, kinks, parameters);
  JacobianSetting setting;
  setting.weights = weights_of(weights);
  setting.q = q;
  setting.layers = layers;
  return without_lock([&] {
    setting.weight_std = weight_std ? *weight_std : critical_weight_std(field.phi(), q);
    return Spectrum{jacobian_spectrum(field.phi(), setting),
                    jacobian_density(field.phi(), setting)};
  });
}

}  // namespace

void add_spectrum(nb::module_& m) {
  Record<PhaseDiagram>(m, "PhaseDiagram", "Where signals settle; arrays run over [bias][weight].")
      .field("weight_std", &PhaseDiagram::weight_std)
      .field("bias_std", &PhaseDiagram::bias_std)
      .computed("q", grid(&PhasePoint::q))
      .computed("chi_1", grid(&PhasePoint::chi_1))
      .computed("xi_c", grid(&PhasePoint::xi_c));
  Record<Spectrum>(
      m, "Spectrum",
      "Squared singular values of a wide network's Jacobian; density, share and atoms of\n"
      "u = ln(lambda / chi_1^layers).")
      .computed("chi_1", [](const Spectrum& s) { return s.numbers.chi_1; })
      .computed("mean", [](const Spectrum& s) { return s.numbers.mean; })
      .computed("variance", [](const Spectrum& s) { return s.numbers.variance; })
      .computed("lambda_min", [](const Spectrum& s) { return s.numbers.lambda_min; })
      .computed("lambda_max", [](const Spectrum& s) { return s.numbers.lambda_max; })
      .computed("atoms", atoms_of)
      .computed("u", curve(&JacobianDensity::u))
      .computed("density", curve(&JacobianDensity::density))
      .computed("share", curve(&JacobianDensity::share));
  m.def(
      "phase",
      [](nb::handle function, const std::vector<double>& weight_std,
         const std::vector<double>& bias_std, double input_variance,
         const std::optional<nb::callable>& slope, const std::vector<double>& kinks,
         const nb::kwargs& parameters) {
        const MeanField field = mean_field(function, slope, kinks, parameters);
        // A callable of Python's stays on the thread that asks, with what that has set.
        const int allowed = field.phi().callable() ? 1 : threads();
        return without_lock(
            [&] { return phase_diagram(field, weight_std, bias_std, input_variance, allowed); });
      },
      "function"_a, "weight_std"_a, "bias_std"_a, "input_variance"_a = 1.0, nb::kw_only(),
      "slope"_a = nb::none(), "kinks"_a = std::vector<double>(), "parameters"_a,
      "For every pair of scales, where a signal of this variance ends and what becomes of its "
      "gradient.\n\n"
      "function, slope and kinks as in gain.");
  m.def("spectrum", &spectrum_of, "function"_a, "layers"_a = 1, "q"_a = 1.0, nb::kw_only(),
        "weight_std"_a = nb::none(), "weights"_a = "gaussian", "slope"_a = nb::none(),
        "kinks"_a = std::vector<double>(), "parameters"_a,
        "The singular values of the input-output Jacobian at pre-activations of variance q.\n\n"
        "weight_std: None is the one at which their mean square is 1. weights: 'gaussian' or\n"
        "'orthogonal'. function, slope and kinks as in gain.");
}

}  // namespace gradkeep::python
