// gradkeep chain --json against the training engine: the numbers that are printed are those of the
// net that a user would build, for every function.
// SPDX-License-Identifier: Apache-2.0
#include <gradkeep/flow.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tests/nn/scalar_chain.h"

namespace gradkeep::nn {
namespace {

std::string output(const std::string& command) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> pipe(popen(command.c_str(), "r"), pclose);
  std::string out;
  char buffer[4096];
  while (const std::size_t n = std::fread(buffer, 1, sizeof buffer, pipe.get())) {
    out.append(buffer, n);
  }
  return out;
}

std::string hexadecimal(std::span<const double> numbers) {
  std::string out;
  for (const double v : numbers) {
    char text[64];
    std::snprintf(text, sizeof text, "%s%a", out.empty() ? "" : ",", v);
    out += text;
  }
  return out;
}

class EveryActivation : public testing::TestWithParam<std::string> {};
INSTANTIATE_TEST_SUITE_P(Registered, EveryActivation, testing::ValuesIn(names()),
                         [](const auto& instance) { return instance.param; });

TEST_P(EveryActivation, prints_the_gradient_that_a_net_computes) {
  constexpr int kLayers = 6;
  const Chain c = random_chain(kLayers, 1);
  const std::string printed =
      output(std::string(GRADKEEP_CLI) + " chain " + GetParam() + " --layers " +
             std::to_string(kLayers) + " --at " + hexadecimal({&c.x, 1}) + " --weights " +
             hexadecimal(c.weights) + " --biases " + hexadecimal(c.biases) + " --json");
  const nlohmann::json parsed = nlohmann::json::parse(printed);
  std::vector<ChainStep> steps;
  for (const auto& s : parsed.at("steps")) {
    // JSON spells what is no finite number as a string.
    const auto number = [&](const char* key) {
      const auto& v = s.at(key);
      return v.is_string() ? std::stod(v.get<std::string>()) : v.get<double>();
    };
    steps.push_back(
        {number("a"), number("f"), number("slope"), number("weight"), number("product")});
  }
  expect_same_steps(steps, chain_of_net(Activation(GetParam()), c.x, c.weights, c.biases));
}

}  // namespace
}  // namespace gradkeep::nn
