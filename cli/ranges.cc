// SPDX-License-Identifier: Apache-2.0
#include "cli/ranges.h"

#include <gradkeep/core.h>

#include <cmath>

#include "cli/numbers.h"

namespace gradkeep::cli {

int parse_threads(const std::string& text) {
  const double threads = parse_number<double>(text, "--threads");
  if (!(threads >= 0 && threads <= 1024 && std::floor(threads) == threads)) {
    throw Error("--threads is " + text + ", expected a whole number, 0 (all cores) to 1024");
  }
  return static_cast<int>(threads);
}

std::vector<std::string> functions_named(const std::vector<std::string>& names) {
  std::vector<std::string> out;
  for (const std::string& name : names) {
    if (name == "all") {
      for (const std::string& each : gradkeep::names()) out.push_back(each);
      continue;
    }
    const Activation f(name);
    const auto& parameters = f.info().parameters;
    for (std::size_t k = 0; k < parameters.size(); ++k) {
      if (f.parameters()[k] != parameters[k].value) {
        throw Error(name + ": proofs are kept for the default parameters, expected " +
                    f.info().name);
      }
    }
    out.push_back(f.info().name);
  }
  return out;
}

}  // namespace gradkeep::cli
