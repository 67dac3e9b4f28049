// The doctor on patients whose illness is known.
// SPDX-License-Identifier: Apache-2.0
#include "lab/doctor.h"

#include <cmath>

#include "lab/study.h"
#include "temporary.h"

namespace gradkeep::lab {
namespace {

Run train(const std::string& toml) {
  return run_one(parse_study("data = \"two_spirals\"\nrows = 200\nsteps = 200\nwidth = 32\n" + toml,
                             "patient.toml")
                     .runs.front());
}

Cause cause_of(const std::string& toml) { return diagnose(train(toml)).cause; }

TEST(Doctor, GainIsTheProductOverLayers) {
  const auto run = train("activation = \"sigmoid\"\ndepth = 8\ninitialiser = \"plain\"");
  const auto g = gains(run, true);
  EXPECT_NEAR(g.layer, g.slope * g.weight, 1e-12);
  EXPECT_NEAR(g.total, std::pow(g.layer, 7), 1e-12);
  EXPECT_EQ(g.slope_max, 0.25);
  EXPECT_EQ(g.bound, std::pow(0.25, 7));
  EXPECT_LT(g.slope, 0.25);
}

TEST(Doctor, FunctionThatIsFlatEverywhere) {
  const auto d = diagnose(train("activation = \"sigmoid\"\ndepth = 12\ninitialiser = \"plain\""));
  EXPECT_EQ(d.cause, Cause::function);
  EXPECT_FALSE(d.learned);
  EXPECT_HAS(d.verdict, "0.25");
  ASSERT_FALSE(d.cures.empty());
  EXPECT_EQ(d.cures[0].run, 0);
}

TEST(Doctor, WeightsTooSmall) {
  EXPECT_EQ(cause_of("activation = \"gelu\"\ndepth = 16\ninitialiser = \"plain\""), Cause::weights);
  EXPECT_EQ(cause_of("activation = \"tanh\"\ndepth = 12\ninitialiser = \"normal(0.02)\""),
            Cause::weights);
}

TEST(Doctor, Saturation) {
  EXPECT_EQ(cause_of("activation = \"hard_tanh\"\ndepth = 12\ninitialiser = \"normal(0.9)\"\n"
                     "learning_rate = 1e-6"),
            Cause::unknown)
      << "strong weights make up for flat slopes";
}

TEST(Doctor, Exploding) {
  EXPECT_EQ(cause_of("activation = \"identity\"\ndepth = 12\ninitialiser = \"normal(1.0)\"\n"
                     "optimiser = \"sgd\"\nlearning_rate = 10"),
            Cause::exploding);
}

TEST(Doctor, Arithmetic) {
  EXPECT_EQ(cause_of("activation = \"sigmoid\"\ndepth = 4\ninitialiser = \"normal(60)\"\n"
                     "derivative = \"output\"\noptimiser = \"sgd\"\nlearning_rate = 1e-6"),
            Cause::arithmetic);
}

TEST(Doctor, Healthy) {
  const auto d =
      diagnose(train("activation = \"relu\"\ndepth = 2\nsteps = 2000\nlearning_rate = 0.01"));
  EXPECT_EQ(d.cause, Cause::healthy) << d.verdict;
  EXPECT_TRUE(d.cures.empty());
}

TEST(Doctor, CuresAreMeasuredWhereTheStoreCan) {
  TemporaryFolder folder;
  Store store(folder / "s.db", Store::Mode::write);
  run_study(parse_study(R"(
data = "digits"
activation = ["sigmoid", "relu"]
depth = 8
seed = [1, 2]
initialiser = ["plain", "matched"]
width = 32
steps = 300
optimiser = "sgd"
learning_rate = 0.1
)",
                        "s.toml"),
            store);
  const auto runs = store.runs();
  const auto& patient = runs.front();
  ASSERT_EQ(patient.spec.activation, "sigmoid");
  const auto d = diagnose(store, runs, patient.id);
  EXPECT_EQ(d.cause, Cause::function) << d.verdict;
  ASSERT_FALSE(d.cures.empty());
  const auto& cure = d.cures.front();
  EXPECT_EQ(cure.change, "activation relu");
  EXPECT_GT(cure.run, 0);
  EXPECT_GT(cure.accuracy, d.accuracy + 0.3);
  EXPECT_GT(cure.gain, d.start.layer);
  double mean = 0;
  for (const auto& run : runs)
    if (run.spec.activation == "relu" && run.spec.initialiser == patient.spec.initialiser)
      mean += run.last.test_accuracy / 2;
  EXPECT_DOUBLE_EQ(cure.accuracy, mean);
}

TEST(Doctor, EveryCauseHasAName) {
  for (int i = 0; i <= static_cast<int>(Cause::unknown); ++i)
    EXPECT_FALSE(name(static_cast<Cause>(i)).empty());
}

}  // namespace
}  // namespace gradkeep::lab
