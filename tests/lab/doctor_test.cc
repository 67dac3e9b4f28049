// The doctor on patients whose illness is known.
// SPDX-License-Identifier: Apache-2.0
#include "lab/doctor.h"

#include <algorithm>
#include <cmath>
#include <fstream>

#include "data/random.h"
#include "lab/study.h"
#include "temporary.h"

namespace gradkeep::lab {
namespace {

Run train(const std::string& toml, int steps = 200) {
  return run_one(parse_study("data = \"two_spirals\"\nrows = 200\nwidth = 32\nsteps = " +
                                 std::to_string(steps) + "\n" + toml,
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
  EXPECT_HAS(d.evidence[2], "Theory expects 0.23");
  ASSERT_FALSE(d.cures.empty());
  EXPECT_EQ(d.cures[0].run, 0);
}

TEST(Doctor, WeightsTooSmall) {
  EXPECT_EQ(cause_of("activation = \"gelu\"\ndepth = 16\ninitialiser = \"plain\"\n"
                     "optimiser = \"sgd\""),
            Cause::weights);
  EXPECT_EQ(cause_of("activation = \"tanh\"\ndepth = 12\ninitialiser = \"normal(0.02)\""),
            Cause::weights);
}

// Inputs of a thousand, not scaled: the first layer's units sit far out on tanh's flat ends. The
// classes are drawn by lot, so that the upper layers cannot learn them on their own.
TEST(Doctor, Saturation) {
  TemporaryFolder folder;
  data::Random random(3);
  std::ofstream csv(folder / "far.csv");
  csv << "x,z,class\n";
  for (int i = 0; i < 200; ++i)
    csv << 1000 * random.normal() << "," << 1000 * random.normal() << ","
        << (random.below(2) ? "a" : "b") << "\n";
  csv.close();
  const auto study = parse_study(
      "data = \"far.csv\"\nlabel = \"class\"\nscale = \"none\"\nactivation = \"tanh\"\n"
      "depth = 2\nsteps = 50\noptimiser = \"sgd\"",
      folder / "far.toml");
  const auto d = diagnose(run_one(study.runs.front()));
  EXPECT_EQ(d.cause, Cause::saturation) << d.verdict;
  EXPECT_GT(d.saturated, 0.25);
}

TEST(Doctor, Exploding) {
  EXPECT_EQ(cause_of("activation = \"identity\"\ndepth = 12\ninitialiser = \"normal(1.0)\"\n"
                     "optimiser = \"sgd\"\nlearning_rate = 10"),
            Cause::exploding);
}

TEST(Doctor, Arithmetic) {
  EXPECT_EQ(cause_of("activation = \"tanh\"\ndepth = 4\ninitialiser = \"normal(4)\"\n"
                     "derivative = \"output\"\noptimiser = \"sgd\"\nlearning_rate = 1e-6"),
            Cause::arithmetic);
}

TEST(Doctor, GradientsThatAFormatLoses) {
  const std::string patient =
      "activation = \"sigmoid\"\ndepth = 12\ninitialiser = \"plain\"\nprecision = \"f16\"";
  const auto d = diagnose(train(patient));
  EXPECT_EQ(d.cause, Cause::arithmetic);
  std::string said;
  for (const auto& sentence : d.evidence) said += sentence;
  EXPECT_HAS(said, "nothing arrives of the gradient");
  EXPECT_EQ(said.find("nan"), std::string::npos) << said;
  ASSERT_EQ(d.cures.size(), 2u);
  EXPECT_EQ(d.cures[0].change, "loss_scale dynamic");
  EXPECT_EQ(d.cures[1].change, "precision f32");
  EXPECT_EQ(cause_of(patient + "\nloss_scale = \"dynamic\""), Cause::function);
}

TEST(Doctor, StepsThatADynamicLossScaleLeftOut) {
  const auto said = [](const std::string& initialiser) {
    const auto run = train("activation = \"relu\"\ndepth = 3\nprecision = \"f16\"\n" +
                               ("loss_scale = \"dynamic\"\ninitialiser = \"" + initialiser + "\""),
                           40);
    std::string text;
    for (const auto& sentence : diagnose(run).evidence) text += sentence;
    return text;
  };
  EXPECT_HAS(said("he_normal(8)"), " of 40 steps were left out because a gradient overflowed.");
  EXPECT_EQ(said("he_normal(0.1)").find("left out"), std::string::npos);
}

TEST(Doctor, Healthy) {
  const auto d = diagnose(train("activation = \"relu\"\ndepth = 2\nlearning_rate = 0.01", 2000));
  EXPECT_EQ(d.cause, Cause::healthy) << d.verdict;
  EXPECT_TRUE(d.cures.empty());
}

TEST(Doctor, CuresAreMeasuredWhereTheStoreCan) {
  TemporaryFolder folder;
  Store store(folder / "s.db", Store::Mode::write);
  run_study(parse_study(R"toml(
data = "digits"
activation = ["sigmoid", "relu"]
depth = 8
seed = [1, 2]
initialiser = ["plain", "matched"]
width = 32
steps = 300
optimiser = "sgd"
learning_rate = 0.1
)toml",
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
      mean += run.test_accuracy / 2;
  EXPECT_DOUBLE_EQ(cure.accuracy, mean);
}

// Where every network has a learning rate chosen for it, that rate is no second difference.
TEST(Doctor, AChosenRateIsPartOfItsNetwork) {
  TemporaryFolder folder;
  Store store(folder / "s.db", Store::Mode::write);
  store.begin_session({});
  const auto add = [&](const char* activation, double rate, double accuracy, bool tuning) {
    lab::Run run;
    run.session = 1;
    run.spec.activation = activation;
    run.spec.learning_rate = rate;
    run.spec.tuning = tuning;
    run.key = canonical_key(run.spec);
    run.classes = 10;
    run.curve = {{0, 0, 2.3, 0.1, 2.3, 0.1}, {10, 1, 2.3, accuracy, 2.3, accuracy}};
    run.test_accuracy = accuracy;
    store.add(run);
    return run.spec;
  };
  const auto trial = add("tanh", 0.1, 0.1, true);
  const auto sick = add("tanh", 0.1, 0.1, false), well = add("relu", 0.01, 0.9, false);
  const auto measured = [&] {
    const auto runs = store.runs();
    const auto cures = diagnose(store, runs, runs.front().id).cures;
    return std::count_if(cures.begin(), cures.end(), [](const Cure& c) { return c.run != 0; });
  };
  store.set_wanted({trial, sick, well});
  EXPECT_EQ(measured(), 1);
  store.set_wanted({sick, well});
  EXPECT_EQ(measured(), 0);
}

TEST(Doctor, EveryCauseHasAName) {
  for (int i = 0; i <= static_cast<int>(Cause::unknown); ++i)
    EXPECT_FALSE(name(static_cast<Cause>(i)).empty());
}

}  // namespace
}  // namespace gradkeep::lab
