// What theory says of a run made by hand: where it says nothing, and what number formats lose.
// SPDX-License-Identifier: Apache-2.0
#include "lab/theory.h"

#include <gtest/gtest.h>

#include <cmath>

namespace gradkeep::lab {
namespace {

TEST(Theory, SaysWhyItSaysNothing) {
  Theory theory;
  const auto none = [&](const char* toml) {
    lab::Run run;
    run.spec = parse_study(toml, "network.toml").runs.front();
    run.initialiser = resolve_initialiser(run.spec);
    run.measures = {{0, 1, "h_square", 1}};
    return theory.of(run).none;
  };
  EXPECT_EQ(none("architecture = \"convolution\""), "its weights are shared between places");
  EXPECT_EQ(none("initialiser = \"zeros\""),
            "its initial weights, zeros, are no random numbers of mean 0");
  EXPECT_EQ(none("bias = 0.5\nresidual = \"plain\""),
            "its biases start at a constant, which skips add up");
  EXPECT_EQ(none("initialiser = \"lsuv\"\nresidual = \"plain\""),
            "its weights are scaled on data, layer by layer beside skips");
  EXPECT_NE(none("activation = \"log1mexp\""), "");
  lab::Run unmeasured;
  unmeasured.spec = parse_study("", "network.toml").runs.front();
  EXPECT_EQ(theory.of(unmeasured).none, "the probe h_square did not look at its first layer");
  EXPECT_EQ(none(""), "");
}

// Mini-batches average, so that what training computes is smaller than an example's own gradient.
TEST(Theory, FormatsLoseTheMiniBatchsGradient) {
  Theory theory;
  lab::Run run;
  run.spec = parse_study("activation = \"sigmoid\"\ninitialiser = \"plain\"\ndepth = 64\nbatch = 1",
                         "network.toml")
                 .runs.front();
  run.measures = {{0, 1, "h_square", 1}};
  EXPECT_TRUE(theory.of(run).formats.empty());
  EXPECT_TRUE(std::isnan(theory.of(run).layers[5].gradient_rms));
  EXPECT_NEAR(theory.of(run).gain, 0.236, 1e-3);
  run.measures.push_back({0, 64, "gradient_rms", 1});
  const auto lost = [&] { return theory.of(run).formats[2].lost_up_to.value_or(0); };
  const int alone = lost();
  run.spec.batch = 1024;  // five layers of sigmoid, each letting a quarter through at best
  EXPECT_NEAR(lost() - alone, std::log(1024) / std::log(1 / 0.236), 1);
  EXPECT_GT(alone, 40);
}

}  // namespace
}  // namespace gradkeep::lab
