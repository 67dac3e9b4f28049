// The registry and the schedule. probe/registry.inc is written by CMake from the files found.
// SPDX-License-Identifier: Apache-2.0
#include "probe/probe.h"

#include <algorithm>
#include <cmath>

namespace gradkeep::probe {

#define GRADKEEP_PROBE(name) Probe name();
namespace quantity {
#include "probe/registry.inc"
}
#undef GRADKEEP_PROBE

std::vector<int> sample_steps(int steps, int samples) {
  std::vector<int> result{0};
  for (int i = 1; i + 1 < samples; ++i) {
    const double step = std::pow(steps, static_cast<double>(i) / (samples - 1));
    const int rounded = static_cast<int>(std::lround(step));
    if (rounded > result.back() && rounded < steps) result.push_back(rounded);
  }
  if (steps > 0) result.push_back(steps);
  return result;
}

bool every_sample(const Moment&) { return true; }
bool start_and_end(const Moment& moment) { return moment.first() || moment.last(); }
bool at_end(const Moment& moment) { return moment.last(); }

const std::vector<Probe>& all() {
  static const std::vector<Probe> probes = [] {
#define GRADKEEP_PROBE(name) quantity::name(),
    std::vector<Probe> list{
#include "probe/registry.inc"
    };
#undef GRADKEEP_PROBE
    std::sort(list.begin(), list.end(),
              [](const Probe& a, const Probe& b) { return a.name < b.name; });
    return list;
  }();
  return probes;
}

std::vector<std::string> names() {
  std::vector<std::string> result;
  for (const auto& probe : all()) result.push_back(probe.name);
  return result;
}

bool any_walks(std::span<const std::string> probes) {
  return std::any_of(all().begin(), all().end(), [&](const Probe& probe) {
    return probe.walks && std::find(probes.begin(), probes.end(), probe.name) != probes.end();
  });
}

std::vector<Value> measure(std::span<const std::string> wanted, const Moment& moment,
                           const Snapshot& snapshot) {
  const auto known = names();
  for (const auto& name : wanted)
    if (std::find(known.begin(), known.end(), name) == known.end()) {
      const auto near = nearest(name, known);
      throw Error("unknown probe \"" + name + "\"" +
                  (near.empty() ? "" : "; did you mean \"" + near + "\"?"));
    }
  std::vector<Value> values;
  for (const auto& probe : all()) {
    if (wanted.empty() ? probe.costly
                       : std::find(wanted.begin(), wanted.end(), probe.name) == wanted.end())
      continue;
    if (!probe.when(moment) || (probe.whole && snapshot.glance)) continue;
    Sink sink(probe.name, values);
    probe.measure(snapshot, sink);
  }
  return values;
}

}  // namespace gradkeep::probe
