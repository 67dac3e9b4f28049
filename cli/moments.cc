// gradkeep moments: averages of a function over normally distributed inputs.
// SPDX-License-Identifier: Apache-2.0
#include <gradkeep/moments.h>

#include <cmath>
#include <optional>

#include "cli/theory.h"
#include "report/words.h"

namespace gradkeep::cli {
namespace {

struct MomentsOptions : Options {
  std::string name, variance = "1", correlation;
};

struct Named {
  const char* key;
  const char* formula;
  double value;
};

int run(const MomentsOptions& o, Output& out) {
  const Activation f(o.name, o.bounds());
  const double q = parse_size(o.variance, "--variance");
  const Nonlinearity phi(f);
  const Moments m = moments(phi, q);
  std::vector<Named> rows{
      {"E_phi", "E f", m.phi},        {"E_phi2", "E f^2", m.phi2},
      {"E_dphi", "E f'", m.dphi},     {"E_dphi2", "E f'^2", m.dphi2},
      {"E_dphi4", "E f'^4", m.dphi4}, {"E_z_phi_dphi", "E z f f'", m.z_phi_dphi}};
  std::optional<double> c;
  if (!o.correlation.empty()) {
    c = parse_number<double>(o.correlation, "--correlation");
    if (!(*c >= -1 && *c <= 1)) {
      throw Error("--correlation is " + o.correlation + ", expected a number from -1 to 1");
    }
    const PairMoments pair = pair_moments(phi, q, *c);
    rows.push_back({"E_phi_phi", "E f(u) f(v)", pair.phi_phi});
    rows.push_back({"E_dphi_dphi", "E f'(u) f'(v)", pair.dphi_dphi});
  }
  if (o.json) {
    Json json(out);
    json.begin().function(f).field("variance", q);
    if (c) json.field("correlation", *c);
    for (const Named& row : rows) json.field(row.key, row.value);
    json.finish();
    return kFine;
  }
  out << f.text() << " over inputs sqrt(q) z, q = " << shortest(q) << ", z ~ N(0, 1)";
  if (c) out << "; u and v have correlation " << shortest(*c);
  out << "\n";
  for (const Named& row : rows) {
    out << "  " << report::padded(row.formula, 14) << rounded(row.value, 15) << "\n";
  }
  return kFine;
}

}  // namespace

void add_moments(CLI::App& app, Action& action) {
  const auto o = std::make_shared<MomentsOptions>();
  Verb verb =
      add_verb<MomentsOptions>(app, action, "moments", "Averages over normally distributed inputs.",
                               "  gradkeep moments gelu --variance 2\n"
                               "  gradkeep moments relu --variance 1 --correlation 0.5\n",
                               o, run);
  add_function(verb, *o, o->name);
  verb.add_option("--variance", o->variance, "Of the inputs (1)").type_name("Q");
  verb.add_option("--correlation", o->correlation, "Of two inputs u and v").type_name("C");
}

}  // namespace gradkeep::cli
