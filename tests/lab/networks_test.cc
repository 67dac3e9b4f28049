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
      "[\"h_square\", \"similarity\", \"gradient_rms\", \"backward_gain\", \"saturated\"]\n";
  return run_one(parse_study(common + "width = " + std::to_string(kWidth) +
                                 "\ndepth = " + std::to_string(kDepth) +
                                 "\nseed = " + std::to_string(seed) + "\n" + toml,
                             "network.toml")
                     .runs.front());
}

// relu and gelu pass the scatter of a signal's size on, 5 / width a layer for relu; in others it dies
// out or normalisation takes it away.
const double kScatters = 3 * std::sqrt(5.0 * kDepth / kWidth / kSeeds), kSettles = 0.1;

struct Kind {
  const char* toml;
  double square;  // how far the logarithm of the last layer's mean square may lie off
};
void PrintTo(const Kind& kind, std::ostream* out) { *out << kind.toml; }

class TheoryOfNetworks : public testing::TestWithParam<Kind> {};

// Over the seeds: the gradient in the first layer is where its predicted scatter (z) allows;
// the last layer's mean square, likeness and saturation are where the first
// layer's lead.
TEST_P(TheoryOfNetworks, HoldsBeforeTheFirstStep) {
  Theory theory;
  double z = 0, log_square = 0, likeness = 0, log_gain = 0, saturated = 0;
  for (int seed = 1; seed <= kSeeds; ++seed) {
    const auto run = train(GetParam().toml, seed);
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
    saturated += (at(run, "saturated", kDepth) - last.saturated) / kSeeds;
    double gain = 0;
    for (int l = 1; l < kDepth; ++l) gain += std::log(at(run, "backward_gain", l));
    log_gain += (gain / (kDepth - 1) - std::log(e.gain)) / kSeeds;
  }
  // A batch of examples scatters less than the one gradient that z is about.
  EXPECT_LT(std::abs(z), 2 / std::sqrt(kSeeds));
  EXPECT_LT(std::abs(log_gain), 0.03);
  EXPECT_LT(std::abs(log_square), GetParam().square);
  EXPECT_LT(std::abs(likeness), 0.04);
  EXPECT_LT(std::abs(saturated), 0.03);
}

INSTANTIATE_TEST_SUITE_P(
    Kinds, TheoryOfNetworks,
    testing::Values(
        Kind{"activation = \"sigmoid\"\ninitialiser = \"plain\"", kSettles},
        Kind{"activation = \"tanh\"", kSettles}, Kind{"activation = \"relu\"", kScatters},
        Kind{"activation = \"gelu\"\ninitialiser = \"orthogonal(1.4)\"\nnormalisation = \"layer\"",
             kSettles},
        Kind{"activation = \"gelu\"", kScatters},
        Kind{"activation = \"tanh\"\nbias = 0.3", kSettles},
        Kind{"activation = \"relu\"\nbias = -1\ninitialiser = \"he_normal(2)\"", kScatters},
        Kind{"activation = \"relu\"\nbias = -2\nnormalisation = \"batch\"", kSettles},
        Kind{"activation = \"sigmoid\"\nshift = -0.5\ninitialiser = \"plain(4)\"", kSettles},
        Kind{"activation = \"tanh\"\ninitialiser = \"orthogonal\"", kSettles},
        Kind{"activation = \"sigmoid\"\ninitialiser = \"lsuv\"", kSettles},
        Kind{"activation = \"tanh\"\ninitialiser = \"lsuv\"\ndropout = 0.3", kSettles},
        Kind{"activation = \"gelu\"\ninitialiser = \"critical\"", kScatters},
        Kind{"activation = \"tanh\"\ninitialiser = \"critical_orthogonal\"", kSettles},
        Kind{"activation = \"relu\"\nresidual = \"zero\"", kSettles},
        Kind{"activation = \"tanh\"\nresidual = \"zero\"\nnormalisation = \"layer\"", kSettles},
        Kind{"activation = \"relu\"\nnormalisation = \"batch\"", kSettles},
        Kind{"activation = \"relu\"\nnormalisation = \"layer\"", kSettles},
        Kind{"activation = \"tanh\"\nresidual = \"plain\"", kSettles},
        Kind{"activation = \"relu\"\nresidual = \"scaled\"\nnormalisation = \"layer\"", kSettles},
        Kind{"activation = \"relu\"\nresidual = \"plain\"\nnormalisation = \"batch\"", kSettles}));

}  // namespace
}  // namespace gradkeep::lab
