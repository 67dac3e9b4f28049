// What theory says of a run, against runs: networks of every kind, a few seeds of each, measured by
// the probes before the first step.
// SPDX-License-Identifier: Apache-2.0
#include "lab/theory.h"

#include <gtest/gtest.h>

#include <cmath>

#include "lab/study.h"

namespace gradkeep::lab {
namespace {

constexpr int kSeeds = 4, kDepth = 6, kWidth = 192;

double at(const lab::Run& run, const char* probe, int layer) {
  for (const auto& m : run.measures)
    if (m.step == 0 && m.layer == layer && m.probe == probe) return m.value;
  return std::nan("");
}

lab::Run train(const std::string& toml, int seed = 1) {
  const std::string common =
      "data = \"digits\"\ntest_share = 0.85\nsamples = 2\nevaluations = 2\nsteps = 1\nprobes = "
      "[\"h_square\", \"similarity\", \"gradient_rms\", \"backward_gain\"]\n";
  return run_one(parse_study(common + "width = " + std::to_string(kWidth) +
                                 "\ndepth = " + std::to_string(kDepth) +
                                 "\nseed = " + std::to_string(seed) + "\n" + toml,
                             "network.toml")
                     .runs.front());
}

class TheoryOfNetworks : public testing::TestWithParam<const char*> {};

// Over the seeds: the gradient in the first layer is where its predicted scatter (z) allows, and the
// last layer's mean square and likeness are where the first layer's lead.
TEST_P(TheoryOfNetworks, HoldsBeforeTheFirstStep) {
  Theory theory;
  double z = 0, log_square = 0, likeness = 0, log_gain = 0;
  for (int seed = 1; seed <= kSeeds; ++seed) {
    const auto run = train(GetParam(), seed);
    const Expected e = theory.of(run);
    ASSERT_EQ(e.none, "");
    ASSERT_EQ(e.layers.size(), static_cast<std::size_t>(kDepth));
    const auto &first = e.layers.front(), &last = e.layers.back();
    // Normalisation adds an epsilon of 1e-5 to the variance.
    EXPECT_NEAR(first.square / at(run, "h_square", 1), 1, 1e-4);
    EXPECT_NEAR(last.gradient_rms / at(run, "gradient_rms", kDepth), 1, 1e-6);
    const double scatter = std::log(first.high / first.low) / (2 * 1.96);
    const double off = std::log(at(run, "gradient_rms", 1) / first.gradient_rms);
    if (scatter > 0) {
      z += off / scatter / kSeeds;
    } else {
      EXPECT_NEAR(off, 0, 1e-6);  // branches that start at 0
    }
    log_square += std::log(at(run, "h_square", kDepth) / last.square) / kSeeds;
    likeness += (at(run, "similarity", kDepth) - last.similarity) / kSeeds;
    double gain = 0;
    for (int l = 1; l < kDepth; ++l) gain += std::log(at(run, "backward_gain", l));
    log_gain += (gain / (kDepth - 1) - std::log(e.gain)) / kSeeds;
  }
  EXPECT_LT(std::abs(z), 3 / std::sqrt(kSeeds));
  EXPECT_LT(std::abs(log_gain), 0.03);
  // relu's square scatters by 5 / width a layer.
  EXPECT_LT(std::abs(log_square), 3 * std::sqrt(5.0 * kDepth / kWidth / kSeeds));
  EXPECT_LT(std::abs(likeness), 0.04);
}

INSTANTIATE_TEST_SUITE_P(
    Kinds, TheoryOfNetworks,
    testing::Values("activation = \"sigmoid\"\ninitialiser = \"plain\"", "activation = \"tanh\"",
                    "activation = \"relu\"",
                    "activation = \"gelu\"\ninitialiser = \"orthogonal(1.4)\"\nnormalisation = "
                    "\"layer\"",
                    "activation = \"gelu\"", "activation = \"tanh\"\nbias = 0.3",
                    "activation = \"sigmoid\"\nshift = -0.5\ninitialiser = \"plain(4)\"",
                    "activation = \"sigmoid\"\ninitialiser = \"lsuv\"",
                    "activation = \"gelu\"\ninitialiser = \"critical\"",
                    "activation = \"tanh\"\ninitialiser = \"critical_orthogonal\"",
                    "activation = \"relu\"\nresidual = \"zero\"",
                    "activation = \"tanh\"\nresidual = \"zero\"\nnormalisation = \"layer\"",
                    "activation = \"relu\"\nnormalisation = \"batch\"",
                    "activation = \"relu\"\nnormalisation = \"layer\"",
                    "activation = \"tanh\"\nresidual = \"plain\"",
                    "activation = \"relu\"\nresidual = \"scaled\"\nnormalisation = \"layer\"",
                    "activation = \"relu\"\nresidual = \"plain\"\nnormalisation = \"batch\""));

TEST(Theory, SaysWhyItSaysNothing) {
  Theory theory;
  const auto none = [&](const char* toml) {
    lab::Run run;
    run.spec = parse_study(toml, "network.toml").runs.front();
    run.initialiser = resolve_initialiser(run.spec);
    return theory.of(run).none;
  };
  EXPECT_EQ(none("architecture = \"convolution\""), "its weights are shared between places");
  EXPECT_EQ(none("initialiser = \"zeros\""),
            "its initial weights, zeros, are no random numbers of mean 0");
  EXPECT_EQ(none("bias = 0.5\nresidual = \"plain\""),
            "its biases start at a constant, which skips add up");
  EXPECT_NE(none("activation = \"log1mexp\""), "");
  EXPECT_EQ(none(""), "");
}

// Mini-batches average, so that what training computes is smaller than an example's own gradient.
TEST(Theory, FormatsLoseTheMiniBatchsGradient) {
  Theory theory;
  lab::Run run;
  run.spec = parse_study("activation = \"sigmoid\"\ninitialiser = \"plain\"\ndepth = 64\nbatch = 1",
                         "network.toml")
                 .runs.front();
  const auto lost = [&] { return theory.of(run).formats[2].lost_up_to.value_or(0); };
  const int alone = lost();
  run.spec.batch = 1024;  // five layers of sigmoid, each letting a quarter through at best
  EXPECT_NEAR(lost() - alone, std::log(1024) / std::log(1 / 0.236), 1);
  EXPECT_GT(alone, 40);
}

}  // namespace
}  // namespace gradkeep::lab
